"""The plugins that are installed, without a database and without a secret key."""

from chaskiq_core.host.registry import Registry, build_registry, find_plugins
from chaskiq_core.settings import MIN_SECRET_CHARACTERS, load_settings


def installed_plugins() -> Registry:
    """What `CHASKIQ_PLUGINS` enables, checked."""
    settings = load_settings(secret_key="-" * MIN_SECRET_CHARACTERS)
    return build_registry(*find_plugins(settings.plugins))
