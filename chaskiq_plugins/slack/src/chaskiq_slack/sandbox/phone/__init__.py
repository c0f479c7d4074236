"""The page on which one is a person in the workspace: plain files, and where they are."""

from pathlib import Path

PAGE = Path(__file__).parent / "assets"
