"""E-mail passes the conformance kit; the card at the end says how far."""

import chaskiq_email
from chaskiq_core.testing.conformance import ChannelConformance, Tier
from chaskiq_email.sandbox.driver import Driver


class TestEmail(ChannelConformance):
    channel = chaskiq_email.channel
    driver = Driver
    at_least = Tier.GOLD
