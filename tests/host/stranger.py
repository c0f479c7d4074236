"""A stranger's channel, found by its entry point: its pure hooks run in a child process. It misbehaves on demand."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from chaskiq_core.plugin import (
    Accepted,
    ChannelSettings,
    InboundEvent,
    Verdict,
    WebhookItem,
    WebhookRequest,
    hookimpl,
)
from tests.harness.tiny_channel import TinyChannel, TinySettings


class Stranger(TinyChannel):
    """Does what the body tells it to."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(self.manifest, provider="stranger")

    @hookimpl
    def verify(self, request: WebhookRequest, settings: ChannelSettings) -> Verdict:
        return Accepted()

    @hookimpl
    def parse(self, request: WebhookRequest, item: WebhookItem, settings: TinySettings) -> Sequence[InboundEvent]:
        match request.headers.get("x-do"):
            case "spin":
                while True:
                    continue
            case "exit":
                os._exit(3)
            case "raise":
                raise KeyError("a bug")
            case "rubbish":
                return "not events"  # type: ignore[return-value]
            case "slow":
                time.sleep(0.05)
        return super().parse(request, item, settings)


channel = Stranger()
