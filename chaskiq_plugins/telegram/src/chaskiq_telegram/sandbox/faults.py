"""Telegram's faults: those of every sandbox, a group that has become another, and which chat or update is meant."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.responses import Response

from chaskiq_core.testing import sandbox as base
from chaskiq_core.testing.sandbox import Json
from chaskiq_telegram.sandbox.errors import TITLES, BotApiError, chat_migrated, too_many_requests
from chaskiq_telegram.sandbox.refusals import refusal

CHAT_MIGRATED = "chat_migrated"  # 400 with migrate_to_chat_id
TOO_MANY_REQUESTS = 429
OK = 200


class Fault(base.Fault):
    """A rule: the next calls that match it go wrong."""

    OWN_KINDS: ClassVar[frozenset[str]] = frozenset({CHAT_MIGRATED})

    chat_id: int | str | None = None  # only calls for this chat; None for all
    migrate_to_chat_id: int = -1002500193377  # of chat_migrated
    update: str | None = None  # only updates of this kind, of a webhook's faults; None for all

    def is_about(self, parameters: Mapping[str, Json]) -> bool:
        is_chat = self.chat_id is None or str(parameters.get("chat_id")) == str(self.chat_id)
        is_update = self.update is None or parameters.get("update") == self.update
        return is_chat and is_update and super().is_about(parameters)


def refuse(fault: Fault) -> Response:
    """What Telegram says when this goes wrong."""
    if fault.kind == CHAT_MIGRATED:
        return refusal(chat_migrated(fault.migrate_to_chat_id, fault.description))
    code = fault.status or OK
    if code == TOO_MANY_REQUESTS:
        return refusal(too_many_requests(fault.retry_after, fault.description))
    return refusal(BotApiError(code, fault.description or TITLES[code]))
