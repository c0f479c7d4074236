"""The agent page and its assets, read once and served from memory: no request names a file of the disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chaskiq_server.problems import UNKNOWN, Problem

METHODS = ["GET", "HEAD"]
INDEX = "index.html"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self' ws: wss:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
    )
)
"""What the page may load and run: what a customer sends is never among it."""
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    # asked for each time and answered with 304: the files of two versions never meet in one page
    "cache-control": "no-cache",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file of the page, as it is sent."""

    body: bytes
    media_type: str
    etag: str


def page_router() -> APIRouter:
    """The routes of the page: `/`, and `/assets/NAME` for all that it loads."""
    assets = read_assets()
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=METHODS, response_model=None)
    async def page(request: Request) -> Response:
        return _answer(request, assets.get(INDEX))

    @router.api_route("/assets/{name}", methods=METHODS, response_model=None)
    async def asset(request: Request, name: str) -> Response:
        return _answer(request, assets.get(name))

    return router


def read_assets() -> Mapping[str, Asset]:
    """All files of the page by name; one of an unknown type stops the start."""
    folder = files(__package__) / "assets"
    return {file.name: _asset(file.name, file.read_bytes()) for file in folder.iterdir() if file.is_file()}


def _asset(name: str, body: bytes) -> Asset:
    return Asset(
        body=body,
        media_type=TYPES[name.rpartition(".")[2]],
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
    )


def _answer(request: Request, asset: Asset | None) -> Response:
    if asset is None:
        return Problem(404, UNKNOWN[404])
    headers = {**HEADERS, "etag": asset.etag}
    asked = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if asset.etag in asked:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, headers=headers, media_type=asset.media_type)
