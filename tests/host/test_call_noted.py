"""Each network hook that is called is noted with its requests, and nowhere in that stands a secret."""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import anyio
import httpx
import pytest
from hypothesis import HealthCheck as Check
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chaskiq_core.errors import ChaskiqError, ContentError, PluginError, UnknownOutcomeError
from chaskiq_core.host.call import Host, Limits
from chaskiq_core.host.call_log import CallLog, RecordedCall
from chaskiq_core.host.registry import Channel, Found, build_registry
from chaskiq_core.plugin import (
    Attachment,
    ChannelContext,
    ChannelSettings,
    HealthCheck,
    Installed,
    MediaSink,
    Piece,
    Receipt,
    Secret,
    SentMessage,
    document_from_text,
    hookimpl,
)
from chaskiq_core.secrets import MASK
from chaskiq_core.telemetry import CALLS_DROPPED, Telemetry
from tests.harness.lent import Lent
from tests.harness.rich_channel import RichChannel

pytestmark = pytest.mark.anyio
PIECE = Piece(channel_id="7", thread_id="", text="Hi", content=document_from_text("Hi"), attempt_id="a")
SENT = SentMessage(channel_id="7", thread_id="", external_ids=("1",))
FILE = Attachment(type="image", provider_file_id="f")
TINY = Limits(send_seconds=5, signal_seconds=0.05)


class TalkativeSettings(ChannelSettings):
    """Two secrets, and what is none."""

    name: str = "talkative"
    access_token: Secret = "token"
    password: Secret | None = None


class Talkative(RichChannel):
    """Says its secrets wherever one could: in the path, the query, a header, a body; in errors, and in its log."""

    raises: Callable[[TalkativeSettings], Exception] | None = None

    def __init__(self) -> None:
        super().__init__()
        offers = self.manifest.offers | {"uninstall", "health"}
        self.manifest = replace(self.manifest, provider="talkative", settings=TalkativeSettings, offers=offers)

    @hookimpl
    async def send(self, piece: Piece, context: ChannelContext[TalkativeSettings]) -> Receipt:  # type: ignore[override]
        await self._talk(context)
        return Receipt(external_ids=("1",), message_keys=("7:1",))

    @hookimpl
    async def edit(self, piece: Piece, sent: SentMessage, context: ChannelContext[TalkativeSettings]) -> None:  # type: ignore[override]
        await self._talk(context)

    @hookimpl
    async def delete(self, sent: SentMessage, context: ChannelContext[TalkativeSettings]) -> None:  # type: ignore[override]
        await self._talk(context)

    @hookimpl
    async def typing(self, channel_id: str, thread_id: str, context: ChannelContext[TalkativeSettings]) -> None:  # type: ignore[override]
        if channel_id == "hangs":
            await anyio.sleep_forever()
        await self._talk(context)

    @hookimpl
    async def acknowledge(self, callback_id: str, context: ChannelContext[TalkativeSettings]) -> None:  # type: ignore[override]
        await self._talk(context)

    @hookimpl
    async def fetch_media(  # type: ignore[override]
        self, attachment: Attachment, target: MediaSink, context: ChannelContext[TalkativeSettings]
    ) -> None:
        async with context.http.stream("GET", "http://provider/file") as response:
            async for chunk in response.aiter_bytes():
                await target.write(chunk)

    @hookimpl
    async def install(self, hook_url: str, context: ChannelContext[TalkativeSettings]) -> Installed:  # type: ignore[override]
        await context.http.post("http://provider/setWebhook", data={"url": hook_url})
        return Installed(account="1", name="Talkative")

    @hookimpl
    async def uninstall(self, context: ChannelContext[TalkativeSettings]) -> None:
        await self._talk(context)

    @hookimpl
    async def health(self, context: ChannelContext[TalkativeSettings], hook_url: str) -> Sequence[HealthCheck]:
        await self._talk(context)
        return [HealthCheck(name="token", ok=False, detail=f"{context.settings.access_token} is refused")]

    async def _talk(self, context: ChannelContext[TalkativeSettings]) -> None:
        known = context.settings
        token, password = known.access_token, known.password or ""
        url = f"http://provider/bot{quote(token, safe='')}/call"
        context.log.warning("asking %s with %r", url, known.password)
        await context.http.post(
            url,
            params={"key": token, "name": known.name},
            json={"token": token, "more": [password]},
            auth=("me", password),
        )
        await context.http.post(url, data={"token": token, "password": password})
        if self.raises:
            raise self.raises(known)


class Sink:
    """Takes bytes."""

    max_bytes = 1_000

    async def write(self, chunk: bytes) -> None:
        pass


async def a_file() -> AsyncIterator[bytes]:
    """Bytes as they come."""
    yield b"\x89PNG"


def echo(request: httpx.Request) -> httpx.Response:
    """A provider that repeats all that it was told."""
    if request.url.path == "/file":
        return httpx.Response(200, content=a_file(), headers={"content-type": "image/png", "content-length": "4"})
    told = {"url": str(request.url), "headers": dict(request.headers), "body": request.content.decode()}
    return httpx.Response(200, json={"ok": True, "told": told})


async def noted(
    call: Callable[[Host, Channel], Awaitable[object]],
    *,
    plugin: Talkative | None = None,
    provider: Callable[[httpx.Request], httpx.Response] = echo,
) -> tuple[RecordedCall, ChaskiqError | None]:
    """What is noted of one call, and the error that its caller saw."""
    calls = CallLog(Telemetry())
    channel = build_registry([Found(name="talkative", plugin=plugin or Talkative())]).channels["talkative"]
    seen: ChaskiqError | None = None
    async with httpx.AsyncClient(transport=httpx.MockTransport(provider)) as http:
        try:
            await call(Host(http, TINY, calls=calls), channel)
        except ChaskiqError as error:
            seen = error
    [one] = calls.take(10)
    return one, seen


LENT = Lent(TalkativeSettings(access_token="123:ABC-token", password="hunter2"))
HOOKS: dict[str, Callable[[Host, Channel], Awaitable[object]]] = {
    "send": lambda host, channel: host.send(channel, PIECE, LENT, by=float("inf")),
    "edit": lambda host, channel: host.edit(channel, PIECE, SENT, LENT),
    "delete": lambda host, channel: host.delete(channel, SENT, LENT),
    "typing": lambda host, channel: host.typing(channel, "7", "", LENT),
    "acknowledge": lambda host, channel: host.acknowledge(channel, "c", LENT),
    "fetch_media": lambda host, channel: host.fetch_media(channel, FILE, Sink(), LENT),
    "install": lambda host, channel: host.install(channel, LENT, "https://us/hooks/hook-token"),
    "uninstall": lambda host, channel: host.uninstall(channel, LENT),
    "health": lambda host, channel: host.health(channel, LENT, "https://us/hooks/hook-token"),
}


@pytest.mark.parametrize("hook", HOOKS)
async def test_every_network_hook_is_noted_without_secrets(hook: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "chaskiq")

    call, error = await noted(HOOKS[hook])

    assert error is None
    assert (call.hook, call.outcome, call.app_id, call.integration_id) == (hook, "ok", LENT.app_id, LENT.id)
    assert call.http
    assert all(one.status == 200 for one in call.http)
    for secret in ("123:ABC-token", "123%3AABC-token", "hunter2", "hook-token"):
        assert secret not in repr(call)
        assert secret not in caplog.text


def test_every_network_hook_there_is_is_in_the_table() -> None:
    assert HOOKS.keys() == Talkative().manifest.offers | {"send"}
    assert {name for name in dir(Talkative) if name in HOOKS} == HOOKS.keys()


async def test_what_is_noted_is_what_was_asked_and_answered() -> None:
    call, _ = await noted(HOOKS["send"])
    first, second = call.http

    assert first.method == "POST"
    assert first.url == f"http://provider/bot{MASK}/call?key={MASK}&name=talkative"
    assert json.loads(first.request) == {"token": MASK, "more": [MASK]}
    assert '"ok":true' in first.response
    assert '"authorization":"' + MASK in first.response
    assert second.request == f"token={MASK}&password={MASK}"


async def test_a_file_is_noted_by_its_size_and_kind() -> None:
    call, _ = await noted(HOOKS["fetch_media"])

    assert [(one.request, one.response) for one in call.http] == [("", "(image/png, 4 bytes, streamed)")]


async def test_a_long_body_is_noted_by_its_beginning() -> None:
    call, _ = await noted(HOOKS["typing"], provider=lambda request: httpx.Response(500, text="x" * 100_000))

    assert [(one.status, len(one.response)) for one in call.http] == [(500, 2_000), (500, 2_000)]


async def test_a_request_without_an_answer_is_noted_with_its_error() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no route to {request.url}", request=request)

    call, error = await noted(HOOKS["typing"], provider=refuse)

    assert call.outcome == "plugin_error"
    assert [(one.status, one.error[:26]) for one in call.http] == [(None, "ConnectError: no route to ")]
    assert "ABC" not in repr(call)
    assert isinstance(error, PluginError)
    assert "ABC" not in str(error)


@pytest.mark.parametrize(
    ("raised", "outcome", "kind"),
    [
        (lambda known: ContentError(f"{known.password} is no text", code="400"), "content", ContentError),
        (lambda known: RuntimeError(f"at http://bot{known.access_token}"), "plugin_error", UnknownOutcomeError),
        (lambda known: OSError(5, "oh", known.access_token), "plugin_error", UnknownOutcomeError),
        (lambda known: PluginError(known.access_token), "plugin_error", UnknownOutcomeError),
    ],
)
async def test_what_is_raised_is_noted_and_told_without_secrets(
    raised: Callable[[TalkativeSettings], Exception],
    outcome: str,
    kind: type[ChaskiqError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    plugin = Talkative()
    plugin.raises = raised

    call, error = await noted(HOOKS["send"], plugin=plugin)

    assert call.outcome == outcome
    assert isinstance(error, kind)
    for told in (str(error), repr(call), caplog.text, str(error.__cause__)):
        assert "hunter2" not in told
        assert "ABC-token" not in told
    assert MASK in call.error


async def test_a_hook_that_hangs_is_noted() -> None:
    call, error = await noted(lambda host, channel: host.typing(channel, "hangs", "", LENT))

    assert call.outcome == "timeout"
    assert call.duration_ms >= 50
    assert isinstance(error, PluginError)


@given(
    token=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=MASK), min_size=4, max_size=60),
    password=st.text(st.characters(exclude_categories=["Cs"], exclude_characters=MASK), min_size=4, max_size=60),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[Check.function_scoped_fixture])
async def test_no_odd_secret_is_in_what_is_noted(token: str, password: str, caplog: pytest.LogCaptureFixture) -> None:
    lent = Lent(TalkativeSettings(access_token=token, password=password))
    token, password = lent.settings.access_token, lent.settings.password  # type: ignore[attr-defined]
    known = repr(await noted(HOOKS["uninstall"]))
    assume(len(token) >= 4 and len(password) >= 4 and token not in known and password not in known)
    caplog.clear()

    call, _ = await noted(lambda host, channel: host.send(channel, PIECE, lent, by=float("inf")))

    told = [call.error, *(text for one in call.http for text in (one.url, one.request, one.response)), caplog.text]
    for secret in (token, password):
        for coat in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert all(coat not in text for text in told)


def test_the_log_is_bounded_and_counts_what_it_forgets() -> None:
    telemetry = Telemetry()
    calls = CallLog(telemetry, max_waiting=3)
    numbered = [_call(n) for n in range(6)]

    for one in numbered[:5]:
        calls.add(one)
    taken = calls.take(2)
    calls.add(numbered[5])
    calls.put_back(taken)

    assert taken == tuple(numbered[2:4])
    assert calls.take(10) == tuple(numbered[3:6])
    assert telemetry.value(CALLS_DROPPED) == 3


def _call(n: int) -> RecordedCall:
    return RecordedCall(
        app_id=LENT.app_id,
        integration_id=LENT.id,
        hook="send",
        outcome="ok",
        code=str(n),
        error="",
        correlation_id=None,
        started_at=datetime.now(UTC),
        duration_ms=n,
        http=(),
    )
