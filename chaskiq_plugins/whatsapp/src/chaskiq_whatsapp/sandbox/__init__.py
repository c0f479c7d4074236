"""A WhatsApp of one's own: the Cloud API with its limits, codes and statuses, and a JSON API to act as a customer."""

from chaskiq_core.testing.sandbox import FaultKind
from chaskiq_whatsapp.sandbox.app import app_of
from chaskiq_whatsapp.sandbox.faults import Fault
from chaskiq_whatsapp.sandbox.memory.numbers import APP_SECRET
from chaskiq_whatsapp.sandbox.sandbox import SandboxOptions, WhatsAppSandbox
from chaskiq_whatsapp.sandbox.server import run, running_sandbox, serve

__all__ = [
    "APP_SECRET",
    "Fault",
    "FaultKind",
    "SandboxOptions",
    "WhatsAppSandbox",
    "app_of",
    "run",
    "running_sandbox",
    "serve",
]
