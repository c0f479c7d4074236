"""A Parrot of one's own: its API with refusals and faults, its webhooks, and a page to be its customer."""

from chaskiq_parrot.sandbox.app import app_of, run
from chaskiq_parrot.sandbox.state import ParrotSandbox

__all__ = ["ParrotSandbox", "app_of", "run"]
