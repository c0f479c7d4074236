"""`chaskiq channels parse`: what a channel makes of bodies in files, with no database, no network and no secret key."""

import hashlib
import json
import socket
from pathlib import Path

import pytest

from chaskiq_core.inbound.receive import MAX_BODY_BYTES
from chaskiq_core.model.table import JsonObject
from tests.harness.command_line import Ended, chaskiq

SECRET = "s3cr3t-Token_01"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
MESSAGE: JsonObject = {
    "message_id": 5,
    "date": 1784012450,
    "from": {"id": 71, "is_bot": False, "first_name": "Zoë"},
    "chat": {"id": 71, "type": "private", "first_name": "Zoë"},
    "text": "Grüß Gott",
}
UPDATE: JsonObject = {"update_id": 900, "message": MESSAGE}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings, no network: only the files."""
    for name in ("CHASKIQ_SECRET_KEY", "CHASKIQ_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", None)


def put(name: str, body: object, http: object = None) -> None:
    """A body, and what is known of its request."""
    Path(name).write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
    if http is not None:
        Path(name).with_name(f"{Path(name).stem}.http.json").write_text(json.dumps(http))


def parse(*names: str) -> list[JsonObject]:
    """The lines that are printed."""
    ended = chaskiq("channels", "parse", "telegram", *names)
    assert (ended.code, ended.stderr) == (0, "")
    lines: list[JsonObject] = [json.loads(line) for line in ended.stdout.splitlines()]
    return lines


def events_of(line: JsonObject) -> list[JsonObject]:
    """The events on a line."""
    events = line["events"]
    assert isinstance(events, list)
    return events


def test_a_body_alone_is_parsed_without_its_signature() -> None:
    put("text.json", UPDATE)

    [line] = parse("text.json")

    assert line == {
        "file": "text.json",
        "status": 200,
        "response": None,
        "events": [
            {
                "kind": "message",
                "provider_event_id": "900",
                "conversation_key": "telegram:71",
                "sender": {"id": "71", "name": "Zoë"},
                "text": "Grüß Gott",
                "attachments": [],
                "reply_to": None,
                "message_id": "5",
            }
        ],
    }
    assert [path.name for path in Path().iterdir()] == ["text.json"]


def test_each_file_has_a_line_in_the_given_order() -> None:
    put("b.json", UPDATE)
    put("a.txt", b"{")
    put("c.json", {"update_id": 901, "poll": {"id": "1"}})

    lines = parse("b.json", "a.txt", "c.json")

    assert [(line["file"], line["status"]) for line in lines] == [("b.json", 200), ("a.txt", 400), ("c.json", 200)]
    assert [[event["kind"] for event in events_of(line)] for line in lines] == [["message"], [], ["ignored"]]


@pytest.mark.parametrize(
    ("http", "status"),
    [
        ({"secret_token": SECRET, "headers": {HEADER: SECRET}}, 200),
        ({"secret_token": SECRET, "headers": {HEADER.upper(): SECRET}, "path": "/x", "freeze_time": 1}, 200),
        ({"secret_token": SECRET, "headers": {HEADER: "wrong"}}, 403),
        ({"secret_token": SECRET, "headers": {HEADER: "fälsch"}}, 403),
        ({"secret_token": SECRET, "headers": {}}, 401),
        ({"secret_token": SECRET}, 401),
        ({"secret_token": SECRET, "headers": {HEADER: SECRET}, "method": "GET"}, 405),
        ({"secret_token": SECRET, "headers": {HEADER: SECRET}, "query": {"a": ["1", "2"], "b": "ü"}}, 200),
        ({"secret_token": SECRET, "headers": {HEADER: SECRET}, "query": "?a=1"}, 200),
        ({"headers": {"Content-Type": "application/json"}}, 200),
        ({"user_id": 71}, 200),
        ({}, 200),
    ],
)
def test_a_request_beside_the_body_is_verified_if_its_secret_is_there(http: JsonObject, status: int) -> None:
    put("text.json", UPDATE, http)

    [line] = parse("text.json")

    assert line["status"] == status
    assert bool(line["events"]) == (status == 200)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b'{"update_id": NaN}', b'{"a":' * 65 + b"1" + b"}" * 65, b"\xff{}", b"[" * 100_000],
)
def test_a_body_that_is_no_json_object_is_400(body: bytes) -> None:
    put("body.txt", body)

    [line] = parse("body.txt")

    assert (line["status"], line["events"]) == (400, [])


def test_a_body_over_the_limit_is_413() -> None:
    put("large.json", b" " * (MAX_BODY_BYTES + 1))

    assert [line["status"] for line in parse("large.json")] == [413]


def test_texts_are_printed_as_they_are_and_harmless() -> None:
    put("text.json", {"update_id": 900, "message": {**MESSAGE, "text": "a\ud800\x00\x1b[31m ﷽"}})

    [line] = parse("text.json")

    assert "\ufffd\ufffd" in str(line["events"])


def test_who_the_business_side_is_comes_from_beside_the_body() -> None:
    message = {**MESSAGE, "business_connection_id": "b1"}
    put("out.json", {"update_id": 902, "business_message": message}, {"user_id": 71})
    put("in.json", {"update_id": 903, "business_message": message}, {"user_id": 72})

    out, into = parse("out.json", "in.json")

    assert events_of(out)[0]["direction"] == "out"
    assert "direction" not in events_of(into)[0]


def refused(*names: str) -> Ended:
    return chaskiq("channels", "parse", "telegram", *names)


@pytest.mark.parametrize(
    ("http", "sentence"),
    [
        (b"{", "text.http.json is not JSON: "),
        (b"[]", "text.http.json must be a JSON object"),
        (b'{"headers": []}', ""),
        (b'{"headers": [1]}', "text.http.json: headers must be an object"),
        (b'{"secret_token": "two words"}', "telegram setting secret_token: "),
    ],
)
def test_a_broken_file_beside_the_body_is_named(http: bytes, sentence: str) -> None:
    put("text.json", UPDATE)
    Path("text.http.json").write_bytes(http)

    ended = refused("text.json")

    assert ended.code == (2 if sentence else 0)
    assert ended.stderr.removeprefix("chaskiq: ").startswith(sentence)
    assert "Traceback" not in ended.stderr


def test_a_file_that_is_not_there_is_refused_before_any_line() -> None:
    put("text.json", UPDATE)

    ended = refused("text.json", "nothing.json")

    assert ended.code == 2
    assert "'nothing.json' does not exist" in ended.sentence


def test_the_same_bodies_give_the_same_lines() -> None:
    put("text.json", UPDATE)

    first, second = (hashlib.sha256(json.dumps(parse("text.json")).encode()).hexdigest() for _ in range(2))

    assert first == second


def test_channels_are_listed_with_their_manifests() -> None:
    shown = chaskiq("channels")
    channels = json.loads(chaskiq("channels", "--json").stdout)
    [telegram] = [channel for channel in channels if channel["provider"] == "telegram"]

    assert shown.code == 0
    assert "needs access_token; may have user_id, api_base, secret_token" in shown.stdout
    assert telegram["provider"] == "telegram"
    assert telegram["settings"][0] == {
        "name": "access_token",
        "required": True,
        "secret": True,
        "description": "The bot's token, as @BotFather shows it.",
    }
