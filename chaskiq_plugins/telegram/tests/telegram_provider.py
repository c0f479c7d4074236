"""A Bot API to send to: the sandbox on a port, a scripted answer, or a network that fails; and who sends to it."""

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import httpx

from chaskiq_core.plugin import ChannelContext, Document, Piece, document_from_text, text_of
from chaskiq_plugins.telegram.tests.sandbox.playing import MAYA, TOKEN, CustomerClient
from chaskiq_telegram import TelegramSettings
from chaskiq_telegram.sandbox import running_sandbox

SECRET = "a-secret_of-the-tests"


@dataclass(slots=True, kw_only=True)
class Provider:
    """The sandbox, and the contexts in which hooks call it."""

    url: str
    http: httpx.AsyncClient
    customer: CustomerClient

    def context(self, *, timeout_seconds: float = 10, token: str = TOKEN) -> ChannelContext[TelegramSettings]:
        """What the host gives to a hook."""
        settings = TelegramSettings(access_token=token, api_base=self.url, secret_token=SECRET)
        return context_of(self.http, settings, timeout_seconds=timeout_seconds)


@asynccontextmanager
async def running_provider() -> AsyncIterator[Provider]:
    """A sandbox on a port, with Maya's chat open, and a client without redirects, as the host's."""
    async with (
        running_sandbox(first_retry_seconds=0.001, longest_retry_seconds=0.004) as url,
        httpx.AsyncClient(base_url=url) as theirs,
        httpx.AsyncClient(trust_env=False) as ours,
    ):
        customer = CustomerClient(theirs)
        await customer.write("hi")
        yield Provider(url=url, http=ours, customer=customer)


@dataclass(slots=True)
class Script:
    """Answers calls from a list, and keeps what was asked; the last answer stands."""

    answers: list[httpx.Response | httpx.HTTPError]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.asked.append((request.url.path, form))
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer


@asynccontextmanager
async def scripted(
    *answers: httpx.Response | httpx.HTTPError,
) -> AsyncIterator[tuple[Script, ChannelContext[TelegramSettings]]]:
    """A Bot API that answers so, and a context to call it in."""
    script = Script(list(answers))
    async with httpx.AsyncClient(transport=httpx.MockTransport(script)) as http:
        yield script, context_of(http, TelegramSettings(access_token=TOKEN, secret_token=SECRET))


def context_of(
    http: httpx.AsyncClient, settings: TelegramSettings, *, timeout_seconds: float = 10
) -> ChannelContext[TelegramSettings]:
    return ChannelContext(
        settings=settings, http=http, timeout_seconds=timeout_seconds, log=logging.getLogger("test.telegram")
    )


def taken(chat_id: int = MAYA, message_id: int = 77, **more: object) -> httpx.Response:
    """Telegram's answer to a message that it took."""
    chat = {"id": chat_id, "type": "private", "first_name": "Maya"}
    return answered({"message_id": message_id, "date": 1_790_000_000, "chat": chat, "text": "x"} | more)


def answered(result: object) -> httpx.Response:
    """Telegram's answer to a call that it carried out."""
    return httpx.Response(200, json={"ok": True, "result": result})


def refused(
    status: int,
    description: str,
    *,
    parameters: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Telegram's refusal."""
    body = {"ok": False, "error_code": status, "description": description}
    return httpx.Response(status, json=body | ({"parameters": parameters} if parameters else {}), headers=headers)


def a_piece(
    content: str | Document = "hello", *, chat: int | str = MAYA, thread: str = "", reply_to: str | None = None
) -> Piece:
    """One message on its way."""
    document = document_from_text(content) if isinstance(content, str) else content
    return Piece(
        channel_id=str(chat),
        thread_id=thread,
        text=text_of(document),
        content=document,
        attempt_id="attempt",
        reply_to=reply_to,
    )


def form_of(script: Script, call: int = -1) -> dict[str, object]:
    """What one call asked for, its JSON values read."""
    return {name: _value(value) for name, value in script.asked[call][1].items()}


def _value(text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict | list) else text
