"""Which addresses are public: redirects of public hosts must not lead to any others."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote

# Gateways between IPv6 and IPv4 (RFC 6052): the last four bytes are an IPv4 address.
_NAT64 = IPv6Network("64:ff9b::/96")
# All that is assigned to the public Internet in IPv6 (RFC 4291); others may be ways into a network of one's own.
_GLOBAL = IPv6Network("2000::/3")
_LOCAL_NAMES = (".localhost", ".local", ".localdomain", ".internal", ".lan", ".home.arpa")


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public Internet, also if it holds one of IPv4."""
    parsed = ip_address(address.partition("%")[0])
    inner = _find_inner(parsed) if isinstance(parsed, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    is_assigned = isinstance(parsed, IPv4Address) or parsed in _GLOBAL
    return is_assigned and parsed.is_global and not parsed.is_multicast


def _find_inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def looks_public(host: str) -> bool:
    """Return whether a host may be public, without looking its name up, as behind a proxy.

    Only addresses can be judged, in all forms that programs accept (127.1, 0x7f000001), and names of local networks.
    """
    name = unquote(host).strip("[]").rstrip(".").lower()
    try:
        return is_public(name)
    except ValueError:
        pass
    try:
        return is_public(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, UnicodeError):
        return "." in name and not name.endswith(_LOCAL_NAMES)
