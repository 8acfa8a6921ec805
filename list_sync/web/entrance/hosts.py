"""Which host names are ours, and which address a request comes from."""

import ipaddress
import re
from collections.abc import Sequence

from list_sync.config.web import Network

# Names that only a local network knows cannot lead a browser from another site to us (DNS rebinding).
LOCAL_ENDINGS = (".local", ".lan", ".home.arpa", ".internal")
_HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.-]+))(?::[0-9]*)?")
_HOP = re.compile(r'"?(?:\[([0-9a-fA-F:.]+)\](?::[0-9]+)?|([0-9.]+)(?::[0-9]+)?|([0-9a-fA-F:.]+))"?')

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_our_host(host: str, allowed: Sequence[str]) -> bool:
    """Return whether a request for this Host header may be for us; `allowed` holds names, or `*.` and an ending."""
    parts = _HOST.fullmatch(host.strip().lower())
    if parts is None:
        return False
    if parts["six"]:
        return _parse_address(parts["six"]) is not None
    name = parts["name"].removesuffix(".")
    if not name or name.startswith(".") or ".." in name:
        return False
    is_local = "." not in name or name.endswith(LOCAL_ENDINGS)
    return is_local or _parse_address(name) is not None or any(_is_meant(name, one) for one in allowed)


def _is_meant(name: str, allowed: str) -> bool:
    return name.endswith(allowed[1:]) if allowed.startswith("*.") else name == allowed


def find_client(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the last one that no trusted proxy has; the header counts only from those."""
    client = _parse_address(peer)
    if client is None:
        return peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        parts = _HOP.fullmatch(hop)
        address = _parse_address(next(filter(None, parts.groups()))) if parts else None
        if address is None or not _is_in(client, trusted):
            break
        client = address
    return str(client)


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Return whether the other end of a connection is a proxy whose headers are believed."""
    address = _parse_address(peer)
    return address is not None and _is_in(address, trusted)


def is_https(peer: str, forwarded_proto: str, trusted: Sequence[Network]) -> bool:
    """Return whether a browser speaks https with a proxy; the header counts only from those that are trusted."""
    steps = [step.strip().lower() for step in forwarded_proto.split(",") if step.strip()]
    return bool(steps) and is_trusted(peer, trusted) and all(step == "https" for step in steps)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in one for one in networks if one.version == address.version)


def place_of(address: str) -> str:
    """Return what is limited in the place of an address: all of a network for IPv6, where one machine has very many."""
    parsed = _parse_address(address)
    if parsed is None or parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _parse_address(text: str) -> Address | None:
    """Return an address; a socket for both families shows an IPv4 address as an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
