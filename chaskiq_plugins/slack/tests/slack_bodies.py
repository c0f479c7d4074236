"""Bodies as Slack posts them, signed as Slack signs them, and what the plugin makes of them."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from chaskiq_core.plugin import InboundEvent, JsonObject, WebhookRequest
from chaskiq_slack import SlackSettings, channel

SECRET = "a-signing-secret-of-the-tests"
SETTINGS = SlackSettings(bot_token="xoxb-1-tests", signing_secret=SECRET)
TEAM, OTHER_TEAM, ORGANISATION = "T01TEAM", "T02OTHER", "E01ORG"
APP, BOT_USER, BOT = "A01APP", "U01BOT", "B01BOT"
MAYA, OMAR = "U02MAYA", "U03OMAR"
CHANNEL, DIRECT = "C01HELP", "D01MAYA"
NOW = 1_790_000_000
TS = "1790000000.000100"


def message(text: str = "hello", **more: object) -> JsonObject:
    """Maya's message in the channel."""
    told = {"type": "message", "channel": CHANNEL, "channel_type": "channel", "user": MAYA, "text": text, "ts": TS}
    return {**told, "event_ts": told["ts"], **more}


def changed(now: Mapping[str, object], before: object, **more: object) -> JsonObject:
    """A change of a message."""
    told = {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "channel_type": "channel"}
    return {**told, "ts": "1790000050.000200", "message": now, "previous_message": before, "hidden": True, **more}


def event(happened: object, event_id: str = "Ev01", **more: object) -> JsonObject:
    """The envelope of an event."""
    return {
        "token": "legacy",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": happened,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": NOW,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        **more,
    }


def press(**more: object) -> JsonObject:
    """Maya presses the second button of a message in a thread."""
    return {
        "type": "block_actions",
        "user": {"id": MAYA, "username": "maya", "name": "maya", "team_id": TEAM},
        "api_app_id": APP,
        "container": {"type": "message", "message_ts": TS, "channel_id": CHANNEL, "thread_ts": "1789999999.000100"},
        "trigger_id": "1790000001.1.abc",
        "team": {"id": TEAM, "domain": "acme"},
        "enterprise": None,
        "channel": {"id": CHANNEL, "name": "help"},
        "actions": [
            {
                "type": "button",
                "action_id": "chaskiq_option_1",
                "block_id": "b",
                "text": {"type": "plain_text", "text": "No"},
                "value": "1",
                "action_ts": "1790000001.000100",
            }
        ],
        **more,
    }


def command(**more: str) -> dict[str, str]:
    """Maya gives a slash command."""
    return {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "channel_name": "help",
        "user_id": MAYA,
        "user_name": "maya",
        "command": "/help",
        "text": "me & you",
        "trigger_id": "1790000002.1.abc",
        "api_app_id": APP,
        **more,
    }


def request(body: object) -> WebhookRequest:
    """A JSON body."""
    return WebhookRequest(headers={"content-type": "application/json"}, body=json.dumps(body).encode())


def form(fields: Mapping[str, str]) -> WebhookRequest:
    """A form."""
    return WebhookRequest(
        headers={"content-type": "application/x-www-form-urlencoded"}, body=urlencode(fields).encode()
    )


def interaction(payload: object) -> WebhookRequest:
    """A press, as its form."""
    return form({"payload": payload if isinstance(payload, str) else json.dumps(payload)})


def signed(request: WebhookRequest, *, at: int = NOW, seen: float | None = None, **headers: str) -> WebhookRequest:
    """The request as slack_sdk signs it, received at `seen`."""
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=str(at), body=request.body) or ""
    return WebhookRequest(
        headers={
            **request.headers,
            "x-slack-request-timestamp": str(at),
            "x-slack-signature": signature,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        body=request.body,
        received_at=NOW if seen is None else seen,
    )


def events_of(request: WebhookRequest) -> list[InboundEvent]:
    """What happened."""
    return [one for item in channel.route(request, SETTINGS) for one in channel.parse(request, item, SETTINGS)]


def the_event(happened: object, **envelope: object) -> InboundEvent:
    """The one thing that an event tells."""
    [one] = events_of(request({**event(happened), **envelope}))
    return one
