"""Parrot passes the conformance kit; the scorecard at the end says how far."""

import chaskiq_parrot
from chaskiq_core.testing.conformance import ChannelConformance
from chaskiq_parrot.sandbox.driver import Driver


class TestParrot(ChannelConformance):
    channel = chaskiq_parrot.channel
    driver = Driver
