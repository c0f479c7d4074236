"""Webhooks in a Django view, which is plain code in a thread; the engine lives in an event loop beside it.

A blocking portal is that loop: `portal.call` runs a coroutine there and waits for what it returns. Start it once per
process (an AppConfig's `ready`, or a server's post-fork hook) and stop it at the end.

    urlpatterns = [path("api/v1/hooks/receiver/<str:token>", hook)]
"""

from collections.abc import Iterator
from contextlib import contextmanager

from anyio.from_thread import BlockingPortal, start_blocking_portal
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from chaskiq_core import Chaskiq
from chaskiq_core.plugin import WebhookRequest


class Engine:
    """The engine and the loop that it lives in."""

    def __init__(self, chaskiq: Chaskiq, portal: BlockingPortal) -> None:
        self.chaskiq = chaskiq
        self.portal = portal


running: list[Engine] = []


@contextmanager
def running_engine(chaskiq: Chaskiq) -> Iterator[Engine]:
    """The engine, open and at work, for the length of the block."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(chaskiq):
        worker = portal.start_task_soon(chaskiq.work)
        engine = Engine(chaskiq, portal)
        running.append(engine)
        try:
            yield engine
        finally:
            running.remove(engine)
            portal.call(chaskiq.stop_work)
            worker.result()


def answer_webhook(request: HttpRequest, token: str) -> HttpResponse:
    """A provider's webhook: 200 means that it is on disk."""
    [engine] = running
    webhook = WebhookRequest(
        method=request.method or "POST",
        headers={name.lower(): value for name, value in request.headers.items()},
        query=request.META.get("QUERY_STRING", ""),
        body=request.body,
    )
    answer = engine.portal.call(engine.chaskiq.answer, token, webhook)
    return HttpResponse(answer.body, status=answer.status, content_type=f"{answer.media_type}; charset=utf-8")


hook = csrf_exempt(answer_webhook)
