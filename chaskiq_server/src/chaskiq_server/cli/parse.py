"""What a channel makes of webhook bodies in files: verify, route and parse, with no database and no network."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from chaskiq_core.errors import InvalidError, PluginError, UnreadableError
from chaskiq_core.host.call import Host, Limits
from chaskiq_core.host.registry import Channel
from chaskiq_core.inbound.receive import MAX_BODY_BYTES
from chaskiq_core.integrations.settings import validate_settings
from chaskiq_core.model.table import JsonObject
from chaskiq_core.plugin.manifest import ChannelSettings
from chaskiq_core.plugin.webhook import Accepted, Answer, Refused, WebhookItem, WebhookRequest
from chaskiq_core.presenters.events import present_inbound_event
from chaskiq_server.cli.answers import show

MEDIA_TYPES = {".json": "application/json", ".eml": "message/rfc822"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a provider would be answered, and what would come of the webhook."""

    status: int
    response: str | None = None
    events: list[JsonObject] = field(default_factory=list)


async def parse_files(channel: Channel, files: Iterable[Path]) -> None:
    """Print a line of JSON per file."""
    async with httpx.AsyncClient() as http:
        host = Host(http, Limits())
        for file in files:
            request, settings, is_signed = read_webhook(channel, file)
            seen = await look(host, channel, request, settings, is_signed=is_signed)
            show({"file": str(file), "status": seen.status, "response": seen.response, "events": seen.events})


def read_webhook(channel: Channel, file: Path) -> tuple[WebhookRequest, ChannelSettings, bool]:
    """The request in a file and beside it, the settings to read it with, and whether a secret is there to verify it."""
    told = _describe(file.with_name(f"{file.stem}.http.json"))
    headers, query = told.get("headers") or {}, told.get("query") or ""
    if not isinstance(headers, Mapping):
        raise InvalidError(f"{file.stem}.http.json: headers must be an object")
    request = WebhookRequest(
        method=str(told.get("method") or "POST").upper(),
        headers={
            **({"content-type": MEDIA_TYPES[file.suffix]} if file.suffix in MEDIA_TYPES else {}),
            **{str(name).lower(): str(value) for name, value in headers.items()},
        },
        query=urlencode(query, doseq=True) if isinstance(query, Mapping) else str(query).removeprefix("?"),
        body=file.read_bytes(),
        received_at=_time(told.get("freeze_time"), file),
    )
    manifest = channel.manifest
    given = {name: value for name, value in told.items() if name in manifest.settings.model_fields}
    settings = validate_settings(manifest, {**manifest.example_settings, **given})
    return request, settings, bool(given.keys() & manifest.settings.secret_names())


async def look(
    host: Host, channel: Channel, request: WebhookRequest, settings: ChannelSettings, *, is_signed: bool
) -> Seen:
    """What would come of a webhook; one that is not signed is taken as authentic."""
    if request.method not in channel.manifest.methods:
        return Seen(status=405)
    if len(request.body) > MAX_BODY_BYTES:
        return Seen(status=413)
    try:
        if not is_signed:
            items = await host.route(channel, request, settings)
            return Seen(status=200, events=await _events(host, channel, request, items, settings))
        verdict, items = await host.receive(channel, request, settings)
    except UnreadableError as error:
        return Seen(status=400, response=str(error))
    except PluginError as error:
        return Seen(status=500, response=str(error))
    match verdict:
        case Refused():
            return Seen(status=verdict.status, response=verdict.reason)
        case Answer():
            return Seen(status=verdict.status, response=verdict.body)
        case Accepted():
            events = await _events(host, channel, request, items, settings)
            return Seen(status=200, response=verdict.body or None, events=events)


async def _events(
    host: Host, channel: Channel, request: WebhookRequest, items: Iterable[WebhookItem], settings: ChannelSettings
) -> list[JsonObject]:
    events: list[JsonObject] = []
    for item in items:
        try:
            parsed = await host.parse(channel, request, item, settings)
        except (UnreadableError, PluginError) as error:
            # The provider got its 200: the element would be parked as failed, and the others go on.
            events.append({"kind": "ignored", "provider_event_id": None, "reason": str(error), "failed": True})
            continue
        events += [present_inbound_event(channel.manifest.provider, event) for event in parsed]
    return events


def _time(told: object, file: Path) -> float | None:
    """When the webhook came: its signature was young then."""
    if told is None:
        return None
    if not isinstance(told, int | float) or isinstance(told, bool):
        raise InvalidError(f"{file.stem}.http.json: freeze_time must be a time in Unix seconds")
    return float(told)


def _describe(path: Path) -> JsonObject:
    """What stands beside a body."""
    if not path.exists():
        return {}
    try:
        described = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(described, dict):
        raise InvalidError(f"{path.name} must be a JSON object")
    return described
