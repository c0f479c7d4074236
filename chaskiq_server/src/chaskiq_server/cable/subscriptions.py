"""Which stream a subscription listens to, and who may. Pure."""

from chaskiq_core.plugin import JsonObject
from chaskiq_core.realtime.streams import EVENTS_STREAM, agent_stream
from chaskiq_core.staff.tokens import SignedIn


def stream_of(asked: JsonObject, signed_in: SignedIn) -> str | None:
    """The stream of a subscription within the agent's App; None: refused.

    `MessengerEventsChannel` and `PresenceChannel` are a contact's: no agent may have them.
    """
    if asked.get("app", signed_in.app_key) != signed_in.app_key:
        return None
    match asked.get("channel"):
        case "EventsChannel":
            return EVENTS_STREAM
        case "AgentChannel":
            own = str(signed_in.agent_id)
            return agent_stream(own) if asked.get("agent_id", own) == own else None
        case _:
            return None


def stream_id_of(stream: str, app_key: str) -> str:
    """The stream's name outside the App: `events:KEY`, `events:KEY-AGENT_ID`."""
    name, dash, own = stream.partition("-")
    return f"{name}:{app_key}{dash}{own}"
