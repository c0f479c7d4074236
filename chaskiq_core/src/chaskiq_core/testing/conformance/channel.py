"""All rules in one class."""

import pytest

from chaskiq_core.testing.conformance.checks.bodies import BodyRules
from chaskiq_core.testing.conformance.checks.crashes import CrashRules
from chaskiq_core.testing.conformance.checks.failures import FailureRules
from chaskiq_core.testing.conformance.checks.files import FileRules
from chaskiq_core.testing.conformance.checks.inbound import InboundRules
from chaskiq_core.testing.conformance.checks.manifest import ManifestRules
from chaskiq_core.testing.conformance.checks.options import OptionRules
from chaskiq_core.testing.conformance.checks.outbound import OutboundRules
from chaskiq_core.testing.conformance.checks.secrets import SecretRules
from chaskiq_core.testing.conformance.checks.verification import VerificationRules


@pytest.mark.anyio
class ChannelConformance(
    ManifestRules,
    VerificationRules,
    BodyRules,
    InboundRules,
    OutboundRules,
    FileRules,
    OptionRules,
    FailureRules,
    CrashRules,
    SecretRules,
):
    """Subclass it, give `channel` and `driver`: every rule is a test."""
