"""Posting a message, in a public channel after joining it if we are not there yet."""

from chaskiq_core.plugin import JsonObject, RecipientError
from chaskiq_slack.calling.api import Api

PUBLIC = "C"


async def post_message(api: Api, channel: str, **told: object) -> JsonObject:
    """The answer of chat.postMessage."""
    try:
        return await api.write("chat.postMessage", channel=channel, **told)
    except RecipientError as error:
        if error.code != "not_in_channel" or not channel.startswith(PUBLIC):
            raise
    # A public channel can be joined; a private one refuses that, and its refusal is the answer.
    await api.write("conversations.join", channel=channel)
    return await api.write("chat.postMessage", channel=channel, **told)
