"""Who speaks in a client of our own: a visitor's contact, and the conversations that are theirs."""

from chaskiq_core.conversations.dialogue import Dialogue, lock_dialogue
from chaskiq_core.conversations.merge import merge_people
from chaskiq_core.conversations.queries import find_conversation
from chaskiq_core.errors import ForbiddenError, NotFoundError
from chaskiq_core.model import AppUser, Conversation, SubscriptionState
from chaskiq_core.people.identify import add_name, find_people, forget_name, identify, recognise
from chaskiq_core.people.vouched import (
    Visitor,
    find_by_address,
    find_visitor,
    vouch,
)
from chaskiq_core.store.unit import Unit


def contact_of(unit: Unit, visitor: Visitor) -> AppUser:
    """The visitor's contact, locked, made if there is none.

    A user whom a site vouches for is the contact who has had that e-mail address for the longest time, on whatever
    channel. What was written in the session before is theirs, and the session's own name opens nothing any more.
    """
    former = visitor.former
    known = find_people(unit, [visitor.profile, *([former] if former else [])])
    before = known.get(former) if former else None
    found = known.get(visitor.profile)
    if found is None and visitor.is_user and (person := find_by_address(unit, visitor.email)) is not None:
        recognise(unit, person, visitor.sender, [visitor.profile], known)
        found = known[visitor.profile]
    if found is None and before is not None:
        add_name(unit, visitor.profile, before.profile_id)
        found = before
    if found is None:
        found = identify(unit, visitor.sender, [visitor.profile], known)
    if before is not None and former is not None:
        forget_name(unit, former, before.profile_id)
        merge_people(unit, before.person, found.person)
    if visitor.is_user:
        vouch(found.person, visitor)
    return found.person


def own_conversation(unit: Unit, visitor: Visitor, key: str) -> tuple[Conversation, AppUser]:
    """A conversation of the contact's own, with the contact; another's is not there for them."""
    person = find_visitor(unit, visitor)
    conversation = find_conversation(unit, key)
    if person is None or conversation.main_participant_id != person.id:
        raise NotFoundError(f"no conversation {key[:64]!r} of yours")
    return conversation, person


def own_dialogue(unit: Unit, visitor: Visitor, key: str) -> Dialogue:
    """The same, locked, for who may write there."""
    _, person = own_conversation(unit, visitor, key)
    dialogue = lock_dialogue(unit, key)
    if dialogue.person.id != person.id:
        raise NotFoundError(f"no conversation {key[:64]!r} of yours")
    may_write(dialogue.person)
    return dialogue


def may_write(person: AppUser) -> AppUser:
    """The contact, unless they are blocked."""
    if person.subscription_state is SubscriptionState.BLOCKED:
        raise ForbiddenError("this contact is blocked")
    return person
