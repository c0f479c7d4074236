"""Whether an account works, a line per question, with what to do."""

from chaskiq_core.plugin import ChannelContext, HealthCheck, ReauthError, SendError
from chaskiq_email.install import check_account
from chaskiq_email.manifest import EmailSettings
from chaskiq_email.poll import try_mailbox


async def check_health(context: ChannelContext[EmailSettings], hook_url: str) -> list[HealthCheck]:
    """Sending, receiving, and what others think of our mails."""
    settings = context.settings
    return [await _sending(context), _encryption(settings), await _receiving(context, hook_url)]


async def _sending(context: ChannelContext[EmailSettings]) -> HealthCheck:
    host, port = context.settings.smtp_server
    try:
        await check_account(context)
    except ReauthError as error:
        fix = "set smtp_username and smtp_password anew; with two-step sign-in it is an app password"
        return HealthCheck(name="sending", ok=False, detail=error.message, fix=fix)
    except SendError as error:
        fix = (
            "see whether smtp_host, smtp_port and smtp_tls are right, and whether the account may send as from_address"
        )
        return HealthCheck(name="sending", ok=False, detail=error.message, fix=fix)
    return HealthCheck(
        name="sending", ok=True, detail=f"{host}:{port} takes mails from {context.settings.from_address}"
    )


def _encryption(settings: EmailSettings) -> HealthCheck:
    if settings.smtp_tls == "none" and settings.smtp_host not in ("localhost", "127.0.0.1", "::1"):
        detail = f"mails and the password go to {settings.smtp_host} as plain text"
        return HealthCheck(name="encryption", ok=False, detail=detail, fix="set smtp_tls=starttls or smtp_tls=tls")
    return HealthCheck(name="encryption", ok=True, detail=f"smtp_tls is {settings.smtp_tls}")


async def _receiving(context: ChannelContext[EmailSettings], hook_url: str) -> HealthCheck:
    host = context.settings.imap_host
    if host is None:
        detail = f"mails are taken by POST at {hook_url}, with the secret in the header X-Chaskiq-Secret"
        return HealthCheck(name="receiving", ok=True, detail=detail)
    try:
        count = await try_mailbox(context)
    except SendError as error:
        fix = "see whether imap_host, imap_port, imap_tls and imap_folder are right, and the user name and password"
        return HealthCheck(name="receiving", ok=False, detail=error.message, fix=fix)
    detail = f"{context.settings.imap_folder} at {host} can be read and holds {count} mails"
    return HealthCheck(name="receiving", ok=True, detail=detail)
