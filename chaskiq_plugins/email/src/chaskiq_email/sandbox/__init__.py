"""A mail server of one's own: SMTP and IMAP with refusals and bounces on demand, and a webmail page to write from."""

from chaskiq_email.sandbox.app import app_of
from chaskiq_email.sandbox.faults import Fault
from chaskiq_email.sandbox.sandbox import MailSandbox, SandboxOptions
from chaskiq_email.sandbox.server import Addresses, run, running_sandbox, serve

__all__ = [
    "Addresses",
    "Fault",
    "MailSandbox",
    "SandboxOptions",
    "app_of",
    "run",
    "running_sandbox",
    "serve",
]
