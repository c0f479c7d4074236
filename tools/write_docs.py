"""Writes the pages of `docs/reference/` that are made from the code. `--check` fails if one is stale."""

import argparse
import sys
from pathlib import Path

from tools.reference.channels import channels_page
from tools.reference.cli import cli_page
from tools.reference.conformance import conformance_page
from tools.reference.errors import errors_page
from tools.reference.hooks import hooks_page
from tools.reference.metrics import metrics_page
from tools.reference.settings import settings_page

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
PAGES = {
    "hooks.md": hooks_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "cli.md": cli_page,
    "channels.md": channels_page,
    "conformance.md": conformance_page,
    "metrics.md": metrics_page,
}


def main() -> int:
    """Write the pages, or say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if a page is stale")
    check = parser.parse_args().check
    stale = []
    for name, make in PAGES.items():
        path = FOLDER / name
        page = make()
        if path.exists() and path.read_text(encoding="utf-8") == page:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
    if check and stale:
        print(f"stale: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    print(f"{len(PAGES)} pages, {len(stale)} {'stale' if check else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
