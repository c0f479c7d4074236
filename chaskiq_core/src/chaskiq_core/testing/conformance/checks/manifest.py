"""What a channel says of itself is sound."""

import re

from chaskiq_core.errors import InvalidError
from chaskiq_core.integrations.settings import validate_settings
from chaskiq_core.testing.conformance.kit import Kit, rule
from chaskiq_core.testing.conformance.tiers import Tier

PROVIDER = re.compile(r"[a-z][a-z0-9_-]*")
SECRETIVE = re.compile(r"token|secret|password|api_key|private")
CLASSES = frozenset({"transient", "recipient", "content", "window", "reauth", "account", "moved", "ambiguous"})
NEEDED_CLASSES = frozenset({"transient", "recipient", "reauth"})


class ManifestRules(Kit):
    """Of the manifest and the settings."""

    @rule("manifest.sound", Tier.BRONZE, "the manifest is whole, and its example settings are valid")
    async def test_manifest_is_sound(self) -> None:
        manifest = self.manifest
        assert PROVIDER.fullmatch(manifest.provider), f"provider {manifest.provider!r}: use lower case letters"
        assert manifest.title, "a title is missing"
        validate_settings(manifest, manifest.example_settings)
        assert manifest.settings.model_json_schema()["properties"], "the settings have no field"
        # a message of one character, at least, or nothing could be said
        assert manifest.capabilities.text.max_length > 0, "text.max_length"

    @rule("settings.secret", Tier.BRONZE, "each setting that is named like a secret is one")
    async def test_secrets_are_marked(self) -> None:
        secret = self.manifest.settings.secret_names()
        open_ = [name for name in self.manifest.settings.model_fields if SECRETIVE.search(name) and name not in secret]
        assert not open_, f"not marked as Secret, so shown and stored as they are: {', '.join(open_)}"

    @rule("settings.sentence", Tier.SILVER, "each setting is described, and a wrong one is named in a sentence")
    async def test_settings_are_explained(self) -> None:
        fields = self.manifest.settings.model_fields
        silent = [name for name, described in fields.items() if not described.description]
        assert not silent, f"without a docstring, so without help: {', '.join(silent)}"
        given = dict(self.manifest.example_settings)
        for name in [name for name, described in fields.items() if described.is_required()]:
            assert name in _refusal(self, {key: value for key, value in given.items() if key != name})
            wrong = {"odd": "s3cret-value"}
            told = _refusal(self, {**given, name: wrong})
            assert name in told, f"a wrong {name} is not named: {told}"
            assert "s3cret-value" not in told, f"a wrong {name} is shown"
        assert "no_such_setting" in _refusal(self, {**given, "no_such_setting": "x"})

    @rule("errors.table", Tier.SILVER, "the error table knows passing, personal and credential errors")
    async def test_errors_have_classes(self) -> None:
        used = {one.error_class for one in self.manifest.errors}
        assert used <= CLASSES, f"no such class: {', '.join(sorted(used - CLASSES))}"
        assert used >= NEEDED_CLASSES, f"no error has the class {', '.join(sorted(NEEDED_CLASSES - used))}"


def _refusal(kit: Kit, given: dict[str, object]) -> str:
    try:
        validate_settings(kit.manifest, given)
    except InvalidError as error:
        return str(error)
    return "nothing was refused"
