"""Whose a webhook is that came to the one URL of a provider's whole app."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chaskiq_core.errors import NotFoundError, PluginError
from chaskiq_core.host.call import Host
from chaskiq_core.host.registry import Channel, Found, build_registry
from chaskiq_core.plugin import UnreadableError, WebhookRequest, hookimpl
from tests.harness.tiny_channel import TinyChannel

pytestmark = pytest.mark.anyio


class Shared(TinyChannel):
    """Names the accounts in a body."""

    def __init__(self) -> None:
        super().__init__()
        self.manifest = replace(self.manifest, offers=self.manifest.offers | {"accounts_of"})

    @hookimpl
    def accounts_of(self, request: WebhookRequest) -> Sequence[str]:
        named = request.json().get("accounts")
        return named if isinstance(named, list) else 7  # type: ignore[return-value]


def checked(plugin: TinyChannel) -> Channel:
    return build_registry([Found(name="tiny", plugin=plugin)]).channels["tiny"]


async def test_the_accounts_that_a_webhook_names(host: Host) -> None:
    channel = checked(Shared())

    assert await host.accounts_of(channel, WebhookRequest(body=b'{"accounts": ["a", "b"]}')) == ("a", "b")
    assert await host.accounts_of(channel, WebhookRequest(body=b'{"accounts": []}')) == ()
    with pytest.raises(UnreadableError):
        await host.accounts_of(channel, WebhookRequest(body=b"[]"))


@pytest.mark.parametrize("body", [b"{}", b'{"accounts": [7]}', b'{"accounts": [""]}'])
async def test_rubbish_is_a_named_error(host: Host, body: bytes) -> None:
    with pytest.raises(PluginError, match="accounts_of returned something else than names"):
        await host.accounts_of(checked(Shared()), WebhookRequest(body=body))


async def test_a_channel_without_the_hook_has_no_such_url(host: Host) -> None:
    with pytest.raises(NotFoundError, match="no URL for all accounts"):
        await host.accounts_of(checked(TinyChannel()), WebhookRequest(body=b"{}"))
