"""The scorecard: which tier a channel has reached, what is missing for the next, and its levels as they were seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from chaskiq_core.testing.conformance.tiers import TIERS, Outcome, Result, Rule, Tier

HOLDS = frozenset({Outcome.PASSED, Outcome.EXCUSED})
MARKS = {Outcome.PASSED: "ok", Outcome.FAILED: "FAILED", Outcome.EXCUSED: "-", Outcome.NOT_SHOWN: "?"}
NO_TIER = "none"


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Computed from what happened; a rule that did not run counts as not shown."""

    channel: str
    results: tuple[Result, ...]
    levels: Mapping[str, str] = field(default_factory=dict)
    """By capability: what was declared and seen."""

    @classmethod
    def of(
        cls, channel: str, rules: Iterable[Rule], results: Iterable[Result], levels: Mapping[str, str]
    ) -> "Scorecard":
        """The card of these rules, in the order of their tiers."""
        known = {result.rule.id: result for result in results}
        every = [known.get(rule.id, Result(rule, Outcome.NOT_SHOWN, "it did not run")) for rule in rules]
        return cls(
            channel, tuple(sorted(every, key=lambda one: (TIERS.index(one.rule.tier), one.rule.id))), dict(levels)
        )

    @property
    def tier(self) -> Tier | None:
        """The highest tier all of whose rules, and those of the tiers below, hold; None: not even bronze."""
        reached: Tier | None = None
        for tier in TIERS:
            if self.missing(tier):
                break
            reached = tier
        return reached

    def missing(self, tier: Tier) -> list[Result]:
        """What of this tier does not hold."""
        return [result for result in self.results if result.rule.tier is tier and result.outcome not in HOLDS]

    def missing_up_to(self, tier: Tier) -> list[str]:
        """Ids of the rules that keep the channel from this tier."""
        tiers = TIERS[: TIERS.index(tier) + 1]
        return [result.rule.id for each in tiers for result in self.missing(each)]

    def reaches(self, tier: Tier) -> bool:
        """Whether the channel is at least that good."""
        return self.tier is not None and TIERS.index(self.tier) >= TIERS.index(tier)

    def as_json(self) -> dict[str, object]:
        """The card as one JSON object."""
        return {
            "channel": self.channel,
            "tier": self.tier,
            "levels": dict(self.levels),
            "rules": [
                {
                    "id": result.rule.id,
                    "tier": result.rule.tier,
                    "says": result.rule.says,
                    "outcome": result.outcome,
                    "reason": result.reason,
                }
                for result in self.results
            ],
        }

    @classmethod
    def read(cls, text: str) -> "Scorecard":
        """The card that `as_json` made; pydantic's ValidationError if it is none."""
        told = _Told.model_validate_json(text)
        results = tuple(Result(Rule(one.id, one.tier, one.says), one.outcome, one.reason) for one in told.rules)
        return cls(told.channel, results, told.levels)

    def as_text(self) -> str:
        """The card for people: what holds, what is missing, the levels."""
        width = max((len(result.rule.id) for result in self.results), default=0)
        lines = [f"{self.channel}: {self.tier or NO_TIER}"]
        for tier in TIERS:
            of_tier = [result for result in self.results if result.rule.tier is tier]
            held = sum(result.outcome in HOLDS for result in of_tier)
            lines.append(f"\n{tier}  {held}/{len(of_tier)}")
            lines += [f"  {MARKS[result.outcome]:<6} {result.rule.id:<{width}}  {_line(result)}" for result in of_tier]
        if self.levels:
            lines.append("\nseen")
            lines += [f"  {name:<{width + 7}}  {seen}" for name, seen in self.levels.items()]
        return "\n".join(lines)


class _ToldRule(BaseModel):
    id: str
    tier: Tier
    says: str
    outcome: Outcome
    reason: str


class _Told(BaseModel):
    """A card's JSON; its tier is computed again."""

    channel: str
    levels: dict[str, str]
    rules: list[_ToldRule]


def _line(result: Result) -> str:
    if result.outcome is Outcome.PASSED:
        return result.rule.says
    return f"{result.rule.says}: {result.outcome}, {_first_line(result.reason)}"


def _first_line(reason: str) -> str:
    return next((line.strip() for line in reason.splitlines() if line.strip()), "no reason given")[:160]
