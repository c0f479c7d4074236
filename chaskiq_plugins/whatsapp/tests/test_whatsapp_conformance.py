"""WhatsApp passes the conformance kit; the card at the end says how far."""

import chaskiq_whatsapp
from chaskiq_core.testing.conformance import ChannelConformance, Tier
from chaskiq_whatsapp.sandbox.driver import Driver


class TestWhatsApp(ChannelConformance):
    channel = chaskiq_whatsapp.channel
    driver = Driver
    at_least = Tier.GOLD
