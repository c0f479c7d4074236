"""Each invariant that stands has a file that tries to break it, and a promise is not dropped without notice."""

from pathlib import Path

STANDING = {1, 2, 3, 4, 5, 6, 8, 9, 11}
LATER = {7, 10}
"""They come with the rooms they are about: what fetches for strangers, the engines."""


def test_every_invariant_has_a_file() -> None:
    found = {int(path.name.split("_")[1]) for path in Path(__file__).parent.glob("test_[0-9][0-9]_*.py")}

    assert found == STANDING
    assert set(range(1, 12)) == STANDING | LATER
