"""The kit on a plugin that is installed: what `chaskiq plugins check` runs, in a process of its own."""

import importlib
import os

from chaskiq_core.errors import NotFoundError
from chaskiq_core.host.registry import Channel, build_registry, find_plugins
from chaskiq_core.testing.conformance.channel import ChannelConformance
from chaskiq_core.testing.conformance.driver import SandboxDriver

CHECKED = "CHASKIQ_CHECKED_PLUGIN"
"""Environment: the provider whose plugin is checked."""
EVERY_PLUGIN = "*"


def find_checked(provider: str) -> tuple[Channel, object, type[SandboxDriver]]:
    """The installed channel of a provider, its plugin object and its driver; NotFoundError says what is missing."""
    found, broken = find_plugins(EVERY_PLUGIN)
    channel = build_registry(found, broken).channel(provider)
    [plugin] = [one.plugin for one in found if one.name == channel.name]
    name = f"{(channel.entry or '').partition(':')[0]}.sandbox.driver"
    try:
        driver = getattr(importlib.import_module(name), "Driver", None)
    except ImportError as error:
        raise NotFoundError(
            f"the plugin {channel.name} can't be checked: {name} can't be imported ({error}); "
            "install its extra `sandbox`, if it has a sandbox"
        ) from error
    if not isinstance(driver, type) or not issubclass(driver, SandboxDriver):
        raise NotFoundError(f"the plugin {channel.name} can't be checked: {name} has no class Driver, a SandboxDriver")
    return channel, plugin, driver


if provider := os.environ.get(CHECKED):
    _, _plugin, _driver = find_checked(provider)

    class TestInstalled(ChannelConformance):
        """Every rule."""

        channel = _plugin
        driver = _driver
