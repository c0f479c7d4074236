"""Views as answers."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from starlette.responses import JSONResponse

from chaskiq_core.desk.pages import Page
from chaskiq_core.presenters.as_json import as_json

T = TypeVar("T")

HEADERS = {"cache-control": "no-store"}
"""What is answered is about people: it stays in no cache."""


def answer(view: object, status: int = 200) -> JSONResponse:
    """One thing."""
    return answer_json(as_json(view), status)


def answer_json(shown: Mapping[str, object], status: int = 200) -> JSONResponse:
    """One thing that is JSON already."""
    return JSONResponse(shown, status, HEADERS)


def answer_page(page: Page[T], show: Callable[[T], Mapping[str, object]] = as_json) -> JSONResponse:
    """Some things, and where to go on."""
    return answer_json({"items": [show(item) for item in page.items], "next": page.next})
