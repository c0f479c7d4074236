"""An X of one's own, direct messages only: its API with refusals and faults, its webhooks, and a page."""

from chaskiq_x.sandbox.app import app_of, run
from chaskiq_x.sandbox.state import XSandbox

__all__ = ["XSandbox", "app_of", "run"]
