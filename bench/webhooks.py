"""The webhooks that the benches store: Telegram text messages of many chats, each a new one."""

import itertools
from dataclasses import dataclass, field

from bench.updates import CHATS, telegram_update
from chaskiq_core.model.ids import AppId, IntegrationId
from chaskiq_core.store.call import utc_now
from chaskiq_core.store.clock import IdClock
from chaskiq_core.store.ledgers import Arrival, ArrivedItem
from chaskiq_core.store.store import Store
from tests.harness.house_acts import an_app, insert_integration

ACCOUNT = "acme"
HEADERS = {"content-type": "application/json", "user-agent": "Telegram", "accept-encoding": "gzip, deflate"}
BODY = telegram_update(0)


@dataclass(frozen=True, slots=True)
class WebhookSource:
    """Makes webhooks for one integration, round robin over its chats."""

    app_id: AppId
    integration_id: IntegrationId
    chats: int = CHATS
    _clock: IdClock = field(default_factory=lambda: IdClock(1023))
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def next(self) -> Arrival:
        """A webhook with one message, as the door hands it to the ledger."""
        number = next(self._numbers)
        return Arrival(
            app_id=self.app_id,
            id=self._clock.next_id(),
            integration_id=self.integration_id,
            account=ACCOUNT,
            method="POST",
            headers=HEADERS,
            query="",
            body=BODY,
            received_at=utc_now(),
            items=(
                ArrivedItem(
                    id=self._clock.next_id(),
                    dedupe_key=f"message:{number}",
                    lane_key=lane_of(number % self.chats),
                    path="",
                ),
            ),
        )


def lane_of(chat: int) -> str:
    """The lane of a chat."""
    return f"telegram/42/{chat}"


async def install_source(store: Store) -> WebhookSource:
    """An App with an integration that webhooks come to."""
    app_id = await an_app(store)
    integration_id = await store.acting(app_id).write(insert_integration, ACCOUNT)
    return WebhookSource(app_id, integration_id)
