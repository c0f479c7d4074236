"""Whether a URL that a stranger gave leads out of the house: to public addresses only."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import anyio
from anyio import to_thread

from chaskiq_core.errors import InvalidError

LOOK_UP_SECONDS = 5
NAT64 = ip_network("64:ff9b::/96")


async def check_leads_out(name: str, url: str) -> None:
    """InvalidError naming the setting unless the URL is http(s) and its host has public addresses only."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise InvalidError(f"{name}: is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise InvalidError(f"{name}: must be http://HOST or https://HOST")
    await _check_public(name, host, port)


async def check_host_leads_out(name: str, host: str) -> None:
    """The same of a bare host, whatever is spoken with it."""
    await _check_public(name, host.strip("[]"), 0)


async def _check_public(name: str, host: str, port: int) -> None:
    for address in await _addresses(name, host, port):
        if not is_public(address):
            raise InvalidError(f"{name}: leads to a private address; only the command line may set such a one")


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is on the Internet, looking also at the one that is wrapped in it."""
    if isinstance(address, IPv6Address) and (wrapped := _wrapped(address)) is not None:
        return is_public(wrapped)
    return address.is_global and not address.is_multicast


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


async def _addresses(name: str, host: str, port: int) -> list[IPv4Address | IPv6Address]:
    try:
        with anyio.fail_after(LOOK_UP_SECONDS):
            found = await to_thread.run_sync(_look_up, host, port, abandon_on_cancel=True)
    except (OSError, UnicodeError, TimeoutError):
        raise InvalidError(f"{name}: the host {host[:80]} can't be found") from None
    return found


def _look_up(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
