"""The ground of all rules: what an author subclasses, and what makes a rule a test that also counts for the card."""

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol, TypeVar

import pytest

from chaskiq_core.host.registry import Channel, Found, Hook, build_registry
from chaskiq_core.plugin import Manifest, WebhookRequest
from chaskiq_core.testing.conformance.desk import Desk, opened_desk
from chaskiq_core.testing.conformance.door import HookDoor
from chaskiq_core.testing.conformance.driver import MAYA, SandboxDriver
from chaskiq_core.testing.conformance.reporting import LEVEL, RESULT, report_for
from chaskiq_core.testing.conformance.tiers import TIERS, ExcusedError, NotPlayedError, Outcome, Rule, Tier

NOTHING: Mapping[str, str] = MappingProxyType({})


RULES: dict[object, Rule] = {}
"""By the method that shows it."""


class Record(Protocol):
    """Notes a fact beside a test's report."""

    def __call__(self, name: str, value: object, /) -> None: ...


class Kit:
    """What rules stand on; `ChannelConformance` is this with all rules."""

    channel: ClassVar[object]
    """The plugin object, as its entry point names it."""
    driver: ClassVar[type[SandboxDriver]]
    """Plays its provider."""
    at_least: ClassVar[Tier] = Tier.BRONZE
    """A rule of this tier or a lower one that the driver does not play is a failure, not only missing on the card."""
    exempt: ClassVar[Mapping[str, str]] = NOTHING
    """Rules that may fail, each with its reason; on the card they are missing all the same."""

    folder: Path
    _record: Record

    @pytest.fixture
    def anyio_backend(self) -> str:
        """The loop that the engine runs on."""
        return "asyncio"

    @pytest.fixture(autouse=True)
    def _begin(self, request: pytest.FixtureRequest, record_property: Record, tmp_path: Path) -> None:
        self.begin(tmp_path, record_property)
        report_for(request.config).expect(self._key(), self.found.manifest.title, rules_of(type(self)))

    def begin(self, folder: Path, record: Record) -> None:
        """Where the hubs of a rule keep their files, and who is told what became of it."""
        self.folder = folder
        self._record = record

    @functools.cached_property
    def found(self) -> Channel:
        """The channel as the host sees it, its hooks ready to be called."""
        registry = build_registry([Found(name="kit", plugin=self.channel)])
        assert registry.channels, "the plugin implements no channel hook"
        [found] = registry.channels.values()
        return found

    @property
    def manifest(self) -> Manifest:
        """What the channel says of itself."""
        return self.found.manifest

    @asynccontextmanager
    async def at_provider(self) -> AsyncIterator[tuple[SandboxDriver, HookDoor]]:
        """A provider that plays, and the door that its webhooks come to."""
        driver, door = self.driver(), HookDoor()
        async with driver.running(door):
            yield driver, door

    @asynccontextmanager
    async def at_desk(
        self, *, works: bool = True, hooks: Mapping[str, Callable[[Hook], Hook]] = MappingProxyType({})
    ) -> AsyncIterator[Desk]:
        """A hub with the channel installed at a provider of its own."""
        async with (
            self.at_provider() as (driver, door),
            opened_desk(self.channel, driver, door, self.folder, works=works, hooks=hooks) as desk,
        ):
            yield desk

    async def genuine(self, desk: Desk) -> list[WebhookRequest]:
        """Webhooks that the provider sent of two messages, and no handshake of its beginning."""
        before = len(desk.door.taken)
        for text in ("A first word", "And a second"):
            await desk.driver.write(MAYA, text)
            await desk.conversation_with(text)
        return [taken.request for taken in desk.door.taken[before:] if taken.answer.status == 200]

    def saw(self, name: str, seen: str) -> None:
        """Note a level for the card."""
        self._record(LEVEL, {"key": self._key(), "name": name, "seen": seen})

    def settle(self, rule: Rule, outcome: Outcome, reason: str = "") -> None:
        """Note what became of a rule."""
        if rule.id in self.exempt and outcome is not Outcome.PASSED:
            reason = f"exempt: {self.exempt[rule.id]}"
        told = {"key": self._key(), "rule": rule.id, "outcome": str(outcome), "reason": reason}
        self._record(RESULT, told)

    def tolerates(self, rule: Rule) -> bool:
        """Whether a rule that nobody could see is no failure of the test."""
        return rule.id in self.exempt or TIERS.index(rule.tier) > TIERS.index(self.at_least)

    @classmethod
    def _key(cls) -> str:
        return f"{cls.__module__}.{cls.__qualname__}"


K = TypeVar("K", bound=Kit)


def rule(id_: str, tier: Tier, says: str) -> Callable[[Callable[[K], Awaitable[None]]], Callable[[K], Awaitable[None]]]:
    """Make an async method a rule: a test whose outcome counts for the scorecard."""

    def made(method: Callable[[K], Awaitable[None]]) -> Callable[[K], Awaitable[None]]:
        own = Rule(id_, tier, says)

        @functools.wraps(method)
        async def run(self: K) -> None:
            try:
                await method(self)
            except ExcusedError as excused:
                self.settle(own, Outcome.EXCUSED, str(excused))
            except NotPlayedError as missing:
                self.settle(own, Outcome.NOT_SHOWN, str(missing))
                if not self.tolerates(own):
                    raise
            except Exception as error:
                self.settle(own, Outcome.FAILED, f"{error}" or type(error).__name__)
                if own.id not in self.exempt:
                    raise
            else:
                self.settle(own, Outcome.PASSED)

        RULES[run] = own
        return run

    return made


def rules_of(kit: type[Kit]) -> list[Rule]:
    """Every rule of a kit."""
    return [RULES[method] for _, method in inspect.getmembers(kit, inspect.isfunction) if method in RULES]
