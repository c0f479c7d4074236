"""The App of a row of the ledgers, for commands that name the row only."""

from chaskiq_core.model import Delivery, InboundItem
from chaskiq_core.model.ids import AppId
from chaskiq_core.store.unit import HouseUnit

MAX_ID_DIGITS = 18


def locate_inbound_item(house: HouseUnit, item_id: str) -> AppId | None:
    """Whose element of a webhook it is; None: nobody's."""
    if not (item_id.isascii() and item_id.isdigit() and len(item_id) <= MAX_ID_DIGITS):
        return None
    return house.first(house.select(InboundItem.app_id).where(InboundItem.id == int(item_id)))


def locate_delivery(house: HouseUnit, key: str) -> AppId | None:
    """Whose delivery it is; None: nobody's."""
    return house.first(house.select(Delivery.app_id).where(Delivery.key == key))
