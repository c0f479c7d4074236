"""Collects what became of the rules of each channel in a pytest run, and prints the scorecards at its end."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaskiq_core.testing.conformance.scorecard import Scorecard
from chaskiq_core.testing.conformance.tiers import Outcome, Result, Rule

RESULT = "chaskiq-rule"
LEVEL = "chaskiq-level"
NAME = "chaskiq-scorecards"
WRITE_TO = "CHASKIQ_SCORECARD"
"""Environment: the file to which the first card is written as JSON."""


@dataclass(slots=True)
class _Seen:
    """One channel's."""

    channel: str
    rules: dict[str, Rule]
    results: dict[str, Result] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)

    def card(self) -> Scorecard:
        return Scorecard.of(self.channel, self.rules.values(), self.results.values(), self.levels)


class Reporter:
    """A pytest plugin of its own, registered by the first rule that runs."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def expect(self, key: str, channel: str, rules: Iterable[Rule]) -> None:
        """These rules are this channel's."""
        self._seen.setdefault(key, _Seen(channel, {rule.id: rule for rule in rules}))

    def cards(self) -> list[Scorecard]:
        return [seen.card() for seen in self._seen.values()]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name not in (RESULT, LEVEL) or not isinstance(value, dict) or value["key"] not in self._seen:
                continue
            seen = self._seen[value["key"]]
            if name == LEVEL:
                seen.levels[value["name"]] = value["seen"]
            else:
                rule = seen.rules[value["rule"]]
                seen.results[rule.id] = Result(rule, Outcome(value["outcome"]), value["reason"])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for card in self.cards():
            terminalreporter.section("scorecard")
            terminalreporter.write_line(card.as_text())
        if (path := os.environ.get(WRITE_TO)) and (cards := self.cards()):
            Path(path).write_text(json.dumps(cards[0].as_json()))


def report_for(config: pytest.Config) -> Reporter:
    """The run's reporter."""
    known = config.pluginmanager.get_plugin(NAME)
    if isinstance(known, Reporter):
        return known
    reporter = Reporter()
    config.pluginmanager.register(reporter, NAME)
    return reporter
