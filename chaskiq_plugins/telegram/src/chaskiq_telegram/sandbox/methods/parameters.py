"""The parameters of a Bot API call, from wherever the server takes them: query, form, multipart or JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import isfinite

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from chaskiq_core.testing.sandbox import Json, JsonObject, read_json, read_object
from chaskiq_telegram.sandbox.errors import BotApiError, bad_request
from chaskiq_telegram.sandbox.files.incoming import TooLargeError, Tray
from chaskiq_telegram.sandbox.ids import whole_number

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TRUE_WORDS = frozenset({"true", "yes", "1"})


async def read_parameters(request: Request, tray: Tray) -> JsonObject:
    """Query and body together; a file shows as its name and size, and lands in the tray under its part's name."""
    values: JsonObject = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        if body := await request.body():
            try:
                values |= read_object(body)
            except ValueError:
                raise bad_request("can't parse JSON object") from None
    elif content_type in FORMS:
        async with _form_of(request) as form:
            for name, value in form.items():
                values[name] = await _read_upload(name, value, tray) if isinstance(value, UploadFile) else value
    return values


@asynccontextmanager
async def _form_of(request: Request) -> AsyncIterator[FormData]:
    try:
        form = await request.form()
    except HTTPException as error:  # a broken body, or a field that is larger than any text may be
        raise bad_request(f"can't parse the request's body: {error.detail}") from None
    try:
        yield form
    finally:
        await form.close()


async def _read_upload(name: str, upload: UploadFile, tray: Tray) -> Json:
    try:
        incoming = await tray.put(name, upload)
    except TooLargeError:
        raise BotApiError(413, "Request Entity Too Large") from None
    return {"file_name": upload.filename, "size": incoming.size}


@dataclass(frozen=True, slots=True)
class Parameters:
    """Reads each parameter as the type its method wants; in forms everything is text, nested values are JSON."""

    values: JsonObject

    def text(self, name: str) -> str:
        """The text; "" if it isn't there."""
        value = self.values.get(name)
        if value is None:
            return ""
        text = value if isinstance(value, str) else str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
        return text

    def integer(self, name: str, default: int = 0) -> int:
        """The number; the default if it isn't there or is none, as Telegram does."""
        number = whole_number(self.text(name).strip())
        return default if number is None else number

    def decimal(self, name: str) -> float | None:
        """The number; None if it isn't there or is none."""
        try:
            number = float(self.text(name))
        except ValueError:
            return None
        return number if isfinite(number) else None

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in TRUE_WORDS

    def object(self, name: str, meaning: str) -> JsonObject | None:
        """The object; None if it isn't there; refused if it is something else."""
        value = self._nested(name, meaning)
        if value is None or isinstance(value, dict):
            return value
        raise bad_request(f"can't parse {meaning}: object expected as {meaning}")

    def array(self, name: str, meaning: str) -> list[Json] | None:
        """The array; None if it isn't there; refused if it is something else."""
        value = self._nested(name, meaning)
        if value is None or isinstance(value, list):
            return value
        raise bad_request(f"can't parse {meaning}: expected an Array")

    def _nested(self, name: str, meaning: str) -> Json:
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return read_json(value)
        except ValueError:
            raise bad_request(f"can't parse {meaning} JSON object") from None
