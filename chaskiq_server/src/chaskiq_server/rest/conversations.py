"""Conversations and their parts."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, Field, model_validator
from starlette.responses import JSONResponse, Response

from chaskiq_core import desk
from chaskiq_core.content import Document
from chaskiq_core.conversations.media import MAX_ATTACHMENTS
from chaskiq_core.desk.client_ids import MAX_CLIENT_ID
from chaskiq_core.errors import InvalidError
from chaskiq_server.rest.answers import answer, answer_page
from chaskiq_server.rest.content import Written
from chaskiq_server.rest.route import FIRST_PAGE, Acting, After, Hub, Input, Limit, resource
from chaskiq_server.rest.shapes import Conversation, Part, page_of, problem
from chaskiq_server.rest.templates import WantedTemplate, files_of, fill, fill_for

router = resource("conversations")

Key = Annotated[str, Field(min_length=1, max_length=64)]


class NewConversation(Written):
    """A conversation that an agent starts."""

    app_user_id: Key
    integration_id: Key | None = Field(None, description="the channel it goes out on; the contact has written there")
    subject: str | None = Field(None, max_length=200)
    assignee_id: Key | None = Field(None, description="by default the agent who starts it")
    template: WantedTemplate | None = Field(None, description="instead of a text: what it begins with")


class NewPart(Written):
    """A reply, or a note."""

    attachments: list[Key] = Field(
        default=[], max_length=MAX_ATTACHMENTS, description="ids of uploaded files; a part may be nothing else"
    )
    reply_to: Key | None = Field(None, description="the key of the part that it answers")
    private_note: bool = Field(False, description="for agents only")
    template: WantedTemplate | None = Field(None, description="instead of a text, where the channel has templates")
    client_id: str | None = Field(
        None, min_length=1, max_length=MAX_CLIENT_ID, description="the same again is the same part"
    )


class Snoozed(Input):
    """How long it is put aside."""

    until: AwareDatetime = Field(strict=False)


class Assignment(Input):
    """Who has the conversation from now on."""

    agent_id: Key | None = Field(None, description="null: nobody")
    team_id: Key | None = Field(None, description="not yet")
    expected_assignee_id: Key | None = Field(None, description="409 if it is assigned to another by now")

    @model_validator(mode="after")
    def _names_somebody_or_nobody(self) -> "Assignment":
        if not self.model_fields_set & {"agent_id", "team_id"}:
            raise ValueError("agent_id must be given; null is nobody")
        return self


@router.get("", response_model=page_of(Conversation))
async def list_conversations(
    acting: Acting,
    state: Annotated[str, Query(description="opened, snoozed or closed", max_length=20)] = "",
    assignee_id: Annotated[str | None, Query(description="an agent's id, or `none`", max_length=64)] = None,
    q: Annotated[str, Query(description="in the subject or the contact's name", max_length=200)] = "",
    after: After = None,
    limit: Limit = FIRST_PAGE,
) -> JSONResponse:
    """Conversations, those that moved last first."""
    return answer_page(
        await acting.read(desk.inbox, state=state, assignee_id=assignee_id, q=q, after=after, limit=limit)
    )


@router.post("", status_code=201, response_model=Conversation)
async def start_conversation(acting: Acting, hub: Hub, new: NewConversation) -> JSONResponse:
    """A new conversation with a contact."""
    filled = None
    if new.template is not None:
        if new.integration_id is None or new.document() is not None:
            raise InvalidError("template: needs integration_id, and no text beside it")
        filled = await fill(acting, hub, new.integration_id, new.template)
    return answer(
        await acting.write(
            desk.start,
            new.app_user_id,
            integration_id=new.integration_id,
            content=new.document(),
            template=filled,
            attachments=files_of(new.template),
            subject=new.subject,
            assignee_id=new.assignee_id,
        ),
        201,
    )


@router.get("/{key}", response_model=Conversation)
async def show_conversation(acting: Acting, key: str) -> JSONResponse:
    """One conversation."""
    return answer(await acting.read(desk.show, key))


@router.get("/{key}/parts", response_model=page_of(Part))
async def list_parts(acting: Acting, key: str, after: After = None, limit: Limit = FIRST_PAGE) -> JSONResponse:
    """A conversation's parts, oldest first."""
    return answer_page(await acting.read(desk.parts, key, after=after, limit=limit))


@router.post(
    "/{key}/parts",
    status_code=201,
    response_model=Part,
    responses={
        200: {"model": Part, "description": "the same client_id came before: the part that it made"},
        409: problem("no free text may go out now; or the same client_id came before with another content"),
    },
)
async def add_part(acting: Acting, hub: Hub, key: str, new: NewPart) -> JSONResponse:
    """A reply that goes out on the conversation's channels, or a note."""
    document = new.document()
    if new.template is not None and (document is not None or new.attachments):
        raise InvalidError("template: it is a reply of its own, with no text and no attachments beside it")
    if document is None and not new.attachments and new.template is None:
        raise InvalidError("text: give it, or content, or attachments, or a template")
    filled = await fill_for(acting, hub, key, new.template) if new.template is not None else None
    replied = await acting.write(
        desk.reply,
        key,
        content=document or Document(),
        attachments=(*new.attachments, *files_of(new.template)),
        private_note=new.private_note,
        reply_to=new.reply_to,
        client_id=new.client_id,
        template=filled,
    )
    return answer(replied.part, 201 if replied.is_new else 200)


@router.patch("/{key}/parts/{part_key}", response_model=Part)
async def edit_part(acting: Acting, key: str, part_key: str, changed: Written) -> JSONResponse:
    """Another text for a part of one's own; it is changed on its channels, too, where they can do that."""
    document = changed.document()
    if document is None:
        raise InvalidError("text: give it, or content")
    return answer(await acting.write(desk.edit, key, part_key, content=document))


@router.delete("/{key}/parts/{part_key}", response_model=Part)
async def delete_part(acting: Acting, key: str, part_key: str) -> JSONResponse:
    """A part of one's own is empty from now on, and taken back on its channels where they can do that."""
    return answer(await acting.write(desk.delete, key, part_key))


@router.post("/{key}/typing", status_code=204)
async def typing(acting: Acting, key: str) -> Response:
    """The agent writes: shown to other agents and in the contact's chats for a few seconds."""
    await acting.write(desk.typing, key)
    return Response(status_code=204)


@router.post("/{key}/assign", response_model=Conversation, responses={409: problem("another was faster")})
async def assign(acting: Acting, key: str, wanted: Assignment) -> JSONResponse:
    """Another assignee, or none."""
    if wanted.team_id is not None:
        raise InvalidError("team_id: teams can't be assigned yet")
    return answer(
        await acting.write(
            desk.assign,
            key,
            agent_id=wanted.agent_id,
            expected_assignee_id=wanted.expected_assignee_id,
            expects="expected_assignee_id" in wanted.model_fields_set,
        )
    )


@router.post("/{key}/close", response_model=Conversation)
async def close(acting: Acting, key: str) -> JSONResponse:
    """Closed from now on."""
    return answer(await acting.write(desk.close, key))


@router.post("/{key}/snooze", response_model=Conversation)
async def snooze(acting: Acting, key: str, wanted: Snoozed) -> JSONResponse:
    """Put aside until a time; it opens by itself then, or when the contact writes."""
    return answer(await acting.write(desk.snooze, key, until=wanted.until))


@router.post("/{key}/reopen", response_model=Conversation)
async def reopen(acting: Acting, key: str) -> JSONResponse:
    """Open again."""
    return answer(await acting.write(desk.reopen, key))
