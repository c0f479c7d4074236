"""The JSON API under `/sandbox`: every path, and what it does."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chaskiq_core.testing.sandbox import (
    ControlRoutes,
    CustomerApiError,
    Json,
    JsonObject,
    body_of,
    json_response,
    look,
    number_of,
)
from chaskiq_whatsapp.sandbox.customers import acts
from chaskiq_whatsapp.sandbox.faults import Fault
from chaskiq_whatsapp.sandbox.memory.numbers import Number
from chaskiq_whatsapp.sandbox.memory.people import Person
from chaskiq_whatsapp.sandbox.sandbox import WINDOW_SECONDS, WhatsAppSandbox

SET_OF_NUMBER = ("waba_id", "name", "app_secret", "hook_url", "verify_token", "quality", "display")
SET_OF_PERSON = ("name", "username", "user_id", "typed")


class CustomerApi:
    """Answers `/sandbox/…`; errors that it raises become `{"error": "…"}`."""

    def __init__(self, sandbox: WhatsAppSandbox) -> None:
        self._sandbox = sandbox

    @property
    def routes(self) -> list[Route]:
        number, person = "/sandbox/numbers/{number}", "/sandbox/numbers/{number}/people/{person}"
        posts = {
            number: self.set_number,
            f"{number}/people": self.add_person,
            f"{number}/messages": self.write,
            f"{number}/files": self.upload,
            f"{number}/webhook": self.raw,
            f"{number}/templates": self.add_template,
            f"{person}/press": self.press,
            f"{person}/react": self.react,
            f"{person}/read": self.read,
            f"{person}/block": self.block,
            f"{person}/unblock": self.unblock,
            f"{person}/window": self.window,
            f"{person}/number": self.change_number,
            f"{person}/echo": self.echo,
            "/sandbox/batch": self.batch,
            "/sandbox/tokens/revoke": self.revoke,
            "/sandbox/tokens/restore": self.restore,
        }
        return [
            Route("/sandbox/numbers", self.numbers),
            Route(f"{number}/people", self.people, methods=["GET"]),
            Route(f"{person}/messages", self.messages),
            Route("/sandbox/files/{media}", self.file),
            *(Route(path, answer, methods=["POST"]) for path, answer in posts.items()),
            *ControlRoutes(self._sandbox, Fault).routes,
        ]

    async def numbers(self, request: Request) -> Response:
        return json_response({"numbers": [number.shown() for number in self._sandbox.numbers.all]})

    async def set_number(self, request: Request) -> Response:
        """Where its webhooks go, what they are signed with, and so on."""
        given = _texts(await body_of(request), SET_OF_NUMBER)
        number = self._sandbox.numbers.add(request.path_params["number"], given)
        self._sandbox.delivery.wake_all(number.id)
        return json_response(number.shown())

    async def people(self, request: Request) -> Response:
        shown = [person.shown() for person in self._sandbox.people.all(self._number(request).id)]
        return json_response({"people": list[Json](shown)})

    async def add_person(self, request: Request) -> Response:
        """`wa_id`, and perhaps `name`, `username`, `user_id`, `typed`, `hides_phone`."""
        body = await body_of(request)
        return json_response(self._person_in(self._number(request), body).shown())

    async def write(self, request: Request) -> Response:
        """`from`: a wa_id, or a person's fields; `text`, or a `type` and its object; `answers`: a message's id."""
        number, body = self._number(request), await body_of(request)
        told = body.pop("from", None)
        person = self._person_in(number, told if isinstance(told, dict) else {"wa_id": told})
        answers = str(body.pop("answers", "") or "")
        text = body.get("text")
        content: JsonObject = {"type": "text", "text": {"body": text}} if isinstance(text, str) else body
        if not isinstance(content.get("type"), str):
            raise CustomerApiError(422, "a message needs a text, or a type and its object")
        return json_response(acts.write(self._sandbox, number, person, content, answers=answers))

    async def upload(self, request: Request) -> Response:
        """A file as the body: its id is what a message names."""
        mime = request.headers.get("content-type", "application/octet-stream")
        filename = request.query_params.get("filename", "")
        stored = self._sandbox.media.add(self._number(request).id, mime, filename, await request.body())
        told: JsonObject = {"id": stored.id, "mime_type": stored.mime, "sha256": stored.sha256}
        return json_response({**told, **({"filename": filename} if filename else {})})

    async def file(self, request: Request) -> Response:
        """A file, for the phone page."""
        stored = self._sandbox.media.find(request.path_params["media"])
        if stored is None:
            raise CustomerApiError(404, "there is no such file")
        headers = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
        return Response(stored.bytes, media_type=stored.mime, headers=headers)

    async def raw(self, request: Request) -> Response:
        """The body as a webhook, signed: whatever one wants to see taken in."""
        self._sandbox.post_raw(self._number(request), await request.body())
        return json_response({"sent": True})

    async def add_template(self, request: Request) -> Response:
        body = await body_of(request)
        if not all(isinstance(body.get(name), kind) for name, kind in (("name", str), ("language", str))):
            raise CustomerApiError(422, "a template needs a name, a language and components")
        return json_response(self._sandbox.templates.add(self._number(request).waba_id, body))

    async def press(self, request: Request) -> Response:
        """`message_id`, and `option`: a button's id, title or place."""
        number, person = self._both(request)
        body = await body_of(request)
        told = acts.press(self._sandbox, number, person, _text(body, "message_id"), str(body.get("option")))
        return json_response(told)

    async def react(self, request: Request) -> Response:
        number, person = self._both(request)
        body = await body_of(request)
        emoji = str(body.get("emoji") or "")
        return json_response(acts.react(self._sandbox, number, person, _text(body, "message_id"), emoji))

    async def read(self, request: Request) -> Response:
        number, person = self._both(request)
        acts.read_all(self._sandbox, number, person)
        return json_response(person.shown())

    async def block(self, request: Request) -> Response:
        return self._kept(request, is_blocked=True)

    async def unblock(self, request: Request) -> Response:
        return self._kept(request, is_blocked=False)

    async def window(self, request: Request) -> Response:
        """`hours`: how long ago they last wrote."""
        number, person = self._both(request)
        hours = (await body_of(request)).get("hours", WINDOW_SECONDS / 3600)
        if not isinstance(hours, int | float):
            raise CustomerApiError(422, "hours must be a number")
        changed = replace(person, wrote_at=max(1.0, self._sandbox.now() - hours * 3600))
        self._sandbox.people.keep(number.id, changed)
        self._sandbox.news.ring()
        return json_response(changed.shown())

    async def change_number(self, request: Request) -> Response:
        number, person = self._both(request)
        wa_id = _text(await body_of(request), "wa_id").lstrip("+")
        return json_response(acts.change_number(self._sandbox, number, person, wa_id).shown())

    async def echo(self, request: Request) -> Response:
        """`text`: what the business writes on its own phone."""
        number, person = self._both(request)
        text = _text(await body_of(request), "text")
        content: JsonObject = {"type": "text", "text": {"body": text}}
        return json_response(acts.echo(self._sandbox, number, person, content))

    async def messages(self, request: Request) -> Response:
        """The chat, oldest first; with `?after=` so many are left out, with `?wait=` it waits for more."""
        number, person = self._both(request)
        skip = number_of(request, "after")

        def see() -> list[Json]:
            found = self._sandbox.messages.of_chat(number.id, person.wa_id)
            return list[Json]([one.shown() for one in found if one.message.get("type") not in acts.SILENT][skip:])

        return json_response({"messages": await look(self._sandbox, request, see, bool), **self._facts(number, person)})

    async def batch(self, request: Request) -> Response:
        """`size`: the next so many things are told in one webhook; 0: tell what is held."""
        size = (await body_of(request)).get("size")
        if not isinstance(size, int) or not 0 <= size <= 1000:
            raise CustomerApiError(422, "size must be 0 to 1000")
        self._sandbox.batch(size)
        return json_response({"size": size})

    async def revoke(self, request: Request) -> Response:
        """Refuse every token that was seen."""
        self._sandbox.numbers.revoke(None)
        return json_response({"revoked": True})

    async def restore(self, request: Request) -> Response:
        self._sandbox.numbers.revoke(None, revoked=False)
        return json_response({"revoked": False})

    def _facts(self, number: Number, person: Person) -> JsonObject:
        now = self._sandbox.now()
        return {
            "typing": self._sandbox.typing.get((number.id, person.wa_id), 0.0) > now,
            "window_open": self._sandbox.is_open(self._sandbox.people.get(number.id, person.wa_id)),
            "business": number.name,
        }

    def _kept(self, request: Request, *, is_blocked: bool) -> Response:
        number, person = self._both(request)
        changed = replace(person, is_blocked=is_blocked)
        self._sandbox.people.keep(number.id, changed)
        return json_response(changed.shown())

    def _number(self, request: Request) -> Number:
        found = self._sandbox.numbers.find(request.path_params["number"])
        return found or self._sandbox.numbers.add(request.path_params["number"])

    def _both(self, request: Request) -> tuple[Number, Person]:
        number = self._number(request)
        return number, self._sandbox.people.get(number.id, request.path_params["person"])

    def _person_in(self, number: Number, told: JsonObject) -> Person:
        """The person that a body tells of, with what it says of them."""
        wa_id = str(told.get("wa_id") or "").lstrip("+")
        if not wa_id.isdecimal():
            raise CustomerApiError(422, "a person needs a wa_id of digits")
        person = self._sandbox.people.add(number.id, wa_id)
        given = _texts(told, SET_OF_PERSON)
        changed = replace(
            person,
            name=given.get("name", person.name),
            username=given.get("username", person.username),
            user_id=given.get("user_id", person.user_id),
            typed=given.get("typed", person.typed),
            hides_phone=bool(told.get("hides_phone", person.hides_phone)),
        )
        self._sandbox.people.keep(number.id, changed)
        return changed


def _texts(body: JsonObject, names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name in names if isinstance(value := body.get(name), str)}


def _text(body: JsonObject, name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise CustomerApiError(422, f"{name} must be a text")
    return found
