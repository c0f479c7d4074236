"""pywa, which talks to Meta in production, agrees with the sandbox and with our parser where they overlap."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import anyio
import httpx
import pytest
from pywa import WhatsApp
from pywa.errors import ReEngagementMessage, WhatsAppError
from pywa.types import Button, CallbackButton, Message, MessageStatus, Section
from pywa.types.base_update import RawUpdate
from pywa.types.callback import SectionList, SectionRow

from chaskiq_core.plugin import ButtonPressed, MessageReceived, StatusChanged
from chaskiq_plugins.whatsapp.tests.sandbox.whatsapp_playing import MAYA, NUMBER, TOKEN, Playing, Receiver, comes
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import Fields, body, events, message, messages, status, value
from chaskiq_whatsapp.sandbox import Fault, WhatsAppSandbox, running_sandbox

pytestmark = pytest.mark.anyio


class _ToSandbox(httpx.BaseTransport):
    """Carries what is meant for Meta to the sandbox."""

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host, port = self._url.host, self._url.port
        request.url = request.url.copy_with(scheme="http", host=host, port=port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@asynccontextmanager
async def a_client(sandbox: WhatsAppSandbox) -> AsyncIterator[tuple[WhatsApp, Playing]]:
    """pywa's client and a customer, both at a sandbox."""
    async with running_sandbox(sandbox) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        with httpx.Client(transport=_ToSandbox(url), trust_env=False) as session:
            yield WhatsApp(phone_id=NUMBER, token=TOKEN, session=session, api_version=25.0), Playing(http)


async def run(call: Callable[[], object]) -> object:
    return await anyio.to_thread.run_sync(call)


async def test_pywa_s_client_sends_and_is_refused() -> None:
    sandbox = WhatsAppSandbox(refuse_outside_window=True)
    async with a_client(sandbox) as (client, playing):
        await playing.write("hi")
        sent = await run(partial(client.send_message, to=MAYA, text="hello"))
        await run(partial(client.send_message, to=MAYA, text="Which?", buttons=[Button("Yes", "y"), Button("No", "n")]))
        rows = SectionList("More", [Section("All", [SectionRow(str(n), str(n)) for n in range(4)])])
        await run(partial(client.send_message, to=MAYA, text="Which?", buttons=rows))
        await run(partial(client.send_image, to=MAYA, image=b"png", mime_type="image/png", caption="look"))
        await run(partial(client.mark_message_as_read, str((await playing.chat())[0]["id"])))
        sandbox.faults.add(Fault(kind="refuse", code=131048, method="messages"))
        with pytest.raises(WhatsAppError) as spam:
            await run(partial(client.send_message, to=MAYA, text="x"))
        await playing.maya("window", hours=25)
        with pytest.raises(ReEngagementMessage):
            await run(partial(client.send_message, to=MAYA, text="x"))
        chat = await playing.chat()

    assert getattr(sent, "id", None) == chat[1]["id"]
    assert spam.value.code == 131048
    assert [one["type"] for one in chat] == ["text", "text", "interactive", "interactive", "image"]


CLIENT = WhatsApp(phone_id=NUMBER, token=TOKEN)


def raw(told: Fields) -> RawUpdate:
    return RawUpdate(json.dumps(told).encode(), hmac_header=None, update_hash="")


FILE: Fields = {"id": "9", "mime_type": "image/jpeg", "sha256": "x", "caption": "lid", "filename": "f"}


@pytest.mark.parametrize(
    "told",
    [
        message(),
        message(context={"from": "1", "id": "wamid.O1"}),
        message("image", image=FILE),
        message("document", document=FILE),
        message("audio", audio={"id": "9", "mime_type": "audio/ogg", "sha256": "x", "voice": True}),
        message("location", location={"latitude": 1.5, "longitude": 2.0, "name": "x"}),
    ],
)
def test_pywa_reads_the_same_in_a_message(told: Fields) -> None:
    theirs = Message.from_update(CLIENT, raw(messages(told)))
    [ours] = events(messages(told))

    assert isinstance(ours, MessageReceived)
    assert (theirs.id, theirs.from_user.wa_id) == (ours.message_id, ours.sender.id if ours.sender else None)
    assert (theirs.text or theirs.caption or "") == ours.text
    assert theirs.timestamp.timestamp() == (ours.at.timestamp() if ours.at else None)
    assert (theirs.reply_to_message.id if theirs.reply_to_message else None) == ours.reply_to


def test_pywa_reads_the_same_in_a_press_and_a_status() -> None:
    press = messages(
        message(
            "interactive",
            interactive={"type": "button_reply", "button_reply": {"id": "1", "title": "No"}},
            context={"from": "1", "id": "wamid.O1"},
        )
    )
    told = body(("messages", value(statuses=[status("delivered", biz_opaque_callback_data="piece-1")])))
    their_press = CallbackButton.from_update(CLIENT, raw(press))
    their_status = MessageStatus.from_update(CLIENT, raw(told))
    [our_press], [our_status] = events(press), events(told)

    assert isinstance(our_press, ButtonPressed)
    assert (their_press.data, their_press.title) == (our_press.data, our_press.title)
    assert isinstance(our_status, StatusChanged)
    assert (their_status.id, their_status.status.value) == (our_status.message_id, our_status.status.value)


async def test_pywa_reads_what_the_sandbox_tells(playing: Playing, receiver: Receiver) -> None:
    await playing.write("hi")
    await comes(lambda: receiver.bodies)

    theirs = Message.from_update(CLIENT, raw(dict(receiver.bodies[0])))

    assert (theirs.text, theirs.from_user.wa_id, theirs.from_user.name) == ("hi", MAYA, "Maya")
