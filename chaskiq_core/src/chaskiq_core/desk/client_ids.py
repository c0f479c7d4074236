"""An author's own id for a part: a repeat with the same one is the same part."""

from chaskiq_core.conversations.dialogue import Dialogue
from chaskiq_core.effects import Author
from chaskiq_core.errors import InvalidError
from chaskiq_core.model import ConversationPart
from chaskiq_core.store.unit import Unit

MAX_CLIENT_ID = 100


def own_client_id(author: Author, client_id: str | None) -> str | None:
    """Unique per author and conversation: the author is a part of it."""
    if client_id is None:
        return None
    if not client_id or len(client_id) > MAX_CLIENT_ID:
        raise InvalidError(f"client_id: must have 1 to {MAX_CLIENT_ID} characters")
    return f"{'agent' if author.agent_id else 'contact'}/{author.agent_id or author.app_user_id}/{client_id}"


def find_by_client_id(unit: Unit, dialogue: Dialogue, client_id: str) -> ConversationPart | None:
    """The part that came under it before."""
    return unit.first(
        unit.select(ConversationPart).where(
            ConversationPart.conversation_id == dialogue.conversation.id, ConversationPart.client_id == client_id
        )
    )
