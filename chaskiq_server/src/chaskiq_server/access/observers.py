"""Who may look at figures of the whole house: this machine, or an agent who manages channels."""

from collections.abc import Mapping
from ipaddress import ip_address

from starlette.requests import Request

from chaskiq_core import Chaskiq
from chaskiq_core.desk.permissions import Permission, check_permission
from chaskiq_core.store.unit import Unit
from chaskiq_server.access.bearer import Bearers

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy adds: its client is somebody else, whoever they say they are."""


async def admit_observer(request: Request, chaskiq: Chaskiq, bearers: Bearers) -> None:
    """Let a request of this machine itself pass, or one with a token; 401 or 403 otherwise."""
    if is_local(request.client.host if request.client else "", request.headers):
        return
    signed_in = await bearers.of_header(request.headers.get("authorization", ""))
    acting = chaskiq.acting(signed_in.app_key, as_agent=str(signed_in.agent_id))
    await acting.read(_check_may_manage)


def is_local(client: str, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from this machine and was not handed on by a proxy."""
    try:
        address = ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback and not any(name in headers for name in FORWARDED)


def _check_may_manage(unit: Unit) -> None:
    check_permission(unit, Permission.MANAGE_CHANNELS)
