"""The page of settings: each with its default and meaning."""

from chaskiq_core.settings import Settings
from tools.reference.made import MADE, table


def settings_page() -> str:
    """Every setting with its default and meaning."""
    lines = ["# Settings", "", MADE, "From the environment, a `.env` file, or `load_settings(…)`.", ""]
    rows = []
    for name, described in Settings.model_fields.items():
        default = "required" if described.is_required() else f"`{described.default!r}`"
        rows.append((f"`CHASKIQ_{name.upper()}`", default, described.description or ""))
    return "\n".join([*lines, *table(("variable", "default", "meaning"), rows)]) + "\n"
