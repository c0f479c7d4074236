"""Uploads and downloads: the address of an upload is its secret, a download wants the app's token."""

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from chaskiq_core.testing.sandbox import spoil_download
from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.faults import refuse
from chaskiq_slack.sandbox.memory.files import ASKED_FOR, UPLOADED
from chaskiq_slack.sandbox.sandbox import SlackSandbox

LOGIN_PAGE = "<html><title>Sign in to Slack</title>"


class FileHost:
    """Answers `/upload/v1/{file_id}` and `/files-pri/…`."""

    def __init__(self, sandbox: SlackSandbox) -> None:
        self._sandbox = sandbox

    async def upload(self, request: Request) -> Response:
        """The bytes of a file that was asked for."""
        file_id = request.path_params["file_id"]
        found = self._sandbox.files.find(file_id)
        if found is None or found[1] != ASKED_FOR:
            return PlainTextResponse("not found", status_code=404)
        if (fault := self._sandbox.faults.take("upload", {"file": file_id})) is not None:
            return refuse(fault)
        doc, *_, length = found
        size = 0
        with self._sandbox.files.path_of(file_id).open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                file.write(chunk)
        if size != length:
            return PlainTextResponse(f"{length} bytes were announced", status_code=400)
        self._sandbox.files.change(file_id, {**doc, "size": size}, UPLOADED)
        return PlainTextResponse(f"OK - {size}")

    async def download(self, request: Request) -> Response:
        """A file's bytes; who may not have them gets a page to log in, as at Slack."""
        file_id = request.path_params["file_id"]
        found = self._sandbox.files.find(file_id)
        try:
            app = self._sandbox.app_of(request.headers.get("authorization", "").removeprefix("Bearer ").strip())
        except SlackError:
            return HTMLResponse(LOGIN_PAGE)
        if found is None or found[1] == ASKED_FOR:
            return HTMLResponse("<html>not found", status_code=404)
        if found[2] != app.team or "files:read" not in app.scopes:
            return HTMLResponse(LOGIN_PAGE)
        path = self._sandbox.files.path_of(file_id)
        if (fault := self._sandbox.faults.take_download({"file": file_id})) is not None:
            return await spoil_download(fault, request, self._sandbox, refuse, path)
        return FileResponse(path, media_type=str(found[0]["mimetype"]))
