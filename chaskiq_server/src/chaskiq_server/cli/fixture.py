"""A stored webhook as a test case: its body with nobody in it, how it came, and what the channel makes of it."""

import json
import secrets
from pathlib import Path

from chaskiq_core.desk import dead_letters
from chaskiq_core.errors import InvalidError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.integrations.settings import validate_settings
from chaskiq_core.model.table import JsonObject
from chaskiq_core.plugin.webhook import WebhookRequest
from chaskiq_core.store.locate import locate_inbound_item
from chaskiq_server.cli.anonymise import anonymise
from chaskiq_server.cli.found import acting_with
from chaskiq_server.cli.parse import look


async def make_fixture(chaskiq: Chaskiq, item_id: str) -> JsonObject:
    """Body, request and events; nothing of them tells who wrote. InvalidError for a body that is no JSON."""
    acting = await acting_with(chaskiq, item_id, locate=locate_inbound_item, what="inbound item")
    stored = await acting.read(dead_letters.webhook, item_id)
    try:
        body = json.loads(stored.body)
    except (ValueError, RecursionError):
        raise InvalidError(f"inbound item {item_id} is no JSON: only JSON can be anonymised") from None
    channel = chaskiq.channel(stored.provider)
    clean = anonymise(body, salt=secrets.token_hex(16))
    request = WebhookRequest(
        method=stored.method,
        headers={"content-type": "application/json"},
        body=json.dumps(clean, ensure_ascii=False).encode(),
    )
    settings = validate_settings(channel.manifest, channel.manifest.example_settings)
    seen = await look(chaskiq.host, channel, request, settings, is_signed=False)
    return {
        "body": clean,
        "http": {"method": stored.method, "headers": {"Content-Type": "application/json"}},
        "events": seen.events,
    }


def write_fixture(made: JsonObject, folder: Path, name: str) -> list[str]:
    """The three files of a corpus' case; their paths. InvalidError if one is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        folder / f"{name}.json": made["body"],
        folder / f"{name}.http.json": made["http"],
        folder / f"{name}.expect.json": {"events": made["events"]},
    }
    for path in files:
        if path.exists():
            raise InvalidError(f"{path} is there already; choose another --name")
    for path, content in files.items():
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return [str(path) for path in files]
