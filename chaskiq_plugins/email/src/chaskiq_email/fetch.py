"""A file of a mail: it came with it, and is read out of the stored bytes."""

from anyio import to_thread

from chaskiq_core.plugin import Attachment, ContentError, MediaSink, WebhookRequest
from chaskiq_email.reading.attachments import bytes_of

CHUNK_BYTES = 256_000


async def fetch_file(attachment: Attachment, target: MediaSink, request: WebhookRequest | None) -> None:
    """The bytes of the attachment to the target; ContentError if the mail is not kept any more."""
    if request is None:
        raise ContentError("the mail is not kept any more, and its files with it")
    content = await to_thread.run_sync(bytes_of, request.body, attachment.provider_file_id or "")
    if content is None:
        raise ContentError("the mail has no such part")
    for begin in range(0, len(content), CHUNK_BYTES):
        await target.write(content[begin : begin + CHUNK_BYTES])
