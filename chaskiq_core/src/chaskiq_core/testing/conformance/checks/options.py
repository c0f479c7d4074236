"""Buttons where the channel has them, a numbered text where it has none; a press answers the question."""

from chaskiq_core.testing.conformance.checks.outbound import conversation_of
from chaskiq_core.testing.conformance.desk import Desk, until
from chaskiq_core.testing.conformance.driver import MAYA, Shown
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import ExcusedError, Tier

CHOICES = {"track": "Track it", "talk": "Talk to us"}


class OptionRules(Kit):
    """Of a bot's questions."""

    @rule("options.shown", Tier.SILVER, "a question's answers are buttons as declared, or numbered lines")
    async def test_options_are_shown(self) -> None:
        declared = self.manifest.capabilities.options
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            shown = await _asked(desk, key, CHOICES)
            if declared is not None and declared.max_options >= len(CHOICES):
                assert shown[-1].options == tuple(CHOICES.values()), f"its buttons are {shown[-1].options}"
                self.saw("options", f"full, up to {declared.max_options} buttons of {declared.max_label} characters")
            else:
                _assert_numbered(shown, CHOICES)
                self.saw("options", "fallback: numbered lines")

    @rule("options.beyond", Tier.GOLD, "more answers than buttons, or longer ones, are numbered lines")
    async def test_options_over_the_limit(self) -> None:
        declared = self.manifest.capabilities.options
        if declared is None:
            raise ExcusedError("the manifest declares no options")
        tried = [{"a": "Yes", "b": "x" * (declared.max_label + 1)}]
        many = {str(n): f"Answer {n}" for n in range(declared.max_options + 1)}
        if declared.max_options < 20:  # a block holds no more
            tried.append(many)
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            for choices in tried:
                _assert_numbered(await _asked(desk, key, choices), choices)
            at_limit = {str(n): f"Answer {n}" for n in range(min(declared.max_options, 20))}
            assert (await _asked(desk, key, at_limit))[-1].options == tuple(at_limit.values())

    @rule("options.pressed", Tier.GOLD, "a pressed button answers the question, and the provider is told")
    async def test_a_press_answers(self) -> None:
        if self.manifest.capabilities.options is None:
            raise ExcusedError("the manifest declares no options")
        async with self.at_desk() as desk:
            key = await conversation_of(desk)
            [shown] = await _asked(desk, key, CHOICES)
            await desk.driver.press(MAYA, shown.id, "Talk to us")

            async def answered() -> bool:
                blocks = [part.block for part in await desk.parts(key) if part.block]
                return [(block["state"], block["values"]) for block in blocks] == [
                    ("replied", {"id": "talk", "label": "Talk to us"})
                ]

            await until(answered, what="the press")
            if "acknowledge" in self.manifest.offers:
                await until(desk.driver.saw_acknowledged, what="the provider to be told of the press")


async def _asked(desk: Desk, key: str, choices: dict[str, str]) -> list[Shown]:
    before = len(await desk.driver.shown(MAYA))
    await desk.ask(key, "How can we help?", choices)
    await desk.quiet()
    shown = list(await desk.driver.shown(MAYA))[before:]
    assert shown, "the question did not arrive"
    assert any("How can we help?" in one.text for one in shown), f"the question is {[one.text for one in shown]}"
    return shown


def _assert_numbered(shown: list[Shown], choices: dict[str, str]) -> None:
    assert not any(one.options for one in shown), "there are buttons"
    lines = [line.strip() for one in shown for line in one.text.splitlines()]
    for n, label in enumerate(choices.values(), 1):
        assert f"{n}. {label}" in lines, f"no line {n}. {label[:20]} in {lines}"
