"""What leaves for the Graph API, and what its answers mean."""

import httpx
import pytest

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    OutgoingMedia,
    Piece,
    ReauthError,
    Receipt,
    RecipientError,
    RetryLaterError,
    SendError,
    UnknownOutcomeError,
    WindowError,
    document_from_html,
)
from chaskiq_core.plugin.outbound import OutgoingType
from chaskiq_plugins.whatsapp.tests.whatsapp_bodies import NUMBER_ID, RUTH, RUTH_ID, Fields
from chaskiq_plugins.whatsapp.tests.whatsapp_provider import TOKEN, a_piece, answered, refused, scripted, taken
from chaskiq_whatsapp import channel

pytestmark = pytest.mark.anyio

MESSAGES = f"/v25.0/{NUMBER_ID}/messages"


async def sent(piece: Piece) -> Fields:
    async with scripted(taken()) as (script, context):
        await channel.send(piece, context)
    return script.body()


async def test_a_text_leaves_with_its_token_its_key_and_its_receipt() -> None:
    async with scripted(taken()) as (script, context):
        receipt = await channel.send(a_piece("hi", reply_to="wamid.A1"), context)

    assert script.paths == [f"POST {MESSAGES}"]
    assert script.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert script.body() == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": f"+{RUTH}",
        "type": "text",
        "text": {"body": "hi", "preview_url": False},
        "context": {"message_id": "wamid.A1"},
        "biz_opaque_callback_data": "piece-1",
    }
    assert receipt == Receipt(external_ids=("wamid.O1",), message_keys=("wamid.O1",))


async def test_a_user_id_is_written_to_as_one_and_a_group_as_a_group() -> None:
    by_id = await sent(a_piece(chat=RUTH_ID))
    group = await sent(a_piece(chat="Y2FwaV9ncm91cDox"))

    assert ("to" in by_id, by_id["recipient"]) == (False, RUTH_ID)
    assert (group["recipient_type"], group["to"]) == ("group", "Y2FwaV9ncm91cDox")


async def test_another_number_s_chat_is_answered_from_that_number() -> None:
    async with scripted(taken()) as (script, context):
        await channel.send(a_piece(thread="640100200301"), context)

    assert script.paths == ["POST /v25.0/640100200301/messages"]


async def test_what_meta_calls_the_recipient_is_in_the_receipt() -> None:
    async with scripted(taken(wa_id="5521990003344", user_id=RUTH_ID)) as (_, context):
        receipt = await channel.send(a_piece(), context)

    assert receipt.aliases == ("5521990003344", RUTH_ID)


async def test_looks_are_kept_while_the_text_is_short_enough_with_them() -> None:
    bold = document_from_html("<p><b>Hi</b> <a href='https://x.example/a_b_c'>there</a></p>")
    long = document_from_html(f"<p><b>{'x' * 4090}</b> _a_ b</p>")

    assert (await sent(a_piece(bold)))["text"] == {
        "body": "*Hi* there (https://x.example/a_b_c)",
        "preview_url": True,
    }
    told = (await sent(a_piece(long)))["text"]
    assert isinstance(told, dict)
    assert told["body"] == f"{'x' * 4090} _a_ b"[:4096]


async def test_three_options_are_buttons_and_more_are_a_list() -> None:
    three = await sent(a_piece("Which?", options=("One", "Two", "Three")))
    four = await sent(a_piece("Which?", options=("One", "Two", "Three", "Four")))

    assert three["type"] == "interactive"
    assert three["interactive"] == {
        "type": "button",
        "body": {"text": "Which?"},
        "action": {
            "buttons": [
                {"type": "reply", "reply": {"id": "0", "title": "One"}},
                {"type": "reply", "reply": {"id": "1", "title": "Two"}},
                {"type": "reply", "reply": {"id": "2", "title": "Three"}},
            ]
        },
    }
    told = four["interactive"]
    assert isinstance(told, dict)
    assert told["type"] == "list"
    assert [row["id"] for row in told["action"]["sections"][0]["rows"]] == ["0", "1", "2", "3"]


@pytest.mark.parametrize(
    ("text", "options"),
    [("Which?", ("Same", "Same")), ("Which?", ("x" * 21,)), ("y" * 1025, ("One",))],
)
async def test_what_buttons_do_not_take_is_a_list(text: str, options: tuple[str, ...]) -> None:
    told = (await sent(a_piece(text, options=options)))["interactive"]

    assert isinstance(told, dict)
    assert told["type"] == "list"


def a_file(kind: OutgoingType, mime: str, *, media_id: str | None = "m1", url: str = "") -> OutgoingMedia:
    return OutgoingMedia(type=kind, mime=mime, media_id=media_id, url=url, filename="a.pdf")


@pytest.mark.parametrize(
    ("file", "kind", "told"),
    [
        (a_file("image", "image/png"), "image", {"id": "99", "caption": "*Look*"}),
        (a_file("video", "video/mp4"), "video", {"id": "99", "caption": "*Look*"}),
        (a_file("file", "application/pdf"), "document", {"id": "99", "caption": "*Look*", "filename": "a.pdf"}),
        (a_file("audio", "audio/mpeg"), "audio", {"id": "99"}),
        (a_file("voice", "audio/ogg; codecs=opus"), "audio", {"id": "99", "voice": True}),
        (a_file("voice", "audio/mpeg"), "audio", {"id": "99"}),
    ],
)
async def test_a_file_of_ours_is_uploaded_and_named_by_its_id(file: OutgoingMedia, kind: str, told: Fields) -> None:
    async with scripted(answered({"id": 99}), taken()) as (script, context):
        await channel.send(a_piece(document_from_html("<b>Look</b>"), media=(file,)), context)

    assert script.paths == [f"POST /v25.0/{NUMBER_ID}/media", f"POST {MESSAGES}"]
    upload = script.asked[0].content
    assert b"bytes of it" in upload
    assert (file.mime or "").partition(";")[0].encode() in upload
    assert script.body()["type"] == kind
    assert script.body()[kind] == told


async def test_a_file_of_somebody_else_s_is_named_by_its_address() -> None:
    file = a_file("image", "image/png", media_id=None, url="https://x.example/a.png")

    assert (await sent(a_piece("", media=(file,))))["image"] == {"link": "https://x.example/a.png"}


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        (0, 401, ReauthError),
        (190, 401, ReauthError),
        (3, 500, ReauthError),
        (10, 403, ReauthError),
        (200, 403, ReauthError),
        (299, 403, ReauthError),
        (131005, 403, ReauthError),
        (368, 403, AccountError),
        (131031, 403, AccountError),
        (130497, 403, AccountError),
        (131042, 400, AccountError),
        (131037, 400, AccountError),
        (131045, 500, AccountError),
        (133010, 400, AccountError),
        (33, 400, AccountError),
        (4, 400, RetryLaterError),
        (80007, 400, RetryLaterError),
        (130429, 400, RetryLaterError),
        (131056, 400, RetryLaterError),
        (2, 500, RetryLaterError),
        (1, 400, RetryLaterError),
        (131016, 500, RetryLaterError),
        (131057, 500, RetryLaterError),
        (133004, 503, RetryLaterError),
        (131000, 500, UnknownOutcomeError),
        (131026, 400, RecipientError),
        (131030, 400, RecipientError),
        (131021, 400, RecipientError),
        (131049, 400, RecipientError),
        (131050, 400, RecipientError),
        (131062, 400, RecipientError),
        (131047, 400, WindowError),
        (131051, 400, ContentError),
        (100, 400, ContentError),
        (131053, 400, ContentError),
        (132001, 404, ContentError),
        (132015, 400, ContentError),
        (777777, 400, ContentError),
        (777777, 401, ReauthError),
        (777777, 429, RetryLaterError),
        (777777, 500, UnknownOutcomeError),
    ],
)
async def test_a_refusal_means_what_its_code_says(code: int, status: int, error: type[SendError]) -> None:
    async with scripted(refused(code, status=status, error_data={"details": "Because."})) as (_, context):
        with pytest.raises(SendError) as raised:
            await channel.send(a_piece(), context)

    assert type(raised.value) is error
    assert (raised.value.code, raised.value.message) == (str(code), "Because.")


async def test_a_number_that_is_gone_is_the_account_s_fault() -> None:
    async with scripted(refused(100, error_subcode=33)) as (_, context):
        with pytest.raises(AccountError):
            await channel.send(a_piece(), context)


async def test_who_sends_too_fast_pauses_the_number_and_a_pair_only_itself() -> None:
    async with scripted(refused(130429)) as (_, context):
        with pytest.raises(RetryLaterError) as number:
            await channel.send(a_piece(), context)
    async with scripted(refused(131056, headers={"retry-after": "7"})) as (_, context):
        with pytest.raises(RetryLaterError) as pair:
            await channel.send(a_piece(), context)

    assert (number.value.whole_account, number.value.retry_after_seconds) == (True, 5.0)
    assert (pair.value.whole_account, pair.value.retry_after_seconds) == (False, 7.0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ConnectError("no"), RetryLaterError),
        (httpx.ConnectTimeout("no"), RetryLaterError),
        (httpx.PoolTimeout("no"), RetryLaterError),
        (httpx.ReadTimeout("no"), UnknownOutcomeError),
        (httpx.WriteError("no"), UnknownOutcomeError),
        (httpx.RemoteProtocolError("no"), UnknownOutcomeError),
        (httpx.Response(200, text="<html>"), UnknownOutcomeError),
        (httpx.Response(200, json={}), UnknownOutcomeError),
        (httpx.Response(200, json={"messages": [{"id": ""}]}), UnknownOutcomeError),
        (httpx.Response(200, json=[]), UnknownOutcomeError),
        (httpx.Response(502, text="bad gateway"), UnknownOutcomeError),
        (httpx.Response(504, json={"error": "x"}), UnknownOutcomeError),
        (httpx.Response(302, headers={"location": "https://x.example"}), UnknownOutcomeError),
        (httpx.Response(429, text="slow down"), RetryLaterError),
        (httpx.Response(413, text="too large"), ContentError),
    ],
)
async def test_without_meta_s_word_a_send_is_unknown_unless_it_surely_did_not_leave(
    answer: httpx.Response | httpx.HTTPError, error: type[SendError]
) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(SendError) as raised:
            await channel.send(a_piece(), context)

    assert type(raised.value) is error
    assert TOKEN not in str(raised.value)


async def test_an_upload_without_an_answer_is_tried_again_nothing_was_sent() -> None:
    file = a_file("image", "image/png")
    async with scripted(httpx.ReadTimeout("no")) as (script, context):
        with pytest.raises(RetryLaterError):
            await channel.send(a_piece("", media=(file,)), context)

    assert len(script.asked) == 1


async def test_without_time_nothing_leaves() -> None:
    async with scripted(taken(), timeout_seconds=0) as (script, context):
        with pytest.raises(RetryLaterError):
            await channel.send(a_piece(), context)

    assert script.asked == []
