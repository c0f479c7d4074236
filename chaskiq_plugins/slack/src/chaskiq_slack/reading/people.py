"""Who did it. Events name people by their ids; some tell a name along."""

from chaskiq_core.plugin import JsonObject, Sender
from chaskiq_slack.events import is_bots
from chaskiq_slack.fields import id_at, name_at, object_at


def author_of(message: JsonObject) -> Sender | None:
    """Who wrote a message: a person, or an app; None if it does not tell."""
    profile, bot = object_at(message, "user_profile"), object_at(message, "bot_profile")
    sender_id = id_at(message, "user") or id_at(message, "bot_id") or id_at(bot, "id")
    if not sender_id:
        return None
    name = name_at(profile, "display_name", "real_name", "name") or name_at(message, "username") or name_at(bot, "name")
    return Sender(id=sender_id, name=name or sender_id, is_bot=is_bots(message), data=_team(message))


def person_of(event: JsonObject, field: str = "user") -> Sender | None:
    """The person whose id stands in that field, or the object of a person."""
    holder = object_at(event, field)
    person_id = id_at(holder, "id") or id_at(event, field)
    if not person_id:
        return None
    name = name_at(holder, "real_name", "name", "username") or name_at(event, f"{field}_name")
    return Sender(id=person_id, name=name or person_id, data=_team(holder or event))


def _team(holder: JsonObject) -> JsonObject:
    """The person's own workspace: of a channel shared with others it is not ours."""
    team = id_at(holder, "user_team") or id_at(holder, "team_id") or id_at(holder, "team")
    return {"team": team} if team else {}
