"""The sandbox takes what Meta takes, refuses what it refuses, and tells webhooks what it tells them."""

import re
from pathlib import Path
from time import monotonic

import httpx
import pytest

from chaskiq_core.testing.sandbox import Json
from chaskiq_plugins.whatsapp.tests.sandbox.whatsapp_playing import HOOK, MAYA, NUMBER, WABA, Playing, Receiver, comes
from chaskiq_whatsapp.fields import objects_at
from chaskiq_whatsapp.sandbox import Fault, FaultKind, WhatsAppSandbox, app_of, running_sandbox
from chaskiq_whatsapp.sandbox.phone import PAGE

pytestmark = pytest.mark.anyio


async def test_a_message_is_told_with_its_author(playing: Playing, receiver: Receiver) -> None:
    told = await playing.write("hi")
    await comes(lambda: receiver.bodies)

    [value] = receiver.values()
    assert value["metadata"] == {"display_phone_number": "15550000001", "phone_number_id": NUMBER}
    assert value["messages"] == [told]
    assert value["contacts"] == [{"profile": {"name": "Maya"}, "wa_id": MAYA, "user_id": told["from_user_id"]}]


async def test_what_is_sent_is_delivered_and_read(playing: Playing, receiver: Receiver) -> None:
    await playing.write("hi")
    await playing.sent("hello", biz_opaque_callback_data="piece-1")
    await playing.maya("read")
    await comes(lambda: "read" in receiver.words())

    assert receiver.words() == ["hi", "sent", "delivered", "read"]
    [told] = objects_at(receiver.values()[1], "statuses")
    assert told["biz_opaque_callback_data"] == "piece-1"


async def test_a_webhook_that_is_not_taken_comes_again(playing: Playing, receiver: Receiver) -> None:
    receiver.statuses += [500, 503, 404]
    await playing.write("hi")

    await comes(lambda: receiver.words() == ["hi"])


async def test_webhooks_come_twice_late_and_together(
    playing: Playing, receiver: Receiver, sandbox: WhatsAppSandbox
) -> None:
    sandbox.faults.add(Fault(kind=FaultKind.DUPLICATE, method="webhook"))
    await playing.write("one")
    await comes(lambda: receiver.words() == ["one", "one"])
    sandbox.faults.add(Fault(kind=FaultKind.HOLD, method="webhook", where={"status": "sent"}))
    await playing.sent("two")
    await comes(lambda: receiver.words()[2:] == ["delivered", "sent"])
    (await playing.http.post("/sandbox/batch", json={"size": 3})).raise_for_status()
    await playing.write("three")
    await playing.sent("four")
    await comes(lambda: len(receiver.words()) == 7)

    assert len(receiver.bodies) == 5


def interactive(kind: str, body: str = "b", **action: Json) -> Json:
    return {"type": kind, "body": {"text": body}, "action": action}


def button(id_: str = "1", title: str = "One") -> Json:
    return {"type": "reply", "reply": {"id": id_, "title": title}}


def rows(count: int, title: str = "Row") -> list[Json]:
    return [{"id": str(n), "title": title} for n in range(count)]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"messaging_product": "sms"}, 100),
        ({"to": ""}, 131008),
        ({"to": "12"}, 131009),
        ({"to": "15550000001"}, 131021),
        ({"recipient_type": "group"}, 131009),
        ({"to": "", "recipient": "DE.nobody"}, 131026),
        ({"type": "dance"}, 131009),
        ({"text": None}, 131008),
        ({"text": {"body": ""}}, 131008),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"type": "image", "image": {}}, 131009),
        ({"type": "image", "image": {"id": "5", "link": "https://x.example"}}, 131009),
        ({"type": "image", "image": {"id": "5"}}, 131009),
        ({"type": "image", "image": {"link": "ftp://x"}}, 131009),
        ({"type": "image", "image": {"link": "https://x.example", "caption": "x" * 1025}}, 100),
        ({"type": "audio", "audio": {"link": "https://x.example", "caption": "x"}}, 100),
        ({"type": "interactive", "interactive": interactive("button", buttons=[])}, 131008),
        (
            {
                "type": "interactive",
                "interactive": interactive("button", buttons=[button(str(n), str(n)) for n in range(4)]),
            },
            131009,
        ),
        ({"type": "interactive", "interactive": interactive("button", buttons=[button(title="x" * 21)])}, 100),
        ({"type": "interactive", "interactive": interactive("button", buttons=[button("1"), button("2")])}, 131009),
        ({"type": "interactive", "interactive": interactive("button", "x" * 1025, buttons=[button()])}, 100),
        (
            {"type": "interactive", "interactive": interactive("list", button="…", sections=[{"rows": rows(11)}])},
            131009,
        ),
        (
            {
                "type": "interactive",
                "interactive": interactive("list", button="…", sections=[{"rows": rows(1, "x" * 25)}]),
            },
            100,
        ),
        ({"type": "reaction", "reaction": {"message_id": "wamid.none", "emoji": "x"}}, 131009),
        ({"type": "template", "template": {"name": "none", "language": {"code": "en"}}}, 132001),
        ({"type": "template", "template": {"name": "old_news", "language": {"code": "en"}}}, 132015),
        ({"type": "template", "template": {"name": "order_ready", "language": {"code": "de"}}}, 132000),
        ({"type": "template", "template": {"name": "photo_offer", "language": {"code": "en"}}}, 132012),
    ],
)
async def test_what_meta_would_refuse_is_refused(playing: Playing, message: dict[str, Json], code: int) -> None:
    await playing.write("hi")

    usual: dict[str, Json] = {"type": "text", "text": {"body": "x"}}

    assert await playing.code(**{**usual, **message}) == code


async def test_a_token_is_needed_and_can_be_revoked(playing: Playing) -> None:
    await playing.write("hi")
    without = await playing.http.post(f"/v25.0/{NUMBER}/messages", json={}, headers={"authorization": ""})
    assert (without.status_code, without.json()["error"]["code"]) == (401, 190)

    await playing.sent()
    (await playing.http.post("/sandbox/tokens/revoke")).raise_for_status()
    assert await playing.code(type="text", text={"body": "x"}) == 190
    (await playing.http.post("/sandbox/tokens/restore")).raise_for_status()
    await playing.sent()


async def test_outside_the_window_a_text_fails_later_and_a_template_arrives(
    playing: Playing, receiver: Receiver
) -> None:
    await playing.write("hi")
    await playing.maya("window", hours=25)
    await playing.sent("too late")
    await comes(lambda: receiver.words() == ["hi", "failed"])
    template: Json = {"name": "hello_world", "language": {"code": "en_US"}}
    assert (await playing.send(type="template", template=template)).is_success
    await comes(lambda: receiver.words()[2:] == ["sent", "delivered"])


async def test_outside_the_window_meta_may_refuse_at_once(receiver: Receiver) -> None:
    sandbox = WhatsAppSandbox(refuse_outside_window=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http:
        http.headers["authorization"] = "Bearer x"
        assert await Playing(http).code(type="text", text={"body": "x"}) == 131047
    sandbox.close()


async def test_a_pair_that_is_too_fast_is_told_so(receiver: Receiver) -> None:
    sandbox = WhatsAppSandbox(enforce_limits=True, now=lambda: 1_790_000_000.0)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(sandbox)), base_url="http://sandbox") as http:
        http.headers["authorization"] = "Bearer x"
        playing = Playing(http)
        await playing.write("hi")
        for _ in range(45):
            await playing.sent()
        assert await playing.code(type="text", text={"body": "x"}) == 131056
    sandbox.close()


async def test_faults_refuse_with_any_code_or_fail_later(
    playing: Playing, receiver: Receiver, sandbox: WhatsAppSandbox
) -> None:
    await playing.write("hi")
    sandbox.faults.add(Fault(kind="refuse", code=131056, method="messages"))
    sandbox.faults.add(Fault(kind="fail", code=131053, method="messages"))

    assert await playing.code(type="text", text={"body": "x"}) == 131056
    await playing.sent()
    await comes(lambda: receiver.words() == ["hi", "failed"])
    [told] = objects_at(receiver.values()[1], "statuses")
    [error] = objects_at(told, "errors")
    assert error["code"] == 131053


async def test_a_file_goes_up_is_sent_and_comes_down_with_the_token_only(
    playing: Playing, sandbox: WhatsAppSandbox
) -> None:
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    up = await playing.http.post(f"/v25.0/{NUMBER}/media", data=form, files={"file": ("a.png", b"png", "image/png")})
    media_id = up.json()["id"]
    await playing.write("hi")
    assert (await playing.send(type="image", image={"id": media_id})).is_success
    assert await playing.code(type="document", document={"id": media_id}) == 131053

    told = (await playing.http.get(f"/v25.0/{media_id}")).json()
    assert (told["mime_type"], told["file_size"]) == ("image/png", 3)
    assert (await playing.http.get(told["url"])).content == b"png"
    assert (await playing.http.get(told["url"], headers={"authorization": ""})).status_code == 401
    sandbox.now = lambda: monotonic() + 2e9
    assert (await playing.http.get(told["url"])).status_code == 404


@pytest.mark.parametrize(("mime", "size", "code"), [("application/zip", 1, 100), ("image/png", 5 << 20, 131053)])
async def test_a_file_that_meta_does_not_take(playing: Playing, mime: str, size: int, code: int) -> None:
    form = {"messaging_product": "whatsapp", "type": mime}
    up = await playing.http.post(f"/v25.0/{NUMBER}/media", data=form, files={"file": ("a", bytes(size + 1), mime)})

    assert up.json()["error"]["code"] == code


async def test_a_hook_is_called_with_a_challenge_before_it_is_taken(playing: Playing, receiver: Receiver) -> None:
    def configuration(token: str, url: str = HOOK) -> Json:
        return {"webhook_configuration": {"override_callback_uri": url, "verify_token": token}}

    path = f"/v25.0/{NUMBER}"
    assert (await playing.http.post(path, json=configuration("wrong"))).status_code == 400
    assert (await playing.http.post(path, json=configuration("words"))).json() == {"success": True}
    shown = (await playing.http.get(path)).json()
    assert shown["webhook_configuration"] == {"phone_number": HOOK}
    assert (await playing.http.post(f"/v25.0/{WABA}/subscribed_apps")).json() == {"success": True}
    assert (await playing.http.get("/v25.0/999/subscribed_apps")).json()["error"]["code"] == 100


async def test_templates_are_listed_page_by_page(playing: Playing) -> None:
    await playing.http.post(f"/v25.0/{WABA}/subscribed_apps")
    path = f"/v25.0/{WABA}/message_templates"
    first = (await playing.http.get(path, params={"limit": 3})).json()
    rest = (await playing.http.get(path, params={"limit": 3, "after": first["paging"]["cursors"]["after"]})).json()
    approved = (await playing.http.get(path, params={"status": "APPROVED"})).json()

    assert [one["name"] for one in first["data"] + rest["data"]] == [
        "hello_world",
        "order_ready",
        "photo_offer",
        "old_news",
    ]
    assert len(approved["data"]) == 3


async def test_a_press_a_reaction_a_new_number_and_an_echo_are_told(playing: Playing, receiver: Receiver) -> None:
    await playing.write("hi")
    asked = await playing.send(
        type="interactive", interactive=interactive("button", buttons=[button("0", "Yes"), button("1", "No")])
    )
    wamid = asked.json()["messages"][0]["id"]
    await playing.maya("press", message_id=wamid, option="No")
    await playing.maya("react", message_id=wamid, emoji="🔥")
    await playing.maya("echo", text="from my phone")
    await playing.maya("number", wa_id="491719999999")
    await comes(lambda: "system" in receiver.words())

    assert receiver.words() == ["hi", "sent", "delivered", "interactive", "reaction", "system"]
    assert any("message_echoes" in value for value in receiver.values())
    [seen] = [
        one
        for one in sandbox_chat(await playing.http.get(f"/sandbox/numbers/{NUMBER}/people/491719999999/messages"))
        if one["id"] == wamid
    ]
    assert seen["reactions"] == {"customer": "🔥"}


def sandbox_chat(answer: httpx.Response) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = answer.json()["messages"]
    return found


async def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    async with running_sandbox(path=path) as url, httpx.AsyncClient(base_url=url) as http:
        told = await Playing(http).write("hi")
    async with running_sandbox(path=path) as url, httpx.AsyncClient(base_url=url) as http:
        playing = Playing(http)
        assert [one["id"] for one in await playing.chat()] == [told["id"]]
        assert (await playing.write("again"))["id"] != told["id"]


async def test_the_phone_page_is_whole_and_runs_nothing_foreign(playing: Playing) -> None:
    page = await playing.http.get("/phone")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert not re.search(r"\son\w+=|\sstyle=|<script(?![^>]*src=)", page.text)
    scripts = [path.read_text() for path in PAGE.glob("*.js")]
    named = set(re.findall(r"/phone/[\w.]+", page.text))
    named |= {f"/phone/{name}" for text in scripts for name in re.findall(r'from "\./([\w.]+)"', text)}
    assert named == {f"/phone/{path.name}" for path in PAGE.iterdir()} - {"/phone/index.html"}
    assert {(await playing.http.get(name)).status_code for name in named} == {200}
    assert not [text for text in scripts if re.search(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(", text)]
