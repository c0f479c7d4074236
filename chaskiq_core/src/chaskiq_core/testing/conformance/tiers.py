"""What the kit asks for, rule by rule, and what became of each: the scorecard's data. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """How far a channel has come; each includes the one before."""

    BRONZE = "bronze"
    """Nothing is forged, lost, doubled or mixed up: one can work with it."""
    SILVER = "silver"
    """What goes wrong at the provider ends as it should, and files and buttons go through."""
    GOLD = "gold"
    """Each capability that the manifest declares was seen, at its limit and beyond."""


TIERS = tuple(Tier)


class Outcome(StrEnum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    EXCUSED = "excused"
    """The manifest does not declare what the rule is about."""
    NOT_SHOWN = "not shown"
    """The sandbox can't play it, so nobody knows."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a channel must do."""

    id: str
    tier: Tier
    says: str
    """A sentence about the channel: what holds if it passes."""


@dataclass(frozen=True, slots=True)
class Result:
    """A rule and what became of it."""

    rule: Rule
    outcome: Outcome
    reason: str = ""
    """Why it failed, is excused or was not shown."""


class ExcusedError(Exception):
    """The manifest does not declare what the rule is about; the reason is a sentence."""


class NotPlayedError(Exception):
    """The sandbox can't play what the rule needs; the reason is a sentence."""
