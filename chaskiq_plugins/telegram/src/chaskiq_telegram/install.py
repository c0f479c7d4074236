"""Telling Telegram where our webhook is, and taking it away again."""

from typing import Final

from chaskiq_core.plugin import (
    AccountError,
    ChannelContext,
    Installed,
    JsonObject,
    RetryLaterError,
    UnknownOutcomeError,
)
from chaskiq_telegram.calling.request import ContextRequest
from chaskiq_telegram.fields import number_id_at, text_at
from chaskiq_telegram.manifest import TelegramSettings

ALLOWED_UPDATES: Final = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
)
"""No chat_member: service messages tell of members already. No channel_post: nobody waits for an answer to one."""
MAX_CONNECTIONS = 40


class Unlogged(str):
    """A secret among a call's parameters, which python-telegram-bot logs when it debugs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


async def install_webhook(hook_url: str, context: ChannelContext[TelegramSettings]) -> Installed:
    """Register the URL; the bot's id and name. A SendError has Telegram's sentence for the operator."""
    secret_token = context.settings.secret_token
    if secret_token is None:
        raise AccountError("the setting secret_token is missing: without it anyone could write as Telegram")
    request = ContextRequest(context)
    try:
        me = await read_me(request)
        await request.result_of(
            request.bot.set_webhook(
                Unlogged(hook_url),
                secret_token=Unlogged(secret_token),
                allowed_updates=ALLOWED_UPDATES,
                max_connections=MAX_CONNECTIONS,
            )
        )
    except UnknownOutcomeError as error:
        # Registering the same URL again does no harm.
        raise RetryLaterError(error.message, code=error.code) from error
    return Installed(account=number_id_at(me, "id"), name=name_of(me))


async def uninstall_webhook(context: ChannelContext[TelegramSettings]) -> None:
    """Take the webhook away; updates that come after it wait for the next one."""
    request = ContextRequest(context)
    await request.result_of(request.bot.delete_webhook())


async def read_me(request: ContextRequest) -> JsonObject:
    """The bot as Telegram knows it."""
    me = await request.result_of(request.bot.get_me())
    if not isinstance(me, dict) or not number_id_at(me, "id"):
        raise UnknownOutcomeError("Telegram did not say which bot the access token belongs to")
    return me


def name_of(me: JsonObject) -> str:
    """How people find the bot."""
    username = text_at(me, "username")
    return f"@{username}" if username else text_at(me, "first_name")
