"""The web messenger: what a page asks for the person in front of it. No agent's token, and no cookie, counts here."""

from dataclasses import replace
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import HTTPBearer
from pydantic import Field
from starlette.responses import JSONResponse, Response

from chaskiq_core.conversations.media import MAX_ATTACHMENTS
from chaskiq_core.desk import messenger as acts
from chaskiq_core.desk.client_ids import MAX_CLIENT_ID
from chaskiq_core.errors import ForbiddenError, InvalidError
from chaskiq_core.media.file_store import StoredFile
from chaskiq_core.presenters.as_json import as_json
from chaskiq_core.store.call import utc_now
from chaskiq_server.access.visitors import Messenger, Visiting, Visitors, unauthorized, visitor_of
from chaskiq_server.rest.answers import answer, answer_json, answer_page
from chaskiq_server.rest.media import UPLOAD_BODY, keep_upload
from chaskiq_server.rest.route import API_PATH, FIRST_PAGE, After, Input, Limit, StrictRoute
from chaskiq_server.rest.shapes import problem
from chaskiq_web.identity import (
    MAX_TOKEN,
    Identity,
    IdentityError,
    by_identifier_key,
    by_jwt,
    new_identity,
    read_session,
    read_ticket,
    upload_ticket,
    write_session,
)

MESSENGER_PATH = f"{API_PATH}/messenger"
MAX_TEXT = 20_000
Key = Annotated[str, Field(min_length=1, max_length=64)]


class OpenRoute(StrictRoute):
    """A route that anybody may ask: who they are is in the body."""

    async def admit(self, request: Request) -> None:
        self.check_url(request)


class VisitorRoute(StrictRoute):
    """A route of who has a session."""

    async def admit(self, request: Request) -> None:
        self.check_url(request)
        visitors: Visitors = request.app.state.visitors
        request.state.visiting = await visitors.of_headers(request.path_params["app_key"], request.headers)


def _visiting(request: Request, app_key: str) -> Visiting:
    visiting: Visiting = request.state.visiting
    return visiting


Who: TypeAlias = Annotated[Visiting, Depends(_visiting)]
ERRORS: dict[int | str, dict[str, object]] = {
    401: problem("no session, or one that is not valid"),
    403: problem("the page's origin is not allowed, the messenger is paused, or the contact blocked"),
    404: problem("it isn't there, or is somebody else's"),
    422: problem("the request breaks a rule"),
}
SESSION = HTTPBearer(auto_error=False, scheme_name="session", description="made with POST …/session")
opening = APIRouter(prefix=f"{MESSENGER_PATH}/{{app_key}}", tags=["messenger"], route_class=OpenRoute, responses=ERRORS)
router = APIRouter(
    prefix=f"{MESSENGER_PATH}/{{app_key}}",
    tags=["messenger"],
    route_class=VisitorRoute,
    dependencies=[
        Security(HTTPBearer(auto_error=False, scheme_name="session", description="made with POST …/session"))
    ],
    responses=ERRORS,
)


class Opening(Input):
    """Who somebody is: nobody known, a user proved by `identifier_key` or by `jwt`, or who they were before."""

    integration: Key | None = Field(None, description="the messenger's id; by default the App's first")
    session: str | None = Field(None, max_length=MAX_TOKEN, description="the one that the browser kept")
    email: str | None = Field(None, max_length=320, description="with identifier_key")
    identifier_key: str | None = Field(None, max_length=200, description="hex HMAC-SHA256 of the e-mail address")
    name: str | None = Field(None, max_length=200, description="with identifier_key")
    jwt: str | None = Field(None, max_length=MAX_TOKEN, description="HS256, with email or sub, and exp within a day")


class Words(Input):
    """What a contact writes: plain text, files, or both."""

    text: str = Field("", max_length=MAX_TEXT)
    attachments: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[], max_length=MAX_ATTACHMENTS, description="ids of uploaded files"
    )
    client_id: str | None = Field(
        None, min_length=1, max_length=MAX_CLIENT_ID, description="the same again is the same part"
    )


class FirstWords(Words):
    """The same, of a conversation that begins."""

    client_id: str = Field(
        min_length=1, max_length=MAX_CLIENT_ID, description="the same again is the same conversation"
    )


class Choice(Input):
    """A button of a question."""

    option: Key


class Seen(Input):
    """How far a contact has read."""

    part: Key


@opening.post("/session")
async def open_session(app_key: str, request: Request, asked: Opening) -> JSONResponse:
    """A session: `{session, person}`. Keep it in the browser; `person` is null until a stranger writes."""
    visitors: Visitors = request.app.state.visitors
    messenger = await visitors.messenger(app_key, asked.integration)
    messenger.check(request.headers.get("origin"))
    before = _before(asked, messenger)
    try:
        identity = _proved(asked, messenger, before)
    except IdentityError as error:
        raise unauthorized(str(error)) from error
    was = before.session_name if identity.user and not before.user else None
    visiting = visitors.visiting(messenger, identity)
    act = visiting.acting.write if identity.user else visiting.acting.read
    person = await act(acts.sign_in, visitor_of(identity, messenger, was=was))
    issuer = messenger.integration.stored.key
    session = write_session(identity, messenger.settings, issuer=issuer, now=utc_now())
    return answer_json({"session": session, "person": as_json(person) if person else None})


@router.get("/conversations")
async def list_conversations(who: Who, after: After = None, limit: Limit = FIRST_PAGE) -> JSONResponse:
    """One's own conversations, on whatever channel, those that began last first."""
    page = await who.acting.read(acts.own_conversations, who.visitor, after=after, limit=limit)
    return answer_page(page, dict)


@router.post("/conversations", status_code=201)
async def begin(who: Who, words: FirstWords) -> JSONResponse:
    """A new conversation: `{conversation, part}`."""
    begun = await who.acting.write(
        acts.begin,
        who.visitor,
        who.messenger.integration.stored.key,
        text=words.text,
        attachments=_own_files(who, words.attachments),
        client_id=words.client_id,
    )
    return answer_json({"conversation": begun.conversation, "part": begun.said.part}, 201 if begun.said.is_new else 200)


@router.get("/conversations/{key}/parts")
async def list_parts(who: Who, key: str, after: After = None, limit: Limit = FIRST_PAGE) -> JSONResponse:
    """The parts of a conversation that its contact may see, oldest first; `after` is the key of a part."""
    return answer_page(await who.acting.read(acts.own_parts, who.visitor, key, after=after, limit=limit), dict)


@router.post("/conversations/{key}/parts", status_code=201)
async def say(who: Who, key: str, words: Words) -> JSONResponse:
    """What the contact writes."""
    said = await who.acting.write(
        acts.say,
        who.visitor,
        key,
        text=words.text,
        attachments=_own_files(who, words.attachments),
        client_id=words.client_id,
    )
    return answer_json(said.part, 201 if said.is_new else 200)


@router.post("/conversations/{key}/parts/{part_key}/choose")
async def choose(who: Who, key: str, part_key: str, choice: Choice) -> JSONResponse:
    """The contact presses a button of a question."""
    return answer_json(await who.acting.write(acts.choose, who.visitor, key, part_key, option=choice.option))


@router.post("/conversations/{key}/read")
async def have_read(who: Who, key: str, seen: Seen) -> JSONResponse:
    """The contact has seen all up to that part: `{read}`, how many were new to them."""
    return answer_json({"read": await who.acting.write(acts.have_read, who.visitor, key, seen.part)})


@router.post("/conversations/{key}/typing", status_code=204)
async def typing(who: Who, key: str) -> Response:
    """The contact is writing."""
    await who.acting.write(acts.write_soon, who.visitor, key)
    return Response(status_code=204)


@router.post("/media", status_code=201, openapi_extra=UPLOAD_BODY)
async def upload(who: Who, request: Request) -> Response:
    """A file to attach: multipart, its field is `file`. Its id is good for who uploaded it, alone."""

    async def keep(stored: StoredFile) -> Response:
        view = await who.acting.write(acts.upload, who.visitor, stored)
        ticket = upload_ticket(who.identity, who.messenger.settings, view.id)
        return answer(replace(view, id=ticket), 201)

    return await keep_upload(request, keep)


def _before(asked: Opening, messenger: Messenger) -> Identity:
    """Who the browser was before; a new stranger where it kept nothing that is valid."""
    try:
        return read_session(asked.session or "", messenger.settings, now=utc_now())
    except IdentityError:
        return new_identity()


def _proved(asked: Opening, messenger: Messenger, before: Identity) -> Identity:
    """Whom the opening proves; another user than before gets a session of their own."""
    if asked.jwt is not None and (asked.identifier_key is not None or asked.email is not None):
        raise InvalidError("jwt, identifier_key: give one of them, not both")
    anonymous = Identity(session=before.session)
    if asked.jwt is not None:
        proved = by_jwt(anonymous, messenger.settings, asked.jwt, now=utc_now())
    elif asked.email is not None and asked.identifier_key is not None:
        proved = by_identifier_key(
            anonymous,
            messenger.settings,
            email=asked.email,
            identifier_key=asked.identifier_key,
            name=asked.name or "",
        )
    elif asked.email is not None or asked.identifier_key is not None:
        raise InvalidError("email, identifier_key: give both")
    else:
        return before
    return proved if before.user in ("", proved.user) else replace(proved, session=new_identity().session)


def _own_files(who: Visiting, tickets: list[str]) -> tuple[str, ...]:
    try:
        return tuple(read_ticket(who.identity, who.messenger.settings, ticket) for ticket in tickets)
    except IdentityError as error:
        raise ForbiddenError(f"attachments: {error}") from error
