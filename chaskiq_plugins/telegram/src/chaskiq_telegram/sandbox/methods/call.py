"""One call of a Bot API method, and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_telegram.sandbox.files.incoming import Tray
from chaskiq_telegram.sandbox.memory.bots import Bot
from chaskiq_telegram.sandbox.methods.parameters import Parameters
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A bot that calls, and what it passes."""

    sandbox: TelegramSandbox
    bot: Bot
    parameters: Parameters
    tray: Tray  # the files that came with the call, and those that its URLs led to


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a method answers when it has done its work."""

    result: Json
    description: str | None = None  # a few methods say in words what they did
    message_ids: tuple[int, ...] = ()  # the messages it made

    @property
    def body(self) -> JsonObject:
        body: JsonObject = {"ok": True, "result": self.result}
        return body if self.description is None else body | {"description": self.description}


Method: TypeAlias = Callable[[Call], Answer]  # raises BotApiError for what Telegram refuses
