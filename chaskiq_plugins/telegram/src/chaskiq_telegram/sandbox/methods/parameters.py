"""The parameters of a Bot API call, from wherever the server takes them: query, form, multipart or JSON."""

from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request

from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.json_value import Json, JsonObject, read_json, read_object, whole_number

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TRUE_WORDS = frozenset({"true", "yes", "1"})


async def read_parameters(request: Request) -> JsonObject:
    """Query and body together; a file shows as its name and size."""
    values: JsonObject = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        if body := await request.body():
            try:
                values |= read_object(body)
            except ValueError:
                raise bad_request("can't parse JSON object") from None
    elif content_type in FORMS:
        async with request.form() as form:
            for name, value in form.items():
                shown: Json = (
                    {"file_name": value.filename, "size": value.size} if isinstance(value, UploadFile) else value
                )
                values[name] = shown
    return values


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
