"""Who may do what: permissions, the roles that have them, and the registry of acts that need them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from chaskiq_core.errors import ForbiddenError, NotFoundError
from chaskiq_core.log import record_audit
from chaskiq_core.model import RoleName
from chaskiq_core.staff.agents import find_role
from chaskiq_core.store.unit import Unit

P = ParamSpec("P")
R = TypeVar("R")


class Permission(StrEnum):
    """What an act needs."""

    VIEW = "view"
    """See conversations, contacts and integrations."""
    REPLY = "reply"
    """Write, assign, close and reopen."""
    MANAGE_CONTACTS = "manage_contacts"
    MANAGE_CHANNELS = "manage_channels"
    """Integrations and the dead-letter lists."""
    MANAGE_STAFF = "manage_staff"
    """Agents and tokens."""
    TAKE_PART = "take_part"
    """Be the contact of a conversation: for contacts alone, in what is theirs."""


_AGENT = frozenset({Permission.VIEW, Permission.REPLY, Permission.MANAGE_CONTACTS})
ROLES = {
    RoleName.AGENT: _AGENT,
    RoleName.BOT: _AGENT,
    RoleName.MANAGER: _AGENT | {Permission.MANAGE_CHANNELS},
    RoleName.ADMIN: frozenset(Permission) - {Permission.TAKE_PART},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a door may ask."""

    name: str
    function: Callable[..., object]
    needs: Permission
    audits: bool


ACTS: dict[str, Act] = {}
"""Every act of the desk, by `module.name`: what doors, docs and the attack tests are checked against."""


def act(
    *, needs: Permission, audits: bool = False
) -> Callable[[Callable[Concatenate[Unit, P], R]], Callable[Concatenate[Unit, P], R]]:
    """Declare an act: its permission is checked before it runs; with `audits` it leaves a line in the audit log."""

    def declare(function: Callable[Concatenate[Unit, P], R]) -> Callable[Concatenate[Unit, P], R]:
        name = f"{function.__module__.rsplit('.', 1)[-1]}.{function.__name__}"

        @wraps(function)
        def checked(unit: Unit, /, *args: P.args, **kwargs: P.kwargs) -> R:
            check_permission(unit, needs)
            result = function(unit, *args, **kwargs)
            if audits:
                record_audit(unit, act=name, subject=str(args[0]) if args else "")
            return result

        ACTS[name] = Act(name=name, function=checked, needs=needs, audits=audits)
        return checked

    return declare


def check_permission(unit: Unit, needs: Permission) -> None:
    """ForbiddenError unless the actor has the permission in this App; the house itself has all of them."""
    if unit.actor.kind == "system":
        return
    if unit.actor.kind != "agent":
        if needs is Permission.TAKE_PART:
            return
        raise ForbiddenError("a contact may not do this")
    try:
        role, _ = find_role(unit, unit.actor.name)
    except NotFoundError as error:
        raise ForbiddenError(str(error)) from error
    if needs not in ROLES[role.name]:
        raise ForbiddenError(f"the role {role.name} does not include {needs}")
