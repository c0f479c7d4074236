"""What goes out, and what each answer of Slack means."""

from datetime import UTC, datetime

import httpx
import pytest

from chaskiq_core.plugin import (
    AccountError,
    ContentError,
    Document,
    JsonObject,
    Mark,
    MarkKind,
    MovedError,
    Paragraph,
    ReauthError,
    Receipt,
    RecipientError,
    RetryLaterError,
    SendError,
    SentMessage,
    Text,
    UnknownOutcomeError,
)
from chaskiq_plugins.slack.tests.slack_provider import Answer, Script, a_file, a_piece, no, ok, posted, scripted
from chaskiq_slack import channel
from chaskiq_slack.fields import object_at, objects_at, text_at
from chaskiq_slack.manifest import ERRORS, MAY_BE_DONE

pytestmark = pytest.mark.anyio

RECEIPT = Receipt(external_ids=("1790000000.000200",), message_keys=("C01HELP:1790000000.000200",))
SINCE = datetime(2026, 9, 21, tzinfo=UTC)
SENT = SentMessage(channel_id="C01HELP", thread_id="", external_ids=("1790000000.000200",))
PLACE = ok(upload_url="https://files.slack.com/upload/v1/x", file_id="F1")
TAKEN = httpx.Response(200, text="OK - 3")
SHARED = ok(files=[{"id": "F1"}])
INFO = ok(file={"id": "F1", "shares": {"private": {"C01HELP": [{"ts": "1790000000.000200"}]}}})


def blocks_of(script: Script) -> list[JsonObject]:
    return objects_at(script.asked[0][1], "blocks")


async def test_a_text_goes_out_escaped_and_named() -> None:
    async with scripted(posted()) as (script, context):
        assert await channel.send(a_piece("<!channel> a & *b*", thread="1.1"), context) == RECEIPT

    [(method, form)] = script.asked
    assert method == "chat.postMessage"
    assert form == {
        "channel": "C01HELP",
        "thread_ts": "1.1",
        "text": "&lt;!channel&gt; a &amp; *b*",
        "mrkdwn": False,
        "metadata": {"event_type": "chaskiq_piece", "event_payload": {"key": "01ABC-0"}},
    }
    assert script.requests[0].headers["authorization"] == "Bearer xoxb-1-tests"


async def test_marks_go_out_as_mrkdwn() -> None:
    bold = Document(blocks=(Paragraph(inlines=(Text(text="b", marks=frozenset({Mark(kind=MarkKind.BOLD)})),)),))
    async with scripted(posted()) as (script, context):
        await channel.send(a_piece(bold), context)

    assert (script.asked[0][1]["text"], script.asked[0][1]["mrkdwn"]) == ("*b*", True)


async def test_options_are_buttons_that_carry_their_place() -> None:
    async with scripted(posted()) as (script, context):
        await channel.send(a_piece("Well < ?", options=("Yes", " ")), context)

    section, actions = blocks_of(script)
    assert section == {"type": "section", "text": {"type": "plain_text", "text": "Well < ?", "emoji": True}}
    buttons = objects_at(actions, "elements")
    assert [(object_at(one, "text")["text"], one["value"]) for one in buttons] == [("Yes", "0"), ("2", "1")]


async def test_a_long_text_with_buttons_has_several_sections() -> None:
    text = "\n".join(f"{n} & more" for n in range(380))
    async with scripted(posted()) as (script, context):
        await channel.send(a_piece(text, options=("Yes",)), context)

    *sections, _ = blocks_of(script)
    said = [text_at(object_at(one, "text"), "text") for one in sections]
    assert len(said) > 1
    assert all(len(one) <= 3000 for one in said)
    assert "\n".join(said) == text


async def test_a_person_is_written_to_in_a_channel_of_its_own() -> None:
    async with scripted(ok(channel={"id": "D9"})) as (script, context):
        with pytest.raises(MovedError) as moved:
            await channel.send(a_piece(channel="U02MAYA"), context)

    assert moved.value.channel_id == "D9"
    assert script.methods == ["conversations.open"]


async def test_a_public_channel_is_joined_once() -> None:
    async with scripted(no("not_in_channel"), ok(), posted()) as (script, context):
        assert await channel.send(a_piece(), context) == RECEIPT

    assert script.methods == ["chat.postMessage", "conversations.join", "chat.postMessage"]


async def test_a_private_channel_is_not() -> None:
    async with scripted(no("not_in_channel")) as (script, context):
        with pytest.raises(RecipientError):
            await channel.send(a_piece(channel="G1"), context)

    assert script.methods == ["chat.postMessage"]


CLASSES: dict[str, type[SendError]] = {
    "reauth": ReauthError,
    "recipient": RecipientError,
    "content": ContentError,
    "account": AccountError,
    "transient": RetryLaterError,
}


@pytest.mark.parametrize(("code", "error_class"), [(rule.code, rule.error_class) for rule in ERRORS])
async def test_each_line_of_the_table_is_what_is_raised(code: str, error_class: str) -> None:
    answer = httpx.Response(int(code), text="<html>") if code.isdecimal() else no(code)
    async with scripted(answer) as (_, context):
        with pytest.raises(UnknownOutcomeError if code in MAY_BE_DONE else CLASSES[error_class]) as raised:
            await channel.send(a_piece(channel="D1"), context)

    assert raised.value.code == code


@pytest.mark.parametrize("code", MAY_BE_DONE)
async def test_what_only_asks_is_asked_again(code: str) -> None:
    answer = httpx.Response(int(code), text="<html>") if code.isdecimal() else no(code)
    async with scripted(answer) as (_, context):
        with pytest.raises(RetryLaterError):
            await channel.look_up(a_piece(), SINCE, context)


async def test_slack_says_how_long_to_wait() -> None:
    async with scripted(no("ratelimited", status=429, headers={"retry-after": "30"})) as (_, context):
        with pytest.raises(RetryLaterError) as raised:
            await channel.send(a_piece(), context)

    assert raised.value.retry_after_seconds == 30


async def test_what_is_missing_is_named() -> None:
    async with scripted(no("missing_scope", needed="chat:write", provided="users:read")) as (_, context):
        with pytest.raises(ReauthError, match=r"missing_scope \(needed chat:write; provided users:read\)"):
            await channel.send(a_piece(), context)


async def test_a_refusal_that_nobody_knows_is_the_contents() -> None:
    async with scripted(no("too_purple")) as (_, context):
        with pytest.raises(ContentError, match="too_purple"):
            await channel.send(a_piece(), context)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadTimeout(""), UnknownOutcomeError),
        (httpx.WriteTimeout(""), UnknownOutcomeError),
        (httpx.ReadError("reset"), UnknownOutcomeError),
        (httpx.RemoteProtocolError("half"), UnknownOutcomeError),
        (httpx.ConnectError("refused"), RetryLaterError),
        (httpx.ConnectTimeout(""), RetryLaterError),
        (httpx.PoolTimeout(""), RetryLaterError),
        (httpx.Response(200, text="<html>"), UnknownOutcomeError),
        (httpx.Response(200, json=[]), UnknownOutcomeError),
        (httpx.Response(200, json={"ok": True}), UnknownOutcomeError),
        (httpx.Response(200, json={"ok": True, "ts": 5.5}), UnknownOutcomeError),
        (httpx.Response(302, headers={"location": "/"}), UnknownOutcomeError),
        (httpx.Response(413, text="large"), ContentError),
    ],
)
async def test_whether_it_was_taken_if_slack_does_not_say(answer: Answer, error: type[SendError]) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(error):
            await channel.send(a_piece(), context)


async def test_without_time_nothing_is_sent() -> None:
    async with scripted(posted(), timeout_seconds=0) as (script, context):
        with pytest.raises(RetryLaterError):
            await channel.send(a_piece(), context)

    assert script.asked == []


async def test_a_file_is_uploaded_and_shared_with_its_text() -> None:
    async with scripted(PLACE, TAKEN, SHARED, INFO, files={"m1": b"pdf"}) as (script, context):
        receipt = await channel.send(a_piece("a & b", thread="1.1", media=(a_file(),), options=("Yes",)), context)

    assert receipt == RECEIPT
    assert script.methods == ["files.getUploadURLExternal", "x", "files.completeUploadExternal", "files.info"]
    assert script.asked[0][1] == {"filename": "a.pdf", "length": "3"}
    assert script.asked[1][1] == {"body": b"pdf"}
    assert "authorization" not in script.requests[1].headers
    assert script.asked[2][1] == {
        "files": [{"id": "F1", "title": "a.pdf"}],
        "channel_id": "C01HELP",
        "thread_ts": "1.1",
        "initial_comment": "a &amp; b\n1. Yes",
    }


async def test_a_file_of_which_slack_tells_no_message_is_known_by_itself() -> None:
    async with scripted(PLACE, TAKEN, SHARED, no("internal_error"), files={"m1": b"pdf"}) as (_, context):
        receipt = await channel.send(a_piece("", media=(a_file(),)), context)

    assert receipt == Receipt(external_ids=("F1",), message_keys=("file:F1",))


@pytest.mark.parametrize(
    "answers", [(httpx.ReadTimeout(""),), (PLACE, httpx.ReadTimeout("")), (PLACE, httpx.Response(500)), (ok(),)]
)
async def test_what_was_not_shared_yet_is_tried_again(answers: tuple[Answer, ...]) -> None:
    async with scripted(*answers, files={"m1": b"pdf"}) as (_, context):
        with pytest.raises(RetryLaterError):
            await channel.send(a_piece("", media=(a_file(),)), context)


async def test_a_share_without_an_answer_is_unknown() -> None:
    async with scripted(PLACE, TAKEN, httpx.ReadTimeout(""), files={"m1": b"pdf"}) as (_, context):
        with pytest.raises(UnknownOutcomeError):
            await channel.send(a_piece("", media=(a_file(),)), context)


async def test_an_empty_file_is_refused_here() -> None:
    async with scripted(PLACE, files={"m1": b""}) as (script, context):
        with pytest.raises(ContentError):
            await channel.send(a_piece("", media=(a_file(),)), context)

    assert script.asked == []


async def test_a_file_that_is_not_ours_is_a_link() -> None:
    async with scripted(posted()) as (script, context):
        await channel.send(a_piece("see", media=(a_file(media_id=None),)), context)

    assert script.asked[0][1]["text"] == "see\n<https://files.example/a.pdf|a.pdf>"


async def test_a_message_that_is_there_is_found_by_its_name() -> None:
    ours = {"ts": "1790000000.000200", "metadata": {"event_type": "chaskiq_piece", "event_payload": {"key": "01ABC-0"}}}
    other = {
        "ts": "1790000000.000100",
        "metadata": {"event_type": "chaskiq_piece", "event_payload": {"key": "01ABC-1"}},
    }
    first = ok(messages=[other], has_more=True, response_metadata={"next_cursor": "c"})
    async with scripted(first, ok(messages=["junk", ours])) as (script, context):
        assert await channel.look_up(a_piece(), SINCE, context) == RECEIPT

    assert script.methods == ["conversations.history"] * 2
    assert script.asked[0][1]["include_all_metadata"] is True
    assert script.asked[1][1]["cursor"] == "c"


async def test_in_a_thread_its_replies_are_asked_for() -> None:
    async with scripted(ok(messages=[])) as (script, context):
        assert await channel.look_up(a_piece(thread="1.1"), SINCE, context) is None

    assert (script.methods, script.asked[0][1]["ts"]) == (["conversations.replies"], "1.1")


@pytest.mark.parametrize(
    ("files", "text", "found"),
    [
        ([{"name": "a.pdf", "size": 3}], "see", True),
        ([{"name": "a.pdf", "size": 4}], "see", False),
        ([{"name": "b.pdf", "size": 3}], "see", False),
        ([{"name": "a.pdf", "size": 3}], "other", False),
        ([], "see", False),
    ],
)
async def test_files_that_are_there_are_found_by_what_they_are(files: list[object], text: str, found: bool) -> None:
    answer = ok(messages=[{"ts": "1790000000.000200", "text": text, "files": files}])
    async with scripted(answer) as (_, context):
        receipt = await channel.look_up(a_piece("see", media=(a_file(),)), SINCE, context)

    assert (receipt == RECEIPT) is found


async def test_too_long_a_history_is_no_answer() -> None:
    page = ok(messages=[{"ts": "1.1"}], has_more=True, response_metadata={"next_cursor": "c"})
    async with scripted(page) as (_, context):
        with pytest.raises(UnknownOutcomeError):
            await channel.look_up(a_piece(), SINCE, context)


@pytest.mark.parametrize("answer", [no("internal_error"), httpx.ReadTimeout(""), httpx.Response(502)])
async def test_a_question_without_an_answer_is_asked_again(answer: Answer) -> None:
    async with scripted(answer) as (_, context):
        with pytest.raises(RetryLaterError):
            await channel.look_up(a_piece(), SINCE, context)


async def test_an_edit_brings_the_new_text_and_takes_old_buttons_away() -> None:
    async with scripted(posted()) as (script, context):
        await channel.edit(a_piece("new"), SENT, context)

    [(method, form)] = script.asked
    assert method == "chat.update"
    assert (form["ts"], form["text"], form["blocks"]) == ("1790000000.000200", "new", [])


@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message", "msg_too_long"])
async def test_a_message_that_can_not_be_changed_says_so(error: str) -> None:
    async with scripted(no(error)) as (_, context):
        with pytest.raises(ContentError):
            await channel.edit(a_piece("new"), SENT, context)


async def test_messages_and_files_are_taken_back() -> None:
    both = SentMessage(channel_id="C01HELP", thread_id="", external_ids=("1.1", "F1"))
    async with scripted(ok(), ok()) as (script, context):
        await channel.delete(both, context)

    assert script.methods == ["chat.delete", "files.delete"]


async def test_what_is_gone_is_taken_back_already() -> None:
    async with scripted(no("message_not_found")) as (_, context):
        await channel.delete(SENT, context)
    async with scripted(no("cant_delete_message")) as (_, context):
        with pytest.raises(ContentError):
            await channel.delete(SENT, context)
