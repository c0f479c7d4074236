"""files.*: an address to upload to, then a share; what was shared comes as an event, and its ts a little later."""

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.memory.files import ASKED_FOR, SHARED, UPLOADED
from chaskiq_slack.sandbox.methods.call import Call, Done, done
from chaskiq_slack.sandbox.shown_files import describe_file

MAX_BYTES = 1_000_000_000


def get_upload_url(call: Call) -> Done:
    """files.getUploadURLExternal"""
    call.scoped("files:write")
    filename, length = call.needed("filename"), call.number("length", 0)
    if length < 1:
        raise SlackError("invalid_arguments")
    if length > MAX_BYTES:
        raise SlackError("file_upload_size_restricted")
    file_id = f"F{call.sandbox.rooms.take_number('file'):08d}"
    doc = describe_file(file_id, filename, team=call.app.team, owner=call.app.user_id, base_url=call.base_url)
    call.sandbox.files.add(file_id, team=call.app.team, owner=call.app.user_id, length=length, doc=doc)
    return done(upload_url=f"{call.base_url}/upload/v1/{file_id}", file_id=file_id)


def complete_upload(call: Call) -> Done:
    """files.completeUploadExternal"""
    call.scoped("files:write")
    given = call.parameters.get("files")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments")
    docs = [_uploaded(call, one) for one in given]
    ts: tuple[str, ...] = ()
    if call.text("channel_id"):
        ts = (_share(call, docs),)
    for doc in docs:
        call.sandbox.files.change(str(doc["id"]), doc, SHARED if ts else UPLOADED)
    return Done({"ok": True, "files": list[Json]([_without_shares(doc) for doc in docs])}, ts)


def info(call: Call) -> Done:
    """files.info"""
    call.scoped("files:read")
    doc, state = _find(call)
    if state == ASKED_FOR:
        raise SlackError("file_not_found")
    return done(file=doc)


def delete(call: Call) -> Done:
    """files.delete"""
    call.scoped("files:write")
    doc, _ = _find(call)
    if doc.get("user") != call.app.user_id:
        raise SlackError("cant_delete_file")
    call.sandbox.files.remove(str(doc["id"]))
    return done()


def _find(call: Call) -> tuple[JsonObject, str]:
    found = call.sandbox.files.find(call.needed("file", "file_not_found"))
    if found is None or found[2] != call.app.team:
        raise SlackError("file_not_found")
    return found[0], found[1]


def _uploaded(call: Call, given: Json) -> JsonObject:
    file = given if isinstance(given, dict) else {}
    found = call.sandbox.files.find(str(file.get("id", "")))
    if found is None or found[3] != call.app.user_id:
        raise SlackError("file_not_found")
    doc, state, *_ = found
    if state == ASKED_FOR:
        raise SlackError("file_not_found")
    return {**doc, "title": file.get("title") or doc["name"]}


def _share(call: Call, docs: list[JsonObject]) -> str:
    call.parameters["channel"] = call.parameters["channel_id"]
    row = call.channel()
    channel, team, thread_ts = str(row["id"]), call.app.team, call.text("thread_ts")
    ts = call.sandbox.messages.take_ts()
    place: JsonObject = {"ts": ts, **({"thread_ts": thread_ts} if thread_ts else {})}
    for doc in docs:
        kind = "public" if row["kind"] == "channel" else "private"
        doc["shares"] = {kind: {channel: [place]}}
    told: JsonObject = {"type": "message", "subtype": "file_share", "team": team, **call.app.author, **place}
    told |= {"text": call.text("initial_comment"), "files": list[Json]([_without_shares(doc) for doc in docs])}
    call.sandbox.messages.keep(team, channel, told)
    call.teller.tell_message(team, channel, {**told, "event_ts": ts})
    return ts


def _without_shares(doc: JsonObject) -> JsonObject:
    return {name: value for name, value in doc.items() if name != "shares"}
