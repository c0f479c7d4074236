"""Which budgets a message is taken from: the account's, its chat's, and what else the manifest names. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from chaskiq_core.plugin.manifest import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One message per `interval` seconds on the long run, `burst` at once after a pause."""

    name: str
    """The same for whoever uses the account, in whatever process or App."""
    interval: float
    """0: without a limit of its own; it can still be paused."""
    burst: int
    whole_account: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not now."""

    seconds: float
    whole_account: bool
    """Whether nothing of the account can go, or only this chat waits."""


def budgets_of(
    limits: Sequence[RateLimit], *, provider: str, account: str, chat: str, is_group: bool
) -> tuple[Budget, ...]:
    """The account's budget first, the chat's second, then those of groups or pairs."""
    whole, own = f"{provider}/{account}", f"{provider}/{account}/{chat}"
    named = {"account": (whole, True), "chat": (own, True), "group": (f"{own}/group", is_group)}
    named["pair"] = (f"{own}/pair", not is_group)
    found = {whole: Budget(name=whole, interval=0.0, burst=1, whole_account=True)}
    found[own] = Budget(name=own, interval=0.0, burst=1)
    for limit in limits:
        name, concerned = named[limit.scope]
        if concerned:
            found[name] = Budget(
                name=name,
                interval=limit.per_seconds / limit.count,
                burst=limit.burst or limit.count,
                whole_account=limit.scope == "account",
            )
    return tuple(found.values())
