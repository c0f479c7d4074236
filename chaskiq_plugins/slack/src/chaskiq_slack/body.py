"""What Slack posts: an event as JSON, a press or a slash command as a form; each with who sent it where."""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl

from chaskiq_core.plugin import JsonObject, UnreadableError, WebhookRequest
from chaskiq_slack.fields import id_at, is_true, key_at, object_at, objects_at, text_at, ts_at

FORM = "application/x-www-form-urlencoded"
MAX_FORM_FIELDS = 200


class Sort(Enum):
    """Which of Slack's doors a body came through."""

    EVENT = "event"
    INTERACTION = "interaction"
    COMMAND = "command"
    HANDSHAKE = "handshake"
    """`url_verification` and `ssl_check`: answered, never stored."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it was read."""

    sort: Sort
    outer: JsonObject
    """All of it."""
    event: JsonObject
    """What happened: the envelope's event, the interaction's payload, the command's form."""
    event_id: str
    """The delivery's id; '' if it told none."""

    @property
    def type(self) -> str:
        """The event's type."""
        return text_at(self.event, "type")

    @property
    def app_id(self) -> str:
        """Our Slack app."""
        return id_at(self.outer, "api_app_id")

    @property
    def bot_user_id(self) -> str:
        """Our bot user in the workspace; '' if the envelope does not tell."""
        for one in objects_at(self.outer, "authorizations"):
            if is_true(one, "is_bot"):
                return id_at(one, "user_id")
        return ""

    @property
    def team_ids(self) -> tuple[str, ...]:
        """Whose installation is meant, the surest first: workspaces, then organisations."""
        installed = objects_at(self.outer, "authorizations")
        named = [
            *(id_at(one, "team_id") for one in installed),
            id_at(self.outer, "context_team_id"),
            *(id_at(one, "enterprise_id") for one in installed),
            # of a channel that is shared, team_id may be the sender's workspace
            id_at(self.outer, "team_id"),
            id_at(object_at(self.outer, "team"), "id"),
            id_at(self.outer, "context_enterprise_id"),
            id_at(self.outer, "enterprise_id"),
            id_at(object_at(self.outer, "enterprise"), "id"),
        ]
        return tuple(dict.fromkeys(one for one in named if one))


def read_body(request: WebhookRequest) -> Body:
    """The body; UnreadableError if it is neither a JSON object nor a form that holds one."""
    if not _is_form(request):
        return _of_json(request.json())
    form: JsonObject = _read_form(request.body)
    if "payload" in form:
        payload = WebhookRequest(body=text_at(form, "payload").encode()).json()
        trigger = key_at(payload, "trigger_id")
        return Body(sort=Sort.INTERACTION, outer=payload, event=payload, event_id=trigger)
    if "ssl_check" in form and "command" not in form:
        return Body(sort=Sort.HANDSHAKE, outer=form, event=form, event_id="")
    sort = Sort.COMMAND if text_at(form, "command") else Sort.UNKNOWN
    return Body(sort=sort, outer=form, event=form, event_id=key_at(form, "trigger_id"))


def place_of(body: Body) -> tuple[str, str]:
    """The channel and the thread that it happened in; '' where there is none."""
    event = body.event
    match body.sort:
        case Sort.INTERACTION:
            container, message = object_at(event, "container"), object_at(event, "message")
            channel = id_at(object_at(event, "channel"), "id") or id_at(container, "channel_id")
            return channel, ts_at(container, "thread_ts") or ts_at(message, "thread_ts")
        case Sort.COMMAND:
            return id_at(event, "channel_id"), ts_at(event, "thread_ts")
    item = object_at(event, "item")
    channel = (
        id_at(event, "channel")
        or id_at(object_at(event, "channel"), "id")
        or id_at(event, "channel_id")
        or id_at(item, "channel")
        or id_at(event, "old_channel_id")
    )
    holder = object_at(event, "message") or object_at(event, "previous_message") or event
    return channel, ts_at(holder, "thread_ts")


def _of_json(outer: JsonObject) -> Body:
    if text_at(outer, "type") == "url_verification":
        return Body(sort=Sort.HANDSHAKE, outer=outer, event=outer, event_id="")
    event = object_at(outer, "event")
    sort = Sort.EVENT if event else Sort.UNKNOWN
    return Body(sort=sort, outer=outer, event=event, event_id=key_at(outer, "event_id"))


def _is_form(request: WebhookRequest) -> bool:
    """By its first character: a form can't begin with a brace, and JSON that Slack sends does."""
    start = request.body.lstrip()[:1]
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if start in (b"{", b"["):
        return False
    return kind == FORM or (not kind and b"=" in request.body)


def _read_form(body: bytes) -> JsonObject:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="replace", max_num_fields=MAX_FORM_FIELDS)
    except ValueError as error:
        raise UnreadableError(f"the body is no form: {str(error)[:100]}") from error
    # Of a field that comes twice the first counts.
    return {name: value.replace("\x00", "\ufffd") for name, value in reversed(pairs)}
