"""Sending a piece: composed, handed to the mail server; its Message-ID, the same on each attempt, is the receipt."""

from datetime import UTC, datetime

from anyio import to_thread

from chaskiq_core.plugin import ChannelContext, OutgoingMedia, Piece, Receipt, RecipientError
from chaskiq_email.manifest import MAX_FILE_BYTES, EmailSettings
from chaskiq_email.names import message_id_for
from chaskiq_email.reading.headers import is_address
from chaskiq_email.sending.compose import LoadedFile, compose
from chaskiq_email.sending.smtp import Deadline, connected, hand_over


async def send_piece(piece: Piece, context: ChannelContext[EmailSettings]) -> Receipt:
    """Send one mail; a SendError says what became of it otherwise."""
    settings = context.settings
    deadline = Deadline(context.timeout_seconds)
    recipient = _recipient(piece.channel_id)
    attached, links = _fitting(piece.media)
    files = [await _load(file, context) for file in attached]
    mail = compose(piece, settings, files=files, links=links, now=datetime.now(UTC))
    async with connected(settings, deadline) as smtp:
        await hand_over(
            smtp,
            mail,
            recipient=recipient,
            host=settings.smtp_host,
            sender=settings.from_address,
            deadline=deadline,
        )
    message_id = message_id_for(piece.key or piece.attempt_id, settings.from_address)
    return Receipt(external_ids=(message_id,), message_keys=(message_id,))


def _recipient(address: str) -> str:
    """The address as it goes over the wire: a domain beyond ASCII in its other spelling."""
    if not is_address(address):
        raise RecipientError(f"{address[:100]!r} is no e-mail address")
    local, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise RecipientError(f"{address[:100]!r} is no e-mail address: {error}") from error


def _fitting(media: tuple[OutgoingMedia, ...]) -> tuple[list[OutgoingMedia], list[OutgoingMedia]]:
    """What goes along, smallest first until the mail is full, and what is linked."""
    attached: set[int] = set()
    left = MAX_FILE_BYTES
    for n, file in sorted(enumerate(media), key=lambda one: one[1].size or 0):
        if file.media_id is not None and (file.size or 0) <= left:
            left -= file.size or 0
            attached.add(n)
    return (
        [file for n, file in enumerate(media) if n in attached],
        [file for n, file in enumerate(media) if n not in attached],
    )


async def _load(file: OutgoingMedia, context: ChannelContext[EmailSettings]) -> LoadedFile:
    async with context.media.open(file.media_id or "") as opened:
        content = await to_thread.run_sync(opened.read)
    return LoadedFile(filename=file.filename, media_type=file.mime or "application/octet-stream", content=content)
