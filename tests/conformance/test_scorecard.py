"""The tier is computed from what happened, and nothing that did not happen counts for it."""

import json

from chaskiq_core.testing.conformance import Outcome, Result, Rule, Scorecard, Tier

ONE = Rule("a.one", Tier.BRONZE, "one holds")
TWO = Rule("b.two", Tier.SILVER, "two holds")
THREE = Rule("c.three", Tier.GOLD, "three holds")
RULES = (THREE, TWO, ONE)


def card(*outcomes: tuple[Rule, Outcome]) -> Scorecard:
    return Scorecard.of(
        "Acme", RULES, [Result(rule, outcome, "because") for rule, outcome in outcomes], {"text": "full"}
    )


def test_a_tier_is_reached_when_it_and_all_below_hold() -> None:
    assert card((ONE, Outcome.PASSED)).tier is Tier.BRONZE
    assert card((ONE, Outcome.PASSED), (TWO, Outcome.EXCUSED), (THREE, Outcome.PASSED)).tier is Tier.GOLD
    assert card((ONE, Outcome.FAILED), (TWO, Outcome.PASSED), (THREE, Outcome.PASSED)).tier is None
    assert card((ONE, Outcome.PASSED), (TWO, Outcome.NOT_SHOWN), (THREE, Outcome.PASSED)).tier is Tier.BRONZE


def test_what_did_not_run_is_missing() -> None:
    half = card((ONE, Outcome.PASSED), (THREE, Outcome.PASSED))

    assert [(one.rule.id, one.reason) for one in half.missing(Tier.SILVER)] == [("b.two", "it did not run")]
    assert half.missing_up_to(Tier.GOLD) == ["b.two"]
    assert (half.reaches(Tier.BRONZE), half.reaches(Tier.SILVER)) == (True, False)


def test_a_card_is_read_as_it_was_written() -> None:
    written = card((ONE, Outcome.PASSED), (TWO, Outcome.FAILED))

    assert Scorecard.read(json.dumps(written.as_json())) == written


def test_the_text_says_what_is_missing_and_what_was_seen() -> None:
    text = card((ONE, Outcome.PASSED), (TWO, Outcome.FAILED)).as_text()

    assert text.startswith("Acme: bronze\n")
    assert "FAILED b.two    two holds: failed, because" in text
    assert "silver  0/1" in text
    assert "text" in text.partition("seen")[2]
