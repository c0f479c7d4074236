"""Slack passes the conformance kit; the card at the end says how far."""

import chaskiq_slack
from chaskiq_core.testing.conformance import ChannelConformance, Tier
from chaskiq_slack.sandbox.driver import Driver


class TestSlack(ChannelConformance):
    channel = chaskiq_slack.channel
    driver = Driver
    at_least = Tier.GOLD
