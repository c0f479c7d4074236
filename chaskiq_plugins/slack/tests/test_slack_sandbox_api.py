"""The sandbox is a Slack to slack_sdk's own client and verifier, and refuses what Slack refuses."""

from collections.abc import AsyncIterator

import anyio
import httpx
import pytest
from anyio import to_thread
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_slack.sandbox import SlackSandbox, app_of, running_sandbox

pytestmark = pytest.mark.anyio

TOKEN = "xoxb-1-sandbox-tests"
SECRET = "the-secret-of-the-sandbox"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with running_sandbox() as url:
        yield url


@pytest.fixture
async def people(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/sandbox", trust_env=False) as http:
        await http.post("/apps", json={"token": TOKEN, "signing_secret": SECRET})
        await http.post("/channels", json={"id": "C1", "name": "help"})
        await http.post(
            "/users", json={"id": "U1", "name": "maya", "real_name": "Maya R.", "email": "maya@example.org"}
        )
        yield http


@pytest.fixture
def client(url: str, people: httpx.AsyncClient) -> AsyncWebClient:
    return AsyncWebClient(token=TOKEN, base_url=f"{url}/api/", retry_handlers=[])


async def test_slack_sdk_writes_changes_and_takes_back(client: AsyncWebClient) -> None:
    me = await client.auth_test()
    posted = await client.chat_postMessage(
        channel="C1", text="hi", metadata={"event_type": "t", "event_payload": {"key": "k"}}
    )
    answered = await client.chat_postMessage(channel="C1", text="there", thread_ts=posted["ts"])
    await client.chat_update(channel="C1", ts=posted["ts"], text="hi!")
    history = await client.conversations_history(channel="C1", include_all_metadata=True)
    bare = await client.conversations_history(channel="C1")
    replies = await client.conversations_replies(channel="C1", ts=posted["ts"])
    await client.chat_delete(channel="C1", ts=answered["ts"])

    assert me["team_id"] == "T0SANDBOX"
    assert [(one["text"], one["metadata"]["event_payload"]["key"]) for one in history["messages"]] == [("hi!", "k")]
    assert "metadata" not in bare["messages"][0]
    assert [one["text"] for one in replies["messages"]] == ["hi!", "there"]
    assert "chat:write" in me.headers["x-oauth-scopes"]


async def test_slack_sdk_uploads_and_the_file_can_be_fetched(client: AsyncWebClient, url: str) -> None:
    answer = await client.files_upload_v2(channel="C1", content="abc", filename="a.txt", initial_comment="see")
    info = await client.files_info(file=answer["files"][0]["id"])
    address = info["file"]["url_private_download"]
    async with httpx.AsyncClient(trust_env=False) as http:
        fetched = await http.get(address, headers={"authorization": f"Bearer {TOKEN}"})
        stranger = await http.get(address)

    assert fetched.content == b"abc"
    assert "Sign in" in stranger.text
    assert stranger.headers["content-type"].startswith("text/html")
    assert len(info["file"]["shares"]["public"]["C1"]) == 1


async def test_slack_sdk_finds_people_and_opens_conversations(client: AsyncWebClient) -> None:
    known = await client.users_info(user="U1")
    found = await client.users_lookupByEmail(email="MAYA@example.org")
    opened = await client.conversations_open(users="U1")
    again = await client.conversations_open(users="U1")

    assert known["user"]["profile"]["real_name"] == "Maya R."
    assert found["user"]["id"] == "U1"
    assert opened["channel"]["id"] == again["channel"]["id"]
    assert opened["channel"]["id"].startswith("D")


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "C1"}, "no_text"),
        ("chat.postMessage", {"channel": "C1", "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "blocks": [{"type": "hologram"}]}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ("chat.postMessage", {"channel": "C1", "text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        (
            "chat.postMessage",
            {
                "channel": "C1",
                "text": "x",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
            },
            "invalid_blocks",
        ),
        (
            "chat.postMessage",
            {
                "channel": "C1",
                "text": "x",
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5,
            },
            "msg_blocks_too_long",
        ),
        ("chat.postMessage", {"channel": "C1", "text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        (
            "chat.postMessage",
            {"channel": "C1", "text": "x", "metadata": {"event_type": "t", "event_payload": {"a": "x" * 9000}}},
            "metadata_too_large",
        ),
        ("chat.update", {"channel": "C1", "ts": "1.1", "text": "x"}, "message_not_found"),
        ("chat.delete", {"channel": "C1", "ts": "1.1"}, "message_not_found"),
        ("files.info", {"file": "F404"}, "file_not_found"),
        ("files.getUploadURLExternal", {"filename": "x", "length": 0}, "invalid_arguments"),
        ("files.completeUploadExternal", {"files": [{"id": "F404"}], "channel_id": "C1"}, "file_not_found"),
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("conversations.open", {"users": "U404"}, "user_not_found"),
        ("files.upload", {}, "unknown_method"),
    ],
)
async def test_what_slack_refuses(client: AsyncWebClient, method: str, given: dict[str, object], error: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=given)

    assert refused.value.response["error"] == error
    assert refused.value.response.status_code == 200


async def test_channels_want_a_member_and_tokens_want_scopes(
    client: AsyncWebClient, people: httpx.AsyncClient, url: str
) -> None:
    await people.post("/channels", json={"id": "C2", "apps": False})
    await people.post("/apps", json={"token": "xoxb-2-poor", "scopes": "chat:write"})
    poor = AsyncWebClient(token="xoxb-2-poor", base_url=f"{url}/api/")
    await people.post("/members", json={"channel": "C1", "archived": True})

    errors = []
    for call in (
        client.chat_postMessage(channel="C2", text="x"),
        client.chat_postMessage(channel="C1", text="x"),
        poor.users_info(user="U1"),
        AsyncWebClient(token="", base_url=f"{url}/api/").auth_test(),
        AsyncWebClient(token="nonsense", base_url=f"{url}/api/").auth_test(),
    ):
        with pytest.raises(SlackApiError) as refused:
            await call
        errors.append(refused.value.response["error"])
    await client.conversations_join(channel="C2")
    await client.chat_postMessage(channel="C2", text="x")

    assert errors == ["not_in_channel", "is_archived", "missing_scope", "not_authed", "invalid_auth"]


async def test_too_many_messages_in_a_second_are_refused() -> None:
    now = 1_790_000_000.0
    sandbox = SlackSandbox(enforce_limits=True, now=lambda: now)
    transport = httpx.ASGITransport(app_of(sandbox))
    async with sandbox.running(), httpx.AsyncClient(transport=transport, base_url="http://s") as http:
        await http.post("/sandbox/apps", json={"token": TOKEN})
        await http.post("/sandbox/channels", json={"id": "C1"})
        headers = {"authorization": f"Bearer {TOKEN}"}
        answers = [
            await http.post("/api/chat.postMessage", data={"channel": "C1", "text": "x"}, headers=headers)
            for _ in range(6)
        ]

    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429, 429]
    assert answers[3].json()["error"] == "ratelimited"
    assert int(answers[3].headers["retry-after"]) >= 1


async def test_an_app_is_installed_with_a_code(url: str) -> None:
    asked = {"client_id": "1.2", "scope": "chat:write", "redirect_uri": "http://127.0.0.1:9/back", "state": "s"}
    async with httpx.AsyncClient(trust_env=False) as http:
        page = await http.get(f"{url}/oauth/v2/authorize", params=asked)
    back = httpx.URL(page.headers["location"])
    code = back.params["code"]
    client = WebClient(base_url=f"{url}/api/")

    def exchange(code: str) -> dict[str, object]:
        answer = client.oauth_v2_access(
            client_id="1.2", client_secret="s", code=code, redirect_uri=asked["redirect_uri"]
        )
        told: dict[str, object] = answer.data  # type: ignore[assignment]
        return told

    installed = await to_thread.run_sync(exchange, code)
    me = await AsyncWebClient(token=str(installed["access_token"]), base_url=f"{url}/api/").auth_test()

    assert back.params["state"] == "s"
    assert installed["team"] == {"id": me["team_id"], "name": f"Workspace {me['team_id']}"}
    for wrong in (code, "made-up"):
        with pytest.raises(SlackApiError):
            await to_thread.run_sync(exchange, wrong)


class Listener:
    """An app's request URL: it keeps what comes, and answers as it is told."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.rung = anyio.Event()
        self.app = Starlette(routes=[Route("/hook", self.hear, methods=["POST"])])

    async def hear(self, request: Request) -> Response:
        body = await request.body()
        if b"url_verification" in body:
            return Response((await request.json())["challenge"])
        self.heard.append((dict(request.headers), body))
        self.rung.set()
        self.rung = anyio.Event()
        return Response(status_code=self.statuses.pop(0) if self.statuses else 200)


async def told(listener: Listener, *, times: int) -> None:
    with anyio.fail_after(20):
        while len(listener.heard) < times:
            await listener.rung.wait()


async def test_events_are_signed_repeated_and_doubled_for_mentions() -> None:
    listener = Listener(500)
    sandbox = SlackSandbox(webhook_transport=httpx.ASGITransport(listener.app), retry_delays=(0.0, 0.0, 0.0))
    async with running_sandbox(sandbox) as url, httpx.AsyncClient(base_url=f"{url}/sandbox", trust_env=False) as people:
        added = await people.post(
            "/apps", json={"token": TOKEN, "signing_secret": SECRET, "request_url": "http://app/hook"}
        )
        bot = added.json()["bot_user_id"]
        await people.post("/channels", json={"id": "C1"})
        await people.post("/messages", json={"user": "U1", "channel": "C1", "text": f"<@{bot}> help"})
        await told(listener, times=3)

    verifier = SignatureVerifier(SECRET)
    assert all(verifier.is_valid_request(body, headers) for headers, body in listener.heard)
    assert [headers.get("x-slack-retry-num") for headers, _ in listener.heard] == [None, "1", None]
    assert listener.heard[1][0]["x-slack-retry-reason"] == "http_error"
    assert listener.heard[0][1] == listener.heard[1][1]
    assert b'"type":"app_mention"' in listener.heard[2][1]


async def test_a_url_that_does_not_answer_the_challenge_is_not_taken(people: httpx.AsyncClient) -> None:
    refused = await people.post("/apps", json={"token": TOKEN, "request_url": "http://127.0.0.1:9/hook"})

    assert refused.status_code == 422
    assert (await people.get("/apps")).json()["apps"][0]["request_url"] == ""


async def test_faults_by_slacks_own_word(client: AsyncWebClient, people: httpx.AsyncClient) -> None:
    await people.post("/faults", json={"kind": "error", "error": "is_archived", "method": "chat.postMessage"})
    await people.post("/faults", json={"kind": "reset_after", "method": "chat.postMessage"})

    with pytest.raises(SlackApiError, match="is_archived"):
        await client.chat_postMessage(channel="C1", text="one")
    with pytest.raises(Exception, match=r"disconnected|reset"):
        await client.chat_postMessage(channel="C1", text="two")
    shown = (await people.get("/messages", params={"channel": "C1"})).json()["messages"]

    assert [one["text"] for one in shown] == ["two"]


async def test_the_page_is_served(url: str) -> None:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        page, script = await http.get("/phone"), await http.get("/phone/page.js")

    assert "Slack sandbox" in page.text
    assert script.status_code == 200
