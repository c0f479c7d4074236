"""The file host: `/file/bot{token}/{file_path}`, for as long as the path that getFile gave leads somewhere."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from chaskiq_core.testing.sandbox import spoil_download
from chaskiq_telegram.sandbox.errors import not_found
from chaskiq_telegram.sandbox.faults import refuse
from chaskiq_telegram.sandbox.sandbox import TelegramSandbox

LINK_SECONDS = 3600  # Telegram promises an hour


class FileHost:
    """Answers `/file/bot{token}/{file_path}`."""

    def __init__(self, sandbox: TelegramSandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, request: Request) -> Response:
        """The file's bytes, from the disk; or what a fault makes of them."""
        bot = self._sandbox.bot_of(request.path_params["token"])
        file = self._sandbox.files.at_path(bot.id, request.path_params["file_path"])
        if file is None or file.linked_at is None or self._sandbox.now() - file.linked_at > LINK_SECONDS:
            raise not_found()
        path = self._sandbox.files.path_of(file)
        if fault := self._sandbox.faults.take_download():
            return await spoil_download(fault, request, self._sandbox, refuse, path)
        return FileResponse(path, media_type="application/octet-stream")
