"""No secret of an integration is written anywhere but sealed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from chaskiq_core.desk import integrations
from chaskiq_core.testing.conformance.checks.outbound import conversation_of
from chaskiq_core.testing.conformance.desk import Desk
from chaskiq_core.testing.conformance.driver import Wrong
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import NotPlayedError, Tier

OF_THE_DRIVER = frozenset({"httpx", "httpcore"})  # the hub silences them while it calls; the driver need not
SHORTEST = 6  # a shorter value stands in a log by chance


class SecretRules(Kit):
    """Of secrets, and of the hooks that an operator uses."""

    @rule("secrets.quiet", Tier.BRONZE, "no secret is in a log, an error, a view or a file")
    async def test_secrets_are_written_nowhere(self) -> None:
        with _all_logs() as lines:
            async with self.at_desk() as desk:
                secrets = await self._secrets(desk)
                key = await conversation_of(desk)
                await desk.reply(key, "Hello")
                await desk.quiet()
                await self._break(desk, key)
                told = [str(await desk.shown_integration()), str(await desk.parts(key))]
                told.append(str(await desk.agent.read(integrations.calls, desk.integration)))
        files = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]
        for name, secret in secrets.items():
            assert not any(secret in line for line in lines), f"{name} is in a log line"
            assert not any(secret in text for text in told), f"{name} is shown to agents"
            assert not any(secret.encode() in content for content in files), f"{name} is in a file as it is"

    @rule("install.twice", Tier.SILVER, "registering again does no harm, and health says that all is well")
    async def test_installing_again_does_no_harm(self) -> None:
        async with self.at_desk() as desk:
            settings = await desk.settings()
            again = desk.chaskiq.seal_settings(
                self.manifest.provider, settings.model_dump(mode="json"), hook_token="another-hook-token"
            )
            await desk.agent.write(integrations.change, desk.integration, again)
            await desk.quiet()
            assert (await desk.shown_integration()).state == "active"
            if "health" in self.manifest.offers:
                channel, opened = await desk.chaskiq.integrations.by_token("another-hook-token")
                url = desk.chaskiq.hook_url("another-hook-token")
                lines = await desk.chaskiq.host.health(channel, opened, url)
                assert lines, "health says nothing"
                assert all(line.ok for line in lines), f"not well: {[line for line in lines if not line.ok]}"

    async def _secrets(self, desk: Desk) -> dict[str, str]:
        settings = await desk.settings()
        values = {name: getattr(settings, name) for name in settings.secret_names()}
        return {name: value for name, value in values.items() if isinstance(value, str) and len(value) >= SHORTEST}

    async def _break(self, desk: Desk, key: str) -> None:
        """A failure whose report could hold a secret."""
        try:
            await desk.driver.go_wrong(Wrong.UNAUTHORIZED)
        except NotPlayedError:
            return
        await desk.reply(key, "Hello again")
        await desk.quiet()


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__(level=0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in OF_THE_DRIVER:
            return
        self.lines.append(f"{record.getMessage()} {record.exc_info} {record.__dict__}")


@contextmanager
def _all_logs() -> Iterator[list[str]]:
    """Every line that any logger writes inside the block."""
    handler, root = _Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
