"""Chaskiq: customer messaging as a library. `Chaskiq` is the engine, `desk` what it can be asked."""

from chaskiq_core import desk
from chaskiq_core.connect import Connected, connect
from chaskiq_core.errors import ChaskiqError
from chaskiq_core.hub import Chaskiq
from chaskiq_core.settings import Settings, load_settings

__all__ = ["Chaskiq", "ChaskiqError", "Connected", "Settings", "connect", "desk", "load_settings"]
