"""Which host names are ours, and which address a request comes from."""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress

from list_sync.config.web import Network

# Names that only a local network knows cannot lead a browser from another site to us (DNS rebinding).
LOCAL_ENDINGS = (".local", ".lan", ".home.arpa", ".internal")


def is_our_host(host: str, allowed: Sequence[str]) -> bool:
    """Return whether a request for this Host header may be for us; `allowed` holds names, or `*.` and an ending."""
    name = _name_of(host)
    if not name:
        return False
    with suppress(ValueError):
        ipaddress.ip_address(name.strip("[]"))
        return True
    return "." not in name or name.endswith(LOCAL_ENDINGS) or any(_is_meant(name, one) for one in allowed)


def _is_meant(name: str, allowed: str) -> bool:
    return name.endswith(allowed[1:]) if allowed.startswith("*.") else name == allowed


def _name_of(host: str) -> str:
    """Return a Host header without its port, in lower case."""
    name, colon, port = host.strip().lower().rpartition(":")
    is_split = bool(colon) and port.isascii() and port.isdigit() and (name.endswith("]") or ":" not in name)
    return (name if is_split else host.strip().lower()).removesuffix(".")


def find_client(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of the client: the last one that no trusted proxy has; the header counts only from those."""
    client = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not _is_in(client, trusted):
            break
        address = _address_of(hop)
        if address is None:
            break
        client = address
    return client


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    with suppress(ValueError):
        parsed = ipaddress.ip_address(address)
        # A socket for both families shows an IPv4 address as an IPv6 one.
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in network for network in networks if network.version == parsed.version)
    return False


def _address_of(hop: str) -> str | None:
    text = hop.strip('"')
    if text.startswith("[") or text.count(":") == 1:
        text = text.rpartition(":")[0] if not text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return None
