"""Which addresses are public, and which ones a client may ask: what others name leads into no private network."""

import socket
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote, urlsplit

# Gateways between IPv6 and IPv4 (RFC 6052): the last four bytes are an IPv4 address.
_NAT64 = IPv6Network("64:ff9b::/96")
# All that is assigned to the public Internet in IPv6 (RFC 4291); others may be ways into a network of one's own.
_GLOBAL = IPv6Network("2000::/3")
_LOCAL_NAMES = (".localhost", ".local", ".localdomain", ".internal", ".lan", ".home.arpa")
# There, clouds tell their machines secrets: Amazon, Alibaba, Oracle, Google and Azure; most others use a link-local
# address.
_METADATA = frozenset(
    map(ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192", "fd20:ce::254", "168.63.129.16"))
)
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog")

Place = tuple[str, int]


class Peer(IntEnum):
    """Where an address leads; of several, the greatest counts.

    LINK_LOCAL are addresses of the own link, and those of the metadata of a cloud: nothing that people mean is there.
    """

    PUBLIC = 0
    PRIVATE = 1
    LINK_LOCAL = 2


def judge_address(address: str) -> Peer:
    """Return where an IP address leads, also if it is one of IPv6 that holds one of IPv4."""
    parsed = ip_address(address.partition("%")[0])
    inner = _find_inner(parsed) if isinstance(parsed, IPv6Address) else None
    if inner is not None:
        return judge_address(str(inner))
    if parsed.is_link_local or parsed in _METADATA:
        return Peer.LINK_LOCAL
    is_assigned = isinstance(parsed, IPv4Address) or parsed in _GLOBAL
    return Peer.PUBLIC if is_assigned and parsed.is_global and not parsed.is_multicast else Peer.PRIVATE


def _find_inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def judge_host(host: str) -> Peer:
    """Return where a host may lead, without looking its name up, as behind a proxy.

    Only addresses can be judged, in all forms that programs accept (127.1, 0x7f000001), and names of local networks.
    """
    name = _plain(unquote(host))
    try:
        return judge_address(name)
    except ValueError:
        pass
    try:
        return judge_address(socket.inet_ntoa(socket.inet_aton(name)))
    except (OSError, ValueError):
        if name in _METADATA_NAMES:
            return Peer.LINK_LOCAL
        return Peer.PUBLIC if "." in name and not name.endswith(_LOCAL_NAMES) else Peer.PRIVATE


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses a client may ask.

    The first address of an exchange is the user's own. With `only_public`, others named it: a person in a form, a
    caller of the service. Then only `own_servers`, hosts and ports of settings, may be private. With `is_of_list`, it
    is that of a list, and never link-local. `allows_private` is ALLOW_PRIVATE_SOURCES.
    """

    allows_private: bool = False
    only_public: bool = False
    own_servers: frozenset[Place] = frozenset()
    is_of_list: bool = False

    def find_refusal(self, host: str, port: int, peer: Peer, *, is_led_by_public: bool | None) -> str:
        """Return why an address is not asked, "" if it is; `is_led_by_public` is None before any redirect."""
        is_named_by_others = is_led_by_public or self.only_public
        what = f"{'' if is_led_by_public is None else 'a redirect to '}{host}"
        if peer is Peer.LINK_LOCAL and (is_named_by_others or self.is_of_list):
            return f"{what}, a link-local address or the metadata of a cloud, is refused: no list is there"
        is_own = is_led_by_public is None and (_plain(host), port) in self.own_servers
        if peer is Peer.PUBLIC or not is_named_by_others or self.allows_private or is_own:
            return ""
        advice = "set ALLOW_PRIVATE_SOURCES=true if it is meant"
        return f"{what}, an address of this machine or of a private network, is refused: {advice}"


def fetch_refusal(url: str, *, allows_private: bool) -> str:
    """Look up the host of an address that a person typed; return why it is not read, "" if it is."""
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
    except ValueError:
        return "the address cannot be read: its port must be a number from 1 to 65535, and its brackets closed"
    reach = Reach(allows_private, only_public=True)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        peer = max(judge_address(str(place[0])) for *_, place in found)
    except (OSError, UnicodeError):
        # Behind a proxy, only the proxy may know the name.
        peer = judge_host(host)
    return reach.find_refusal(host, port or 0, peer, is_led_by_public=None)


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()
