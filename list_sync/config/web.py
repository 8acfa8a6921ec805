"""The settings of the service: where it listens, who may ask, and its secrets."""

import ipaddress
import re
from typing import Annotated

from pydantic import SecretStr

from list_sync.config.checked import Boolean, Checked, from_text, whole
from list_sync.config.values import HOST, parse_line, parse_secret, shown

# A shorter secret can be guessed.
SHORT_SECRET = 16
_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_web_host(text: str) -> str:
    """Return the address on which to listen: an IP address or a name of this machine."""
    if not HOST.fullmatch(text.strip("[]")):
        raise ValueError(f"{shown(text)} is no address to listen on; for example 127.0.0.1, or 0.0.0.0 for all")
    return text.strip("[]")


def parse_base_path(text: str) -> str:
    """Return the path below which the service is, without a slash at its end; "" for the root."""
    path = f"/{text.strip('/')}"
    if not _PATH.fullmatch(path) or "//" in path or "/." in path:
        raise ValueError(f"{shown(text)} is no path; for example /listsync")
    return path.rstrip("/")


def parse_web_auth(text: str) -> str:
    """Return `required` or `none`; only these words count, because a misspelt one must not open the service."""
    if text not in ("required", "none"):
        raise ValueError(f"{shown(text)} is neither required nor none; leave it out, or write one of them")
    return text


def parse_ports(text: str) -> tuple[int, ...]:
    """Return the ports of a comma-separated setting, each once."""
    ports = []
    for part in filter(None, re.split(r"[,\s]+", text)):
        if not re.fullmatch("[0-9]{1,5}", part) or not 1 <= int(part) <= 65535:
            raise ValueError(f"{shown(part)} is no port; for example 8000, or 8000,8080")
        ports.append(int(part))
    return tuple(dict.fromkeys(ports))


def parse_host_names(text: str) -> tuple[str, ...]:
    """Return the host names of a comma-separated setting, in lower case and without ports."""
    names = []
    for part in filter(None, re.split(r"[,\s]+", text)):
        name = part.lower().removesuffix(".")
        if not HOST.fullmatch(name.removeprefix("*.")):
            raise ValueError(f"{shown(part)} is no host name; for example listsync.example.com, or *.example.com")
        names.append(name)
    return tuple(dict.fromkeys(names))


def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the addresses and networks of a comma-separated setting."""
    networks = []
    for part in filter(None, re.split(r"[,\s]+", text)):
        try:
            networks.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise ValueError(f"{shown(part)} is no address or network; for example 172.18.0.0/16") from None
    return tuple(dict.fromkeys(networks))


class WebSettings(Checked):
    """What the service of the daemon needs: its ports, its secrets, and which hosts and proxies it trusts."""

    web_enabled: Boolean = True
    web_host: Annotated[str, from_text(parse_web_host)] = "127.0.0.1"
    web_port: Annotated[int, whole(1, 65535, "5000")] = 5000
    web_base_path: Annotated[str, from_text(parse_base_path)] = ""
    web_auth: Annotated[str, from_text(parse_web_auth)] = "required"
    api_token: Annotated[SecretStr | None, from_text(parse_secret)] = None
    webhook_secret: Annotated[SecretStr | None, from_text(parse_line)] = None
    metrics_port: Annotated[tuple[int, ...], from_text(parse_ports)] = ()
    metrics_open: Boolean = True
    web_allowed_hosts: Annotated[tuple[str, ...], from_text(parse_host_names)] = ()
    trusted_proxies: Annotated[tuple[Network, ...], from_text(parse_networks)] = ()

    @property
    def is_open(self) -> bool:
        """Return whether anybody who reaches the port may do everything."""
        return self.web_auth == "none"

    def find_warnings(self) -> tuple[str, ...]:
        """Return what is allowed, and should be known."""
        found = []
        if self.web_enabled and self.is_open:
            found.append("WEB_AUTH=none: everybody who reaches the port may read and change everything")
        for name in ("api_token", "webhook_secret"):
            secret: SecretStr | None = getattr(self, name)
            if secret is not None and len(secret.get_secret_value()) < SHORT_SECRET:
                advice = "write a long random text, for example what `openssl rand -hex 32` prints"
                found.append(f"{name.upper()}: fewer than {SHORT_SECRET} characters can be guessed; {advice}")
        return tuple(found)
