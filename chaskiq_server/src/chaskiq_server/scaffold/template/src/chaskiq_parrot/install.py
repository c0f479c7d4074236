"""Registers our webhook with Parrot."""

from chaskiq_core.plugin import AccountError, ChannelContext, Installed
from chaskiq_parrot.calls import call
from chaskiq_parrot.elements import id_at, text_at
from chaskiq_parrot.manifest import ParrotSettings


async def install_webhook(hook_url: str, context: ChannelContext[ParrotSettings]) -> Installed:
    """The account that calls us from now on."""
    answer = await call(context, "/webhook", {"url": hook_url})
    account = id_at(answer, "account")
    if not account:
        raise AccountError("Parrot did not say whose account the token is")
    return Installed(account=account, name=text_at(answer, "name") or account)
