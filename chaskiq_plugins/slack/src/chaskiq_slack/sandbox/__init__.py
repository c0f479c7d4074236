"""A Slack of one's own: the Web API with its refusals, signed events with retries, a JSON API to act as a person."""

from chaskiq_core.testing.sandbox import FaultKind
from chaskiq_slack.sandbox.app import app_of, create_app
from chaskiq_slack.sandbox.faults import Fault
from chaskiq_slack.sandbox.sandbox import SandboxOptions, SlackSandbox
from chaskiq_slack.sandbox.server import run, running_sandbox, serve

__all__ = [
    "Fault",
    "FaultKind",
    "SandboxOptions",
    "SlackSandbox",
    "app_of",
    "create_app",
    "run",
    "running_sandbox",
    "serve",
]
