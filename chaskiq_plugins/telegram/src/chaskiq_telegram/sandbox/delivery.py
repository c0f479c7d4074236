"""What the delivery of webhooks must know of Telegram: where a bot's updates go, and what one is about."""

from collections.abc import Callable

from chaskiq_core.testing.sandbox import JsonObject, Target, WaitingPost, read_object
from chaskiq_telegram.sandbox.memory.webhooks import Webhooks
from chaskiq_telegram.sandbox.updates import chat_id_of, kind_of

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Bots:
    """The bots as accounts: an account's name is the bot's id."""

    def __init__(self, webhooks: Webhooks, now: Callable[[], float]) -> None:
        self._webhooks = webhooks
        self._now = now

    def target(self, account: str, post: WaitingPost, failures: int) -> Target | None:
        webhook = self._webhooks.of_bot(int(account))
        if not webhook.url:
            return None
        headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate"}
        if webhook.secret_token:
            headers[SECRET_HEADER] = webhook.secret_token
        return Target(url=webhook.url, headers=headers, max_connections=webhook.max_connections)

    def facts(self, post: WaitingPost) -> JsonObject:
        update = read_object(post.body)
        return {"chat_id": chat_id_of(update), "update": kind_of(update)}

    def failed(self, account: str, error: str) -> None:
        self._webhooks.note_error(int(account), at=self._now(), error=error)
