"""users.*, reactions.*, auth.* and the exchange of an installation's code."""

import secrets

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_slack.sandbox.errors import SlackError
from chaskiq_slack.sandbox.memory.apps import SCOPES
from chaskiq_slack.sandbox.memory.rooms import shown_user
from chaskiq_slack.sandbox.methods.call import Call, Done, done
from chaskiq_slack.sandbox.sandbox import SlackSandbox


def auth_test(call: Call) -> Done:
    """auth.test"""
    app = call.app
    return done(
        url=f"https://{app.team.lower()}.slack.com/",
        team=f"Workspace {app.team}",
        user=app.name.lower().replace(" ", "_"),
        team_id=app.team,
        user_id=app.user_id,
        bot_id=app.bot_id,
        is_enterprise_install=False,
    )


def auth_revoke(call: Call) -> Done:
    """auth.revoke"""
    call.sandbox.apps.revoke(call.app)
    return done(revoked=True)


def user_info(call: Call) -> Done:
    """users.info"""
    call.scoped("users:read")
    row = call.sandbox.rooms.user(call.app.team, call.needed("user", "user_not_found"))
    if row is None:
        raise SlackError("user_not_found")
    return done(user=_without_email(call, shown_user(row)))


def user_list(call: Call) -> Done:
    """users.list"""
    call.scoped("users:read")
    found = [_without_email(call, shown_user(row)) for row in call.sandbox.rooms.users(call.app.team)]
    return done(members=list[Json](found), response_metadata={"next_cursor": ""})


def lookup_by_email(call: Call) -> Done:
    """users.lookupByEmail"""
    call.scoped("users:read.email")
    email = call.needed("email", "users_not_found").lower()
    for row in call.sandbox.rooms.users(call.app.team):
        if str(row["email"]).lower() == email:
            return done(user=shown_user(row))
    raise SlackError("users_not_found")


def add_reaction(call: Call) -> Done:
    """reactions.add"""
    return _react(call, comes=True)


def remove_reaction(call: Call) -> Done:
    """reactions.remove"""
    return _react(call, comes=False)


def exchange_code(sandbox: SlackSandbox, parameters: JsonObject) -> JsonObject:
    """oauth.v2.access, which needs no token: the one that a code stands for."""
    code = str(parameters.get("code", ""))
    found = sandbox.apps.code(code)
    if found is None or found["client_id"] != parameters.get("client_id") or found["expires_at"] < sandbox.now():
        raise SlackError("invalid_code")
    if not parameters.get("client_secret"):
        raise SlackError("bad_client_secret")
    if found["is_used"]:
        raise SlackError("code_already_used")
    if found["redirect_uri"] != parameters.get("redirect_uri", found["redirect_uri"]):
        raise SlackError("bad_redirect_uri")
    sandbox.apps.use_code(code)
    app = sandbox.apps.add(f"xoxb-{secrets.token_hex(12)}", scopes=str(found["scope"]) or SCOPES)
    return {
        "ok": True,
        "access_token": app.token,
        "token_type": "bot",
        "scope": ",".join(sorted(app.scopes)),
        "bot_user_id": app.user_id,
        "app_id": app.app_id,
        "team": {"id": app.team, "name": f"Workspace {app.team}"},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U0INSTALLER"},
    }


def _react(call: Call, *, comes: bool) -> Done:
    call.scoped("reactions:write")
    channel, ts = str(call.channel()["id"]), call.needed("timestamp", "no_item_specified")
    name = call.needed("name", "invalid_name").strip(":")
    message = call.sandbox.messages.find(call.app.team, channel, ts)
    if message is None:
        raise SlackError("message_not_found")
    reactions = message.get("reactions")
    before: list[Json] = reactions if isinstance(reactions, list) else []
    ours: Json = {"name": name, "user": call.app.user_id}
    if (ours in before) == comes:
        raise SlackError("already_reacted" if comes else "no_reaction")
    now: list[Json] = [one for one in before if one != ours]
    call.sandbox.messages.keep(call.app.team, channel, {**message, "reactions": [*now, ours] if comes else now})
    return done()


def _without_email(call: Call, user: JsonObject) -> JsonObject:
    """An e-mail is told to who may know it."""
    if "users:read.email" in call.app.scopes or not isinstance(profile := user["profile"], dict):
        return user
    return {**user, "profile": {name: value for name, value in profile.items() if name != "email"}}
