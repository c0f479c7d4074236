"""X passes the conformance kit; the scorecard at the end says how far."""

import chaskiq_x
from chaskiq_core.testing.conformance import ChannelConformance, Tier
from chaskiq_x.sandbox.driver import Driver


class TestX(ChannelConformance):
    channel = chaskiq_x.channel
    driver = Driver
    at_least = Tier.GOLD
