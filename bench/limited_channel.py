"""A channel whose provider publishes limits, and whose manifest stays below them, as Telegram's does."""

from chaskiq_core.errors import RetryLaterError
from chaskiq_core.plugin import ChannelContext, Piece, RateLimit, Receipt, hookimpl
from tests.harness.tiny_channel import TinyChannel, TinySettings


class LimitedChannel(TinyChannel):
    """`tiny`, whose messages leave over HTTP."""

    def __init__(self, *rate_limits: RateLimit) -> None:
        super().__init__(rate_limits=rate_limits)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TinySettings]) -> Receipt:
        answer = await context.http.post(
            f"{context.settings.api_base}/send", data={"chat_id": piece.channel_id, "text": piece.text}
        )
        told = answer.json()
        if not told["ok"]:
            raise RetryLaterError("429", code="429", retry_after_seconds=told["parameters"]["retry_after"])
        number = str(told["result"]["message_id"])
        return Receipt(external_ids=(number,), message_keys=(f"{piece.channel_id}:{number}",))
