"""The page of the conformance kit's rules, made from the rules themselves."""

from chaskiq_core.testing.conformance import ChannelConformance, Tier
from chaskiq_core.testing.conformance.kit import rules_of
from chaskiq_core.testing.conformance.tiers import Outcome
from tools.reference.made import MADE, table

BEGINS = """\
What `ChannelConformance` checks, each by a test against a real hub and the plugin's sandbox. A tier is reached when its
rules, and those of the tiers below it, hold. How to run them is in [the tutorial](../plugins/tutorial.md).
"""
TIERS = {
    Tier.BRONZE: "Nothing is forged, lost, doubled or mixed up: one can work with it.",
    Tier.SILVER: "What goes wrong at the provider ends as it should, and files and buttons go through.",
    Tier.GOLD: "Each capability that the manifest declares was seen, at its limit and beyond.",
}
OUTCOMES = {
    Outcome.PASSED: "it was seen to hold",
    Outcome.FAILED: "it was seen not to hold",
    Outcome.EXCUSED: "the manifest does not declare it, or the provider has no such thing; it counts as held",
    Outcome.NOT_SHOWN: "the driver does not play it, so nobody knows; it counts as missing",
}


def conformance_page() -> str:
    """Every rule by its tier, and what may become of one."""
    rules = sorted(rules_of(ChannelConformance), key=lambda rule: rule.id)
    lines = ["# The conformance kit's rules", "", MADE, BEGINS]
    for tier, meaning in TIERS.items():
        of_tier = [(f"`{rule.id}`", rule.says) for rule in rules if rule.tier is tier]
        lines += [f"## {tier.value.capitalize()}", "", meaning, "", *table(("rule", "what holds"), of_tier), ""]
    lines += ["## Outcomes", "", *table(("outcome", "meaning"), [(key.value, text) for key, text in OUTCOMES.items()])]
    return "\n".join(lines) + "\n"
