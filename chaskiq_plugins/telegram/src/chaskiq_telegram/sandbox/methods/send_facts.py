"""Messages without a text and without a file: places, contacts, polls, dice."""

import secrets

from chaskiq_core.testing.sandbox import Json, JsonObject
from chaskiq_telegram.sandbox.errors import bad_request
from chaskiq_telegram.sandbox.methods.call import Answer, Call
from chaskiq_telegram.sandbox.methods.parameters import Parameters
from chaskiq_telegram.sandbox.methods.sending import send

MAX_QUESTION, MAX_OPTION, MAX_OPTIONS = 300, 100, 12
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


def send_location(call: Call) -> Answer:
    return send(call, {"location": _location(call.parameters)})


def send_venue(call: Call) -> Answer:
    """Send a place with its name; those who don't know venues see its location."""
    location = _location(call.parameters)
    title, address = call.parameters.text("title").strip(), call.parameters.text("address").strip()
    if not title or not address:
        raise bad_request("venue title must be non-empty" if not title else "venue address must be non-empty")
    return send(call, {"location": location, "venue": {"location": location, "title": title, "address": address}})


def send_contact(call: Call) -> Answer:
    number, name = call.parameters.text("phone_number").strip(), call.parameters.text("first_name").strip()
    if not number:
        raise bad_request("phone number must be non-empty")
    if not name:
        raise bad_request("first name must be non-empty")
    contact: JsonObject = {"phone_number": number, "first_name": name}
    for more in ("last_name", "vcard"):
        if value := call.parameters.text(more):
            contact[more] = value
    return send(call, {"contact": contact})


def send_poll(call: Call) -> Answer:
    question = call.parameters.text("question").strip()
    options = [_option(value) for value in call.parameters.array("options", "options") or []]
    return send(call, {"poll": new_poll(question, options, call.parameters)})


def send_dice(call: Call) -> Answer:
    emoji = call.parameters.text("emoji") or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong dice emoji")
    return send(call, {"dice": new_dice(emoji)})


def new_dice(emoji: str) -> JsonObject:
    """A dice that has fallen."""
    return {"emoji": emoji, "value": secrets.randbelow(DICE.get(emoji, 6)) + 1}


def new_poll(question: str, options: list[str], parameters: Parameters) -> JsonObject:
    """A poll that nobody voted in; refused if it is too long, or too short."""
    if not question:
        raise bad_request("poll question must be non-empty")
    if len(question) > MAX_QUESTION:
        raise bad_request(f"poll question length must not exceed {MAX_QUESTION}")
    if not options:
        raise bad_request("poll must have at least 1 option")
    if len(options) > MAX_OPTIONS:
        raise bad_request(f"poll can't have more than {MAX_OPTIONS} options")
    if any(not option or len(option) > MAX_OPTION for option in options):
        raise bad_request(f"poll options length must not exceed {MAX_OPTION}")
    return {
        "id": str(10**18 + secrets.randbelow(10**18)),
        "question": question,
        "options": [
            {"persistent_id": str(place), "text": text, "voter_count": 0} for place, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": parameters.flag("is_closed"),
        "is_anonymous": parameters.text("is_anonymous").lower() not in ("false", "no", "0"),
        "type": parameters.text("type") or "regular",
        "allows_multiple_answers": parameters.flag("allows_multiple_answers"),
        "allows_revoting": True,
        "members_only": False,
    }


def _option(value: Json) -> str:
    text = value.get("text") if isinstance(value, dict) else value
    return text.strip() if isinstance(text, str) else ""


def _location(parameters: Parameters) -> JsonObject:
    latitude, longitude = parameters.decimal("latitude"), parameters.decimal("longitude")
    if latitude is None or longitude is None:
        raise bad_request("latitude is empty" if latitude is None else "longitude is empty")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong location specified")
    return {"latitude": latitude, "longitude": longitude}
