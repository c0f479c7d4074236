"""The conformance kit: what any channel must do, as tests that a plugin gets by a few lines.

```python
# tests/test_acme_conformance.py
from chaskiq_acme import channel
from chaskiq_acme.sandbox import AcmeDriver
from chaskiq_core.testing.conformance import ChannelConformance, Tier


class TestAcme(ChannelConformance):
    channel = channel
    driver = AcmeDriver
    at_least = Tier.SILVER
```

`python -m pytest` runs every rule against a real hub (SQLite in a folder, the real `receive`, a real worker) whose
provider is the plugin's sandbox, and prints a **scorecard** computed from what happened: bronze, silver or gold, what
is missing for the next tier, and each capability as it was seen. `chaskiq plugins check acme` does the same for an
installed plugin whose `sandbox` module offers its driver as `Driver`.

A `SandboxDriver` plays the provider from both sides; see its methods. A rule about something that the manifest does not
declare is *excused*. One that the driver does not play is *not shown* and counts as missing: override the method, or
raise `ExcusedError("a reason")` in it where the provider has no such thing. A plugin that can't follow a rule names it
in `exempt` with its reason; it is missing on the card all the same.
"""

import pytest

pytest.register_assert_rewrite("chaskiq_core.testing.conformance.checks")

from chaskiq_core.testing.conformance.channel import ChannelConformance  # noqa: E402  rewritten from here on
from chaskiq_core.testing.conformance.driver import (  # noqa: E402
    MAYA,
    OMAR,
    Person,
    SandboxDriver,
    Shown,
    ShownFile,
    Wrong,
)
from chaskiq_core.testing.conformance.scorecard import Scorecard  # noqa: E402
from chaskiq_core.testing.conformance.tiers import (  # noqa: E402
    ExcusedError,
    NotPlayedError,
    Outcome,
    Result,
    Rule,
    Tier,
)

__all__ = [
    "MAYA",
    "OMAR",
    "ChannelConformance",
    "ExcusedError",
    "NotPlayedError",
    "Outcome",
    "Person",
    "Result",
    "Rule",
    "SandboxDriver",
    "Scorecard",
    "Shown",
    "ShownFile",
    "Tier",
    "Wrong",
]
