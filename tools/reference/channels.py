"""The page of channels, made from the manifests of this repository's plugins."""

from collections.abc import Sequence

from chaskiq_core.host.registry import build_registry, find_plugins
from chaskiq_core.plugin import Idempotency, Level, Manifest, ProfileScope, TextCapability
from tools.reference.made import MADE, table

MEDIA = ("image", "video", "audio", "voice", "file")
LEVELS = """\
`full`, `partial`, `fallback` (it arrives as something simpler), `dropped`, `rejected`. What a channel does not carry
becomes what it does: a longer text is several messages, a file that is too large is a link, buttons are numbered lines.
"""
ERRORS = """\
What the provider's refusals mean; the first line that fits counts. What follows from each class is in
[errors.md](errors.md).
"""
INSTEAD = {
    "answering one message": ": the answer goes out without pointing at it",
    "editing": ": the person keeps the former text",
    "deleting": ": the person keeps the message",
    "typing": "",
}
"""What becomes of it where the channel has no such thing."""
SETTLED = {
    Idempotency.NONE: "Nothing settles a send whose outcome is unknown: an agent decides.",
    Idempotency.KEY: "A send whose outcome is unknown is settled by an idempotency key.",
    Idempotency.LOOKUP: "A send whose outcome is unknown is settled by looking it up.",
    Idempotency.CALLBACK: "A send whose outcome is unknown is settled by a callback.",
}
SCOPES = {
    ProfileScope.PROVIDER: "A person has the same id in all accounts.",
    ProfileScope.ACCOUNT: "A person has another id in each account.",
}


def channels_page() -> str:
    """What each channel carries, how fast, which settings it needs, and what its refusals mean."""
    manifests = installed_manifests()
    lines = ["# Channels", "", MADE, LEVELS, *_capabilities(manifests), ""]
    for manifest in manifests:
        lines += [*_section(manifest), ""]
    return "\n".join(lines).rstrip() + "\n"


def installed_manifests() -> list[Manifest]:
    """Of this repository's own plugins, whatever the environment enables."""
    registry = build_registry(*find_plugins(""))
    return [channel.manifest for _, channel in sorted(registry.channels.items())]


def _capabilities(manifests: Sequence[Manifest]) -> list[str]:
    told = [_told(manifest) for manifest in manifests]
    rows = [(name, *(one[name] for one in told)) for name in told[0]] if told else []
    return table(("", *(manifest.title for manifest in manifests)), rows)


def _told(manifest: Manifest) -> dict[str, str]:
    capabilities = manifest.capabilities
    album, options = capabilities.album, capabilities.options
    media = {
        kind: f"up to {_size(capabilities.media[kind].max_bytes)}"
        if kind in capabilities.media
        else "as a file or a link"
        for kind in MEDIA
    }
    levels: dict[str, Level] = {
        "answering one message": capabilities.reply,
        "editing": capabilities.edit,
        "deleting": capabilities.delete,
        "typing": capabilities.typing,
        "templates": capabilities.templates,
    }
    together = [" and ".join(sorted(kinds)) for kinds in album.together] if album else []
    return {
        "text": _text(capabilities.text),
        "caption": _text(capabilities.caption) if capabilities.caption else "a message of its own",
        **media,
        "album": f"up to {album.max_items} together: {'; '.join(together)}" if album else "each a message of its own",
        "buttons": f"up to {options.max_options}, labels of {options.max_label} characters"
        if options
        else "numbered lines",
        **{name: f"{level}{INSTEAD.get(name, '') if level is Level.DROPPED else ''}" for name, level in levels.items()},
        "free texts": f"for {manifest.window_seconds // 3600} hours after the contact's last message"
        if manifest.window_seconds
        else "at any time",
    }


def _section(manifest: Manifest) -> list[str]:
    fields = manifest.settings.model_fields
    secret = manifest.settings.secret_names()
    settings = [
        (
            f"`{name}`",
            "required" if field.is_required() else "" if field.default is None else f"`{field.default}`",
            "secret" if name in secret else "",
            field.description or "",
        )
        for name, field in fields.items()
    ]
    limits = [
        (one.scope, f"{one.count} in {one.per_seconds:g} s, {one.burst or one.count} at once")
        for one in manifest.rate_limits
    ]
    rules = [(rule.code, rule.contains, rule.error_class) for rule in manifest.errors]
    return [
        f"## {manifest.title}",
        "",
        f"{manifest.help} {SETTLED[manifest.idempotency]} {SCOPES[manifest.profile_scope]}",
        "",
        "### Settings",
        "",
        *table(("setting", "default", "", "meaning"), settings),
        "",
        "### Rates",
        "",
        *table(("per", "messages"), limits),
        "",
        "### Refusals",
        "",
        ERRORS,
        *table(("status", "its sentence contains", "class"), rules),
    ]


def _text(limit: TextCapability) -> str:
    return f"{limit.level.value}, up to {limit.max_length} {limit.counted_in.value.replace('_', ' ')}"


def _size(count: int) -> str:
    return f"{count // 1_000_000} MB" if count % 1_000_000 == 0 else f"{count} bytes"
