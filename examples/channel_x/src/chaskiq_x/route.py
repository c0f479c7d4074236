"""The key of each event, and the person it is about: a chat has two sides, and one of them is always the account."""

from chaskiq_core.plugin import WebhookItem, WebhookRequest
from chaskiq_x.elements import elements_of, id_at, key_of, people_of


def route_elements(request: WebhookRequest) -> list[WebhookItem]:
    """One item per element of each list."""
    account = id_at(request.json(), "for_user_id")
    items = []
    for name, place, element in elements_of(request):
        sender, recipient = people_of(name, element)
        other = recipient if sender == account else sender
        items.append(WebhookItem(dedupe_key=key_of(name, element), lane=other, path=f"/{name}/{place}"))
    return items
