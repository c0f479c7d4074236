"""A Telegram of one's own: the Bot API with its refusals, ids and deliveries, and a JSON API to act as a customer."""

from chaskiq_core.testing.sandbox import FaultKind
from chaskiq_telegram.sandbox.app import app_of, create_app
from chaskiq_telegram.sandbox.faults import Fault
from chaskiq_telegram.sandbox.sandbox import SandboxOptions, TelegramSandbox
from chaskiq_telegram.sandbox.server import run, running_sandbox, serve

__all__ = [
    "Fault",
    "FaultKind",
    "SandboxOptions",
    "TelegramSandbox",
    "app_of",
    "create_app",
    "run",
    "running_sandbox",
    "serve",
]
