"""Serves the phone page and its files. What bots send can't run there: nothing inline, nothing from elsewhere."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_telegram.sandbox.errors import not_found

FOLDER = Path(__file__).parent / "assets"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def phone_routes() -> list[Route]:
    """`/phone` and the files beside it."""
    return [Route("/phone", _page), Route("/phone/{name}", _file)]


async def _page(request: Request) -> Response:
    return _read("index.html")


async def _file(request: Request) -> Response:
    return _read(request.path_params["name"])


def _read(name: str) -> Response:
    # only names that are there, so no path leads out of the folder
    found = {path.name: path for path in FOLDER.iterdir()}.get(name)
    if found is None or found.suffix not in TYPES:
        raise not_found()
    return Response(found.read_bytes(), media_type=TYPES[found.suffix], headers=HEADERS)
