"""`chaskiq inbound fixture`: a stored webhook as a test case that tells nothing of anybody."""

import json
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaskiq_core import Chaskiq, load_settings
from chaskiq_core.desk import dead_letters, integrations
from chaskiq_core.plugin import WebhookRequest
from chaskiq_core.staff.apps import create_app
from chaskiq_plugins.telegram.tests.telegram_updates import SECRET, message, update
from chaskiq_server.cli.anonymise import anonymise
from tests.harness.command_line import chaskiq
from tests.harness.databases import Database
from tests.harness.house import SECRET_KEY

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
WRITTEN = "Call Ruth Adeyemi on +49 30 901820, or ruth@example.org 🎉"


def shape(value: object) -> object:
    """The value without what it says."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return (type(value), len(value.encode("utf-16", "surrogatepass"))) if isinstance(value, str) else type(value)


@given(value=JSON, salt=st.text(min_size=1, max_size=5))
def test_the_shape_and_the_lengths_stay(value: object, salt: str) -> None:
    assert shape(anonymise(value, salt=salt)) == shape(value)


def test_an_id_is_replaced_however_small_and_a_count_stays() -> None:
    changed = anonymise({"from": {"id": 1001}, "chat_id": 7, "width": 90, "message_id": 12}, salt="s")

    assert isinstance(changed, dict)
    assert changed["from"]["id"] != 1001
    assert (changed["width"], changed["message_id"]) == (90, 12)


@given(text=st.text(alphabet="abcdefgh", min_size=4, max_size=20), number=st.integers(100_000, 1 << 50))
def test_equal_values_stay_equal_and_become_others(text: str, number: int) -> None:
    changed = anonymise({"a": text, "b": [text], "id": number, "again": number, "text_id": str(number)}, salt="s")

    assert isinstance(changed, dict)
    assert changed["a"] == changed["b"][0] != text
    assert changed["id"] == changed["again"] == int(changed["text_id"]) != number


def receive_an_update(database: Database) -> str:
    """The id of the ledger's element of an update that a person wrote."""

    async def receive() -> str:
        settings = load_settings(database_url=database.url, secret_key=SECRET_KEY, _env_file=None)
        async with Chaskiq(settings) as house:
            _, key = await house.store.house_write(create_app, "Acme")
            acting = house.acting(key, as_system="tests")
            given = {"access_token": "6100200300:AAHnone-of-these-is-a-real-token-0123", "secret_token": SECRET}
            sealed = house.seal_settings("telegram", given, hook_token="hook")
            await acting.write(integrations.add, sealed, name="Bot", install=False)
            entities = [{"type": "bold", "offset": 5, "length": 12}]
            body = json.dumps(update("message", message(text=WRITTEN, entities=entities))).encode()
            headers = {"x-telegram-bot-api-secret-token": SECRET}
            await house.receive("hook", WebhookRequest(headers=headers, body=body))
            [item] = (await acting.read(dead_letters.inbound, state="pending")).items
            return item.id

    return anyio.run(receive)


def test_a_stored_webhook_is_a_case_that_can_be_parsed_again(on_each: Database, tmp_path: Path) -> None:
    item = receive_an_update(on_each)

    files = chaskiq("inbound", "fixture", item, "--into", str(tmp_path), "--name", "bold").document["files"]
    parsed = chaskiq("channels", "parse", "telegram", str(tmp_path / "bold.json")).document

    assert isinstance(files, list)
    told = "".join(Path(str(file)).read_text() for file in files)
    for private in ("Ruth", "Adeyemi", "ruth_a", "example", "901820", "71001", SECRET):
        assert private not in told
    assert parsed["status"] == 200
    assert parsed["events"] == json.loads((tmp_path / "bold.expect.json").read_text())["events"]
    [event] = json.loads((tmp_path / "bold.expect.json").read_text())["events"]
    assert (event["kind"], len(event["text"]), event["text"][-1]) == ("message", len(WRITTEN), "🎉")


def test_a_case_is_printed_where_no_folder_is_named_and_writes_over_nothing(on_each: Database, tmp_path: Path) -> None:
    item = receive_an_update(on_each)
    (tmp_path / "case.json").write_text("mine")

    printed = chaskiq("inbound", "fixture", item).document
    refused = chaskiq("inbound", "fixture", item, "--into", str(tmp_path))

    assert set(printed) == {"body", "http", "events"}
    assert refused.code == 2
    assert (tmp_path / "case.json").read_text() == "mine"


@pytest.mark.parametrize("item", ["0", "x", "999999999999"])
def test_what_is_not_there_is_one_sentence(on_each: Database, item: str) -> None:
    refused = chaskiq("inbound", "fixture", item)

    assert refused.code == 2
    assert "Traceback" not in refused.stderr
