"""Telegram passes the conformance kit; the card at the end says how far."""

import chaskiq_telegram
from chaskiq_core.testing.conformance import ChannelConformance, Tier
from chaskiq_telegram.sandbox.driver import Driver


class TestTelegram(ChannelConformance):
    channel = chaskiq_telegram.channel
    driver = Driver
    at_least = Tier.GOLD
