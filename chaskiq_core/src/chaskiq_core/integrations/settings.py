"""An integration's settings: validated, its secrets sealed for the row, opened again for the plugin."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from chaskiq_core.errors import InvalidError, SettingsError
from chaskiq_core.model import IntegrationState, JsonObject
from chaskiq_core.model.ids import AgentId, AppId, IntegrationId
from chaskiq_core.plugin.manifest import ChannelSettings, Manifest
from chaskiq_core.secrets import MASK, SecretBox

HOOK_TOKEN = "hook_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSettings:
    """Validated settings on their way into a row."""

    provider: str
    account: str | None
    """The provider's account id, where the settings hold it."""
    shown: JsonObject
    """All but the secrets, which are masked."""
    secrets: str
    """The secrets and the hook token, encrypted."""
    hook_token_hash: str
    polls: bool = False
    """Whether the channel has to be asked for what came in."""

    def __str__(self) -> str:
        """What the audit log says of it."""
        return self.provider


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIntegration:
    """An integration's row as a value, its secrets still sealed."""

    app_id: AppId
    id: IntegrationId
    key: str
    provider: str
    name: str
    account: str
    state: IntegrationState
    agent_id: AgentId | None
    settings: JsonObject
    secrets: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIntegration:
    """An integration ready for its plugin."""

    stored: StoredIntegration
    settings: ChannelSettings
    hook_token: str

    @property
    def app_id(self) -> AppId:
        """Whose it is."""
        return self.stored.app_id

    @property
    def id(self) -> IntegrationId:
        """The row's id."""
        return self.stored.id


def validate_settings(manifest: Manifest, given: Mapping[str, object]) -> ChannelSettings:
    """The settings of a channel; InvalidError with a sentence that names the wrong or missing one."""
    try:
        return manifest.settings.model_validate(dict(given)).with_generated()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(place) for place in first["loc"])
        if first["type"] == "missing":
            raise InvalidError(f"{manifest.provider} needs the setting {name}") from None
        if first["type"] == "extra_forbidden":
            known = ", ".join(manifest.settings.model_fields)
            raise InvalidError(f"{manifest.provider} has no setting {name}; it has {known}") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise InvalidError(f"{manifest.provider} setting {name}: {reason[:1].lower()}{reason[1:]}") from None


def seal_settings(
    manifest: Manifest, settings: ChannelSettings, *, hook_token: str, hook_token_hash: str, box: SecretBox
) -> SealedSettings:
    """The settings for the row."""
    values = settings.model_dump(mode="json")
    secret = {name: values[name] for name in sorted(settings.secret_names())}
    shown = {name: (MASK if value else value) if name in secret else value for name, value in values.items()}
    return SealedSettings(
        provider=manifest.provider,
        account=settings.account(),
        shown=shown,
        secrets=box.seal(json.dumps({**secret, HOOK_TOKEN: hook_token})),
        hook_token_hash=hook_token_hash,
        polls="poll" in manifest.offers,
    )


def open_settings(manifest: Manifest, stored: StoredIntegration, box: SecretBox) -> OpenIntegration:
    """The row's settings as the plugin knows them; SettingsError if the key or the plugin does not fit any more."""
    values, hook_token = _open_values(stored, box)
    try:
        settings = manifest.settings.model_validate(values)
    except ValidationError as error:
        name = ".".join(str(place) for place in error.errors()[0]["loc"])
        raise SettingsError(
            f"integration {stored.provider}/{stored.key}: setting {name} does not fit this version of the plugin; "
            f"set it with `chaskiq integrations set {stored.key} {name}=…`"
        ) from None
    return OpenIntegration(stored=stored, settings=settings, hook_token=hook_token)


def change_values(
    manifest: Manifest, stored: StoredIntegration, changes: Mapping[str, object], box: SecretBox
) -> tuple[ChannelSettings, str]:
    """The row's settings with some of them changed, None taking one away, validated as new ones; and its hook token."""
    values, hook_token = _open_values(stored, box)
    changed = {name: value for name, value in {**values, **changes}.items() if value is not None}
    return validate_settings(manifest, changed), hook_token


def _open_values(stored: StoredIntegration, box: SecretBox) -> tuple[dict[str, object], str]:
    secrets: dict[str, object] = json.loads(box.open(stored.secrets))
    hook_token = str(secrets.pop(HOOK_TOKEN))
    return {**stored.settings, **secrets}, hook_token
