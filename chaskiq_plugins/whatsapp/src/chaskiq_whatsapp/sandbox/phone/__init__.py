"""The page on which one is a customer of a number: plain files, and where they are."""

from pathlib import Path

PAGE = Path(__file__).parent / "assets"
