"""The plugins of one hub: found, checked against their manifests, and refused with a sentence where they fall short."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

import pluggy

from chaskiq_core.errors import NotFoundError, PluginError
from chaskiq_core.plugin.hookspecs import PROJECT, ChannelHooks, ObserverHooks
from chaskiq_core.plugin.manifest import Idempotency, Level, Manifest

OWN_PLUGINS = ("telegram", "whatsapp", "slack", "email", "web")
"""Entry points of this repository: enabled unless told otherwise, and run inline."""
REQUIRED = frozenset({"verify", "route", "parse", "send"})
CHANNEL_HOOKS = frozenset(name for name, _ in inspect.getmembers(ChannelHooks, inspect.isfunction))
OBSERVER_HOOKS = frozenset(name for name, _ in inspect.getmembers(ObserverHooks, inspect.isfunction))
OPTIONAL = CHANNEL_HOOKS - REQUIRED
CAPABILITY_HOOKS = {"edit": "edit", "delete": "delete", "typing": "typing", "templates": "list_templates"}
"""What a channel can do only with a hook."""
MIRRORS = frozenset({"open_mirror", "show_mirror", "fetch_profile"})
PURE = frozenset({"verify", "route", "parse", "accounts_of"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One implementation; called with the arguments that it names."""

    function: Callable[..., object]
    arguments: tuple[str, ...]

    def __call__(self, **given: object) -> object:
        return self.function(*map(given.__getitem__, self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A checked channel plugin."""

    name: str
    manifest: Manifest
    hooks: Mapping[str, Hook]
    entry: str | None
    """`module:attribute`, by which a child process finds it; None: given as an object, it runs inline."""
    own: bool
    """Whether it is this repository's, or the embedder's own object: its first attempts run inline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """A checked observer plugin."""

    name: str
    hooks: Mapping[str, Hook]
    observes_notes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A plugin as it was found, not checked yet."""

    name: str
    plugin: object
    entry: str | None = None
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """What a hub can call. `broken` names the plugins that were found and could not be used, each with its sentence."""

    channels: Mapping[str, Channel]
    """By provider."""
    observers: Mapping[str, Observer]
    """By plugin name."""
    broken: Mapping[str, str]

    def channel(self, name: str) -> Channel:
        """The channel of a provider, by its name or an alias; NotFoundError naming the installed ones."""
        for channel in self.channels.values():
            if name in (channel.manifest.provider, *channel.manifest.aliases):
                return channel
        known = ", ".join(sorted(self.channels)) or "none"
        raise NotFoundError(self.broken.get(name) or f"{self.why_missing(name)}; installed: {known}")

    def why_missing(self, provider: str) -> str:
        """Why there is no plugin for a provider, and what to do about it."""
        if provider in self.broken:
            return self.broken[provider]
        if provider in OWN_PLUGINS:
            return (
                f"no plugin for {provider}: `pip install chaskiq-{provider}`, and enable it if CHASKIQ_PLUGINS is set"
            )
        return f"no channel plugin for {provider[:64]!r}"

    def listeners(self) -> Mapping[str, tuple[str, ...]]:
        """Who listens to what: observer hook → names of plugins; `open_mirror` → providers that mirror."""
        heard: dict[str, tuple[str, ...]] = {}
        for name, observer in sorted(self.observers.items()):
            for hook in observer.hooks:
                heard[hook] = (*heard.get(hook, ()), name)
            if observer.observes_notes:
                heard["notes"] = (*heard.get("notes", ()), name)
        if mirrors := tuple(provider for provider, one in sorted(self.channels.items()) if "open_mirror" in one.hooks):
            heard["open_mirror"] = mirrors
        return MappingProxyType(heard)


def find_plugins(enabled: str) -> tuple[list[Found], dict[str, str]]:
    """The installed plugins that `CHASKIQ_PLUGINS` enables, loaded one by one, and why some could not be."""
    wanted = [name.strip() for name in enabled.split(",") if name.strip()] or list(OWN_PLUGINS)
    found: list[Found] = []
    broken: dict[str, str] = {}
    installed: dict[str, EntryPoint] = {entry.name: entry for entry in entry_points(group=PROJECT)}
    for name in sorted(installed) if "*" in wanted else wanted:
        entry = installed.get(name)
        if entry is None:
            if enabled:
                broken[name] = f"plugin {name} is enabled and not installed"
            continue
        try:
            plugin = entry.load()
        except Exception as error:
            broken[name] = f"plugin {name} ({entry.value}) can't be imported: {type(error).__name__}: {error}"
            continue
        found.append(Found(name=name, plugin=plugin, entry=entry.value, own=name in OWN_PLUGINS))
    return found, broken


def build_registry(found: Iterable[Found], broken: Mapping[str, str] = MappingProxyType({})) -> Registry:
    """Check the plugins; raises PluginError for one given as an object, notes one found by its entry point."""
    channels: dict[str, Channel] = {}
    observers: dict[str, Observer] = {}
    failed = dict(broken)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(ChannelHooks)
    manager.add_hookspecs(ObserverHooks)
    for one in found:
        try:
            hooks = _register(manager, one)
            if heard := {name: hook for name, hook in hooks.items() if name in OBSERVER_HOOKS}:
                observers[one.name] = Observer(
                    name=one.name, hooks=heard, observes_notes=bool(getattr(one.plugin, "observes_notes", False))
                )
            if own := {name: hook for name, hook in hooks.items() if name in CHANNEL_HOOKS}:
                channel = _check_channel(one, own)
                if other := channels.get(channel.manifest.provider):
                    raise PluginError(
                        f"plugin {one.name}: provider {channel.manifest.provider} is owned by plugin {other.name}"
                    )
                channels[channel.manifest.provider] = channel
            elif not heard:
                raise PluginError(f"plugin {one.name} implements no hook: mark its functions with @hookimpl")
        except PluginError as error:
            if one.entry is None:
                raise
            failed[one.name] = str(error)
    return Registry(
        channels=MappingProxyType(channels), observers=MappingProxyType(observers), broken=MappingProxyType(failed)
    )


def _register(manager: pluggy.PluginManager, one: Found) -> dict[str, Hook]:
    plugin = one.plugin
    if inspect.isclass(plugin):
        raise PluginError(f"plugin {one.name} is the class {plugin.__name__}: give an instance of it")
    for name in sorted(dir(plugin)):
        if not name.startswith("_"):
            _check_function(manager, one, name)
    if manager.has_plugin(one.name):
        raise PluginError(f"plugin {one.name} is given twice")
    try:
        manager.register(plugin, name=one.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        manager.unregister(name=one.name)
        raise PluginError(f"plugin {one.name}: {str(error).splitlines()[-1].strip()}") from error
    except ValueError as error:
        raise PluginError(f"plugin {one.name}: {error}") from error
    return {
        caller.name: Hook(function=impl.function, arguments=impl.argnames)
        for caller in manager.get_hookcallers(plugin) or ()
        for impl in caller.get_hookimpls()
        if impl.plugin is plugin
    }


def _check_function(manager: pluggy.PluginManager, one: Found, name: str) -> None:
    """Refuse what pluggy lets pass and what fails, or does nothing, at the first webhook."""
    options = manager.parse_hookimpl_opts(one.plugin, name)
    if options is None:
        if name in CHANNEL_HOOKS | OBSERVER_HOOKS and callable(getattr(one.plugin, name)):
            raise PluginError(f"plugin {one.name}: {name} is named like a hook and not marked with @hookimpl")
        return
    if options.get("wrapper") or options.get("hookwrapper"):
        raise PluginError(f"plugin {one.name}: {name} is a wrapper; hooks are called one by one and can't be wrapped")
    if options.get("optionalhook"):
        raise PluginError(f"plugin {one.name}: {name} is an optionalhook, which would hide a misspelt name")
    function = getattr(one.plugin, name)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.default is not parameter.empty:
            raise PluginError(
                f"plugin {one.name}: {name} gives its argument {parameter.name} a default, "
                "which is what it would always get; remove it"
            )
    if name in CHANNEL_HOOKS | OBSERVER_HOOKS and inspect.iscoroutinefunction(function) == (name in PURE):
        kind = "a plain function, without async" if name in PURE else "an async function"
        raise PluginError(f"plugin {one.name}: {name} must be {kind}")


def _check_channel(one: Found, hooks: Mapping[str, Hook]) -> Channel:
    """Declared is implemented."""
    manifest = getattr(one.plugin, "manifest", None)
    if not isinstance(manifest, Manifest):
        raise PluginError(f"plugin {one.name} implements channel hooks and has no `manifest` of type Manifest")
    for missing in sorted(REQUIRED - hooks.keys()):
        raise PluginError(f"plugin {one.name} does not implement {missing}, which every channel must")
    for missing in sorted(manifest.offers - hooks.keys()):
        what = "does not implement it" if missing in OPTIONAL else "there is no such optional hook"
        raise PluginError(f"plugin {one.name}: the manifest offers {missing}, and {what}")
    for extra in sorted((hooks.keys() & OPTIONAL) - manifest.offers):
        raise PluginError(f"plugin {one.name} implements {extra}, and the manifest does not offer it")
    if "open_mirror" in manifest.offers and (lacking := sorted(MIRRORS - manifest.offers)):
        raise PluginError(f"plugin {one.name}: a channel that mirrors offers {lacking[0]}, too")
    if (manifest.idempotency is Idempotency.LOOKUP) != ("look_up" in manifest.offers):
        raise PluginError(
            f"plugin {one.name}: the manifest's idempotency is {manifest.idempotency}, "
            f"and it {'offers' if 'look_up' in manifest.offers else 'does not offer'} the hook look_up"
        )
    for name, hook in CAPABILITY_HOOKS.items():
        level: Level = getattr(manifest.capabilities, name)
        if (level in (Level.DROPPED, Level.REJECTED)) == (hook in manifest.offers):
            raise PluginError(
                f"plugin {one.name}: the manifest's capability {name} is {level}, "
                f"and it {'offers' if hook in manifest.offers else 'does not offer'} the hook {hook}"
            )
    return Channel(name=one.name, manifest=manifest, hooks=hooks, entry=one.entry, own=one.own)
