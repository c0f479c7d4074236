"""A piece goes out once, with its looks, to its thread; its receipt or a named error says what became of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    MessageReceived,
    MovedError,
    ReauthError,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    document_from_html,
)
from chaskiq_core.testing.sandbox import Json
from chaskiq_plugins.telegram.tests.sandbox.playing import LEO, MAYA, TOKEN
from chaskiq_plugins.telegram.tests.telegram_provider import (
    Provider,
    a_piece,
    answered,
    context_of,
    form_of,
    refused,
    running_provider,
    scripted,
    taken,
)
from chaskiq_plugins.telegram.tests.telegram_updates import message, parse_as, update
from chaskiq_telegram import TelegramSettings, channel

pytestmark = pytest.mark.anyio

RICH = document_from_html('<p>So <b>blue</b> &amp; <a href="https://e.org">new</a></p><ul><li>one</li></ul>')
RICH_TEXT = "So blue & new\n\n- one"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running_provider() as provider:
        yield provider


async def test_a_piece_arrives_with_its_looks(provider: Provider) -> None:
    receipt = await channel.send(a_piece(RICH), provider.context())

    [_, sent] = await provider.customer.conversation()
    entities = sent["entities"]
    assert isinstance(entities, list)
    assert sent["text"] == RICH_TEXT
    assert [entity["type"] for entity in entities if isinstance(entity, dict)] == ["bold", "text_link"]
    assert receipt.external_ids == (str(sent["message_id"]),)
    assert receipt.message_keys == (f"{MAYA}:{sent['message_id']}",)


async def test_plain_text_arrives_to_the_letter(provider: Provider) -> None:
    text = 'a <b> & "c" 🚲\n\n&amp; d' + "x" * 4000

    await channel.send(a_piece(text), provider.context())

    [_, sent] = await provider.customer.conversation()
    assert sent["text"] == text


async def test_a_reply_answers_its_message_and_goes_out_without_it(provider: Provider) -> None:
    [first] = await provider.customer.conversation()

    await channel.send(a_piece("yes", reply_to=str(first["message_id"])), provider.context())
    await channel.send(a_piece("no", reply_to="999999"), provider.context())
    await channel.send(a_piece("well", reply_to="0"), provider.context())

    sent = (await provider.customer.conversation())[1:]
    assert [one["reply_to"] for one in sent] == [first["message_id"], None, None]


async def test_markup_that_telegram_cannot_read_goes_out_as_text(provider: Provider) -> None:
    refusal = "Bad Request: can't parse entities: Unsupported start tag"
    await provider.customer.fault(method="sendMessage", kind=400, description=refusal)

    receipt = await channel.send(a_piece(RICH), provider.context())

    [_, sent] = await provider.customer.conversation()
    assert (sent["text"], sent["entities"]) == (RICH_TEXT, [])
    assert receipt.external_ids == (str(sent["message_id"]),)
    assert len(await provider.customer.calls(method="sendMessage")) == 2


async def test_plain_text_is_not_sent_again_for_its_markup(provider: Provider) -> None:
    refusal = "Bad Request: can't parse entities: strange"
    await provider.customer.fault(method="sendMessage", kind=400, description=refusal, times=None)

    with pytest.raises(ContentError):
        await channel.send(a_piece("plain"), provider.context())
    with pytest.raises(ContentError):
        await channel.send(a_piece(RICH), provider.context())

    assert len(await provider.customer.calls(method="sendMessage")) == 3


@pytest.mark.parametrize(
    ("fault", "error", "code", "sentence"),
    [
        ({"kind": 400, "description": "Bad Request: message is too long"}, ContentError, "400", "message is too long"),
        ({"kind": 400, "description": "Bad Request: BUTTON_DATA_INVALID"}, ContentError, "400", "BUTTON_DATA_INVALID"),
        ({"kind": 400, "description": "Bad Request: chat not found"}, RecipientError, "400", "chat not found"),
        ({"kind": 400, "description": "Bad Request: PEER_ID_INVALID"}, RecipientError, "400", "PEER_ID_INVALID"),
        (
            {"kind": 400, "description": "Bad Request: not enough rights to send text messages to the chat"},
            RecipientError,
            "400",
            "not enough rights",
        ),
        ({"kind": 400, "description": "Bad Request: CHAT_WRITE_FORBIDDEN"}, RecipientError, "400", "CHAT_WRITE"),
        ({"kind": 400, "description": "Bad Request: TOPIC_CLOSED"}, RecipientError, "400", "TOPIC_CLOSED"),
        ({"kind": 401}, ReauthError, "401", "Unauthorized"),
        (
            {"kind": 403, "description": "Forbidden: bot was blocked by the user"},
            RecipientError,
            "403",
            "Forbidden: bot was blocked by the user",
        ),
        ({"kind": 404}, ReauthError, "404", "Not Found"),
        ({"kind": 409}, AccountError, "409", "Conflict"),
        ({"kind": 413}, ContentError, "413", "Request Entity Too Large"),
        ({"kind": 429}, RetryLaterError, "429", "Too Many Requests: retry after 1"),
        ({"kind": 500}, RetryLaterError, "500", "Internal Server Error"),
        ({"kind": 502}, RetryLaterError, "502", "Bad Gateway"),
        ({"kind": 503}, RetryLaterError, "503", "Service Unavailable"),
        ({"kind": 504}, RetryLaterError, "504", "Gateway Timeout"),
        ({"kind": "chat_migrated"}, MovedError, "400", "group chat was upgraded"),
        ({"kind": "hang"}, UnknownOutcomeError, "", "ReadTimeout"),
        ({"kind": "hang", "accept": True}, UnknownOutcomeError, "", "ReadTimeout"),
        ({"kind": "reset_before"}, UnknownOutcomeError, "", "ReadError"),
        ({"kind": "reset_after"}, UnknownOutcomeError, "", "ReadError"),
        ({"kind": "garbage"}, UnknownOutcomeError, "200", "something else than Telegram answered"),
        ({"kind": "garbage", "accept": True}, UnknownOutcomeError, "200", "something else than Telegram answered"),
    ],
)
async def test_each_fault_is_an_error_of_its_consequence(
    provider: Provider, fault: dict[str, Json], error: type[SendError], code: str, sentence: str
) -> None:
    await provider.customer.fault(method="sendMessage", **fault)
    timeout_seconds = 1.5 if fault["kind"] == "hang" else 20

    with pytest.raises(SendError) as raised:
        await channel.send(a_piece(), provider.context(timeout_seconds=timeout_seconds))

    assert type(raised.value) is error
    assert raised.value.code == code
    assert sentence in raised.value.message
    assert TOKEN not in str(raised.value)
    assert len(await provider.customer.calls(method="sendMessage")) == 1


async def test_a_wait_is_as_long_as_telegram_asks_for(provider: Provider) -> None:
    await provider.customer.fault(method="sendMessage", kind=429, retry_after=37)

    with pytest.raises(RetryLaterError) as raised:
        await channel.send(a_piece(), provider.context())

    assert raised.value.retry_after_seconds == 37


async def test_a_moved_chat_tells_its_new_id(provider: Provider) -> None:
    await provider.customer.fault(method="sendMessage", kind="chat_migrated", migrate_to_chat_id=-1009000400)

    with pytest.raises(MovedError) as raised:
        await channel.send(a_piece(), provider.context())

    assert raised.value.channel_id == "-1009000400"


async def test_what_telegram_refuses_by_itself_has_its_class(provider: Provider) -> None:
    with pytest.raises(RecipientError, match="chat not found"):
        await channel.send(a_piece(chat=4), provider.context())
    with pytest.raises(ContentError, match="message is too long"):
        await channel.send(a_piece("x" * 4097), provider.context())
    await provider.customer.write("hi", sender=LEO)
    await provider.customer.post(f"/sandbox/bots/{TOKEN}/chats/{LEO}/block")
    with pytest.raises(RecipientError, match="blocked by the user"):
        await channel.send(a_piece(chat=LEO), provider.context())
    await provider.customer.post(f"/sandbox/bots/{TOKEN}/revoke")
    with pytest.raises(ReauthError, match="Unauthorized"):
        await channel.send(a_piece(), provider.context())


async def test_a_closed_port_was_surely_not_reached() -> None:
    settings = TelegramSettings(access_token=TOKEN, api_base="http://127.0.0.1:9")
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(RetryLaterError, match="ConnectError") as raised:
            await channel.send(a_piece(), context_of(http, settings))

    assert (raised.value.code, raised.value.retry_after_seconds) == ("", None)


async def test_a_busy_pool_was_surely_not_reached(provider: Provider) -> None:
    narrow = httpx.AsyncClient(limits=httpx.Limits(max_connections=1), trust_env=False)
    context = context_of(narrow, provider.context().settings, timeout_seconds=0.5)

    async with narrow, narrow.stream("GET", f"{provider.url}/sandbox/calls"):
        with pytest.raises(RetryLaterError, match="PoolTimeout"):
            await channel.send(a_piece(), context)

    assert await provider.customer.calls(method="sendMessage") == []


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (httpx.ConnectError("refused"), RetryLaterError),
        (httpx.ConnectTimeout("slow"), RetryLaterError),
        (httpx.PoolTimeout("busy"), RetryLaterError),
        (httpx.ProxyError("407"), RetryLaterError),
        (httpx.UnsupportedProtocol("gopher"), RetryLaterError),
        (httpx.ReadTimeout("slow"), UnknownOutcomeError),
        (httpx.WriteTimeout("slow"), UnknownOutcomeError),
        (httpx.ReadError("reset"), UnknownOutcomeError),
        (httpx.WriteError("reset"), UnknownOutcomeError),
        (httpx.CloseError("reset"), UnknownOutcomeError),
        (httpx.RemoteProtocolError("gone"), UnknownOutcomeError),
        (httpx.LocalProtocolError("odd"), UnknownOutcomeError),
        (httpx.DecodingError("gzip"), UnknownOutcomeError),
        (httpx.TooManyRedirects("round"), UnknownOutcomeError),
    ],
)
async def test_a_failing_network_is_decided_by_whether_the_request_was_written(
    failure: httpx.HTTPError, error: type[SendError]
) -> None:
    async with scripted(failure) as (script, context):
        with pytest.raises(SendError) as raised:
            await channel.send(a_piece(RICH), context)

    assert type(raised.value) is error
    assert type(failure).__name__ in raised.value.message
    assert raised.value.__cause__ is failure
    assert len(script.asked) == 1


PAGE = "<html><title>nginx</title></html>"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(502, text=PAGE), UnknownOutcomeError),
        (httpx.Response(504, text=PAGE), UnknownOutcomeError),
        (httpx.Response(500, text=PAGE), UnknownOutcomeError),
        (httpx.Response(502, json={"error": "upstream"}), UnknownOutcomeError),
        (httpx.Response(502), UnknownOutcomeError),
        (httpx.Response(403, text=PAGE), UnknownOutcomeError),
        (httpx.Response(401, text=PAGE), UnknownOutcomeError),
        (httpx.Response(302, headers={"location": "https://example.org"}), UnknownOutcomeError),
        (httpx.Response(413, text=PAGE), ContentError),
        (httpx.Response(429, text=PAGE, headers={"retry-after": "12"}), RetryLaterError),
        (httpx.Response(200, text=PAGE), UnknownOutcomeError),
        (httpx.Response(200, text='{"ok":true,"result":{"message_id":7'), UnknownOutcomeError),
        (httpx.Response(200, text="[" * 100_000), UnknownOutcomeError),
        (httpx.Response(200, content=b"\xff\xfe"), UnknownOutcomeError),
        (httpx.Response(200, json=[]), UnknownOutcomeError),
        (httpx.Response(200, json={"ok": True}), UnknownOutcomeError),
        (httpx.Response(200, json={"ok": "yes", "result": {"message_id": 7}}), UnknownOutcomeError),
        (httpx.Response(200, json={"ok": False}), UnknownOutcomeError),
        (httpx.Response(500, json={"ok": True, "result": {"message_id": 7}}), UnknownOutcomeError),
        (answered(True), UnknownOutcomeError),
        (answered([]), UnknownOutcomeError),
        (answered({}), UnknownOutcomeError),
        (answered({"message_id": None, "chat": {"id": 5}}), UnknownOutcomeError),
        (
            httpx.Response(200, json={"ok": False, "error_code": 403, "description": "Forbidden: user is deactivated"}),
            RecipientError,
        ),
        (refused(418, "I'm a teapot"), ContentError),
        (refused(520, "Origin error"), RetryLaterError),
        (refused(400, "Bad Request: business connection not found"), RecipientError),
        (refused(400, "Bad Request: odd", parameters={"migrate_to_chat_id": -5}), MovedError),
        (refused(400, "Bad Request: group chat was upgraded to a supergroup chat"), ContentError),
    ],
)
async def test_an_odd_answer_is_never_taken_for_a_receipt(answer: httpx.Response, error: type[SendError]) -> None:
    async with scripted(answer) as (script, context):
        with pytest.raises(SendError) as raised:
            await channel.send(a_piece(), context)

    assert type(raised.value) is error
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refused(429, "Too Many Requests", parameters={"retry_after": 5}), 5),
        (refused(429, "Too Many Requests", parameters={"retry_after": "5"}), 5),
        (refused(429, "Too Many Requests", headers={"retry-after": "6"}), 6),
        (refused(429, "x", parameters={"retry_after": 5}, headers={"retry-after": "6"}), 5),
        (httpx.Response(429, text=PAGE, headers={"retry-after": "12"}), 12),
        (refused(503, "Service Unavailable", headers={"retry-after": "3"}), 3),
        (refused(429, "x", parameters={"retry_after": 10**12}), 86_400),
        (refused(429, "x", parameters={"retry_after": -4}), None),
        (refused(429, "x", headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), None),
        (refused(429, "x", parameters={"retry_after": 10**300}), None),
        (refused(500, "Internal Server Error"), None),
    ],
)
async def test_the_wait_is_found_where_telegram_tells_it(answer: httpx.Response, seconds: float | None) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(RetryLaterError) as raised:
            await channel.send(a_piece(), context)

    assert raised.value.retry_after_seconds == seconds


async def test_a_message_that_ptb_cannot_read_still_has_its_receipt() -> None:
    odd = taken(entities=[{"type": "bold"}], chat={"id": MAYA}, new_chat_members="x")
    async with scripted(odd) as (_, context):
        receipt = await channel.send(a_piece(), context)

    assert (receipt.external_ids, receipt.message_keys) == (("77",), (f"{MAYA}:77",))


@pytest.mark.parametrize(
    ("thread", "parameters"),
    [
        ("", {}),
        ("9", {"message_thread_id": "9"}),
        ("dm:71001", {"direct_messages_topic_id": "71001"}),
        ("bizConn_Qk3x", {"business_connection_id": "bizConn_Qk3x"}),
        ("biz:12345", {"business_connection_id": "12345"}),
    ],
)
async def test_a_piece_goes_to_its_thread(thread: str, parameters: dict[str, str]) -> None:
    async with scripted(taken()) as (script, context):
        await channel.send(a_piece("hello", thread=thread, reply_to="5"), context)

    [(path, _)] = script.asked
    reply = {"message_id": 5, "allow_sending_without_reply": True}
    assert path == f"/bot{TOKEN}/sendMessage"
    assert form_of(script) == {"chat_id": str(MAYA), "text": "hello", "reply_parameters": reply} | parameters


async def test_a_receipt_names_the_message_as_parse_will() -> None:
    async with scripted(taken(message_id=500, chat_id=71001)) as (_, context):
        direct = await channel.send(a_piece(chat=71001), context)
        business = await channel.send(a_piece(chat=71001, thread="c1"), context)
    echoes = [
        parse_as(MessageReceived, update(text="x")),
        parse_as(MessageReceived, update("business_message", text="x", business_connection_id="c1")),
    ]

    assert direct.message_keys + business.message_keys == tuple(echo.message_key for echo in echoes)
    assert message()["message_id"] == 500


async def test_no_call_is_made_without_time() -> None:
    async with scripted(taken()) as (script, context):
        spent = context_of(context.http, context.settings, timeout_seconds=0)
        with pytest.raises(RetryLaterError, match="no time was left"):
            await channel.send(a_piece(), spent)

    assert script.asked == []


async def test_the_phases_of_a_call_end_within_its_time() -> None:
    timeouts: list[dict[str, float]] = []

    def note(request: httpx.Request) -> httpx.Response:
        timeouts.append(request.extensions["timeout"])
        return taken()

    async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as http:
        await channel.send(a_piece(), context_of(http, TelegramSettings(access_token=TOKEN), timeout_seconds=30))

    [timeout] = timeouts
    assert 25 < sum(timeout.values()) < 30
    assert min(timeout.values()) > 4
