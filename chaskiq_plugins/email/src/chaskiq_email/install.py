"""Trying an account before it is used: the server greets us, knows us, and takes our address as a sender."""

from chaskiq_core.plugin import ChannelContext, Installed
from chaskiq_email.manifest import EmailSettings
from chaskiq_email.sending.answers import error_of
from chaskiq_email.sending.smtp import ERRORS, Deadline, connected


async def check_account(context: ChannelContext[EmailSettings]) -> Installed:
    """The account, if it can send; a SendError with the server's sentence otherwise."""
    settings = context.settings
    deadline = Deadline(context.timeout_seconds)
    async with connected(settings, deadline) as smtp:
        try:
            await smtp.mail(settings.from_address, timeout=deadline.left)
            await smtp.rset(timeout=deadline.left)
        except ERRORS as error:
            raise error_of(error, at_data=False, host=settings.smtp_host) from error
    return Installed(account=settings.from_address, name=settings.from_name or settings.from_address)
