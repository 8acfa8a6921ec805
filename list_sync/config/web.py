"""The settings of the service: where it listens, who may ask, and its secrets."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, ValidationInfo

from list_sync.config.checked import Boolean, Checked, from_text, whole
from list_sync.config.sign_on import (
    RETURN_PATH,
    parse_issuer,
    parse_people,
    require_other_log_in,
    require_parts_of_sign_on,
)
from list_sync.config.values import HOST, parse_line, parse_secret, parse_url, shown

# A shorter secret can be guessed.
SHORT_SECRET = 16
SHORT_PASSWORD = 10
_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}")
# They say something else in every request.
_NO_NAMES = ("authorization", "cookie", "host", "origin", "x-forwarded-for", "x-forwarded-proto")
_BASE_URL = "https://listsync.example.com"

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


def parse_web_password(text: str) -> str:
    """Return a password, which may hold any text of one line."""
    line = parse_line(text)
    if len(line) < SHORT_PASSWORD:
        raise ValueError(f"a password has at least {SHORT_PASSWORD} characters: write a longer one")
    return line


def parse_base_url(text: str) -> str:
    """Return the address under which people open the service, without a slash at its end."""
    address = parse_url(text, example=_BASE_URL)
    if "@" in urlsplit(address).netloc:
        raise ValueError(f"the address holds a name or a password; for example {_BASE_URL}")
    return address


def parse_frame_ancestors(text: str) -> tuple[str, ...]:
    """Return the pages that may show ours in a frame: `self`, or addresses without a path."""
    return tuple(dict.fromkeys(_parse_ancestor(part.lower()) for part in re.split(r"[,\s]+", text) if part))


def _parse_ancestor(part: str) -> str:
    if part in ("self", "'self'"):
        return "'self'"
    scheme, _, place = part.rstrip("/").partition("://")
    name, colon, port = place.rpartition(":") if re.search(r":[0-9]+$", place) else (place, "", "")
    is_host = HOST.fullmatch(name.strip("[]").removeprefix("*.")) and ":" not in name.partition("]")[2]
    if scheme not in ("http", "https") or not is_host or (colon and not 1 <= int(port) <= 65535):
        raise ValueError(f"{shown(part)} is no address of a page; for example http://homeassistant.local:8123, or self")
    return f"{scheme}://{place}"


def parse_header_name(text: str) -> str:
    """Return the name of the header in which a proxy tells who is logged in, in lower case."""
    if not _HEADER.fullmatch(text) or text.lower() in _NO_NAMES:
        raise ValueError(f"{shown(text)} is no header that names a user; for example Remote-User")
    return text.lower()


def parse_user_names(text: str) -> tuple[str, ...]:
    """Return the names of a comma-separated setting."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _require_proxy(header: str | None, info: ValidationInfo) -> str | None:
    """Refuse a header without a trusted proxy, which any client could send, or without a list of people."""
    needed = ("trusted_proxies", "web_auth_users")
    # A value that is wrong is another problem, and not in the data.
    missing = [name.upper() for name in needed if header and not info.data.get(name, True)]
    if missing:
        raise ValueError(
            f"the header is believed only from a proxy in TRUSTED_PROXIES, for the people in WEB_AUTH_USERS: "
            f"set {' and '.join(missing)}"
        )
    return header


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
    web_base_url: Annotated[str, from_text(parse_base_url)] = ""
    web_password: Annotated[SecretStr | None, from_text(parse_web_password)] = None
    web_auth_users: Annotated[tuple[str, ...], from_text(parse_user_names)] = ()
    # Below those that it needs.
    web_auth_header: Annotated[str | None, from_text(parse_header_name), AfterValidator(_require_proxy)] = None
    web_frame_ancestors: Annotated[tuple[str, ...], from_text(parse_frame_ancestors)] = ()
    oidc_client_id: Annotated[str | None, from_text(parse_secret)] = None
    oidc_client_secret: Annotated[SecretStr | None, from_text(parse_secret)] = None
    oidc_allowed: Annotated[tuple[str, ...], from_text(parse_people)] = ()
    oidc_readers: Annotated[tuple[str, ...], from_text(parse_people)] = ()
    # Below what they need.
    oidc_issuer: Annotated[str | None, from_text(parse_issuer), AfterValidator(require_parts_of_sign_on)] = None
    web_password_login: Annotated[Boolean, AfterValidator(require_other_log_in)] = True

    @property
    def is_open(self) -> bool:
        """Return whether anybody who reaches the port may do everything."""
        return self.web_auth == "none"

    @property
    def is_https(self) -> bool:
        """Return whether people are meant to open the service by https."""
        return self.web_base_url.startswith("https:")

    @property
    def host_names(self) -> tuple[str, ...]:
        """Return the names under which people open the service."""
        name = urlsplit(self.web_base_url).hostname
        return (*self.web_allowed_hosts, *filter(None, [name]))

    @property
    def is_claimable(self) -> bool:
        """Return whether a person may choose the password."""
        return not self.is_open and self.web_password is None and self.web_password_login

    @property
    def sign_on_return(self) -> str:
        """Return the address to which the issuer sends people back, which must be registered there; "" if unknown."""
        return f"{self.web_base_url}{RETURN_PATH}" if self.web_base_url else ""

    @property
    def sign_on_terms(self) -> str | None:
        """Return under which terms sessions of single sign-on are opened, None if there is none."""
        if self.oidc_issuer is None:
            return None
        return repr((self.oidc_issuer, self.oidc_client_id, self.oidc_allowed, self.oidc_readers))

    def find_warnings(self) -> tuple[str, ...]:
        """Return what is allowed, and should be known."""
        found = list(self._find_warnings_of_sign_on())
        if self.web_enabled and self.is_open:
            found.append("WEB_AUTH=none: everybody who reaches the port may read and change everything")
        if self.is_https and not self.trusted_proxies:
            found.append("WEB_BASE_URL is https, but TRUSTED_PROXIES names no proxy: log-ins are not kept to https")
        path = urlsplit(self.web_base_url).path
        if self.web_base_url and path != self.web_base_path:
            found.append(f"WEB_BASE_URL ends in another path than WEB_BASE_PATH: set WEB_BASE_PATH={path or '/'}")
        for name in ("api_token", "webhook_secret"):
            secret: SecretStr | None = getattr(self, name)
            if secret is not None and len(secret.get_secret_value()) < SHORT_SECRET:
                advice = "write a long random text, for example what `openssl rand -hex 32` prints"
                found.append(f"{name.upper()}: fewer than {SHORT_SECRET} characters can be guessed; {advice}")
        return tuple(found)

    def _find_warnings_of_sign_on(self) -> Iterator[str]:
        if self.oidc_issuer is None:
            names = ("oidc_client_id", "oidc_client_secret", "oidc_allowed", "oidc_readers")
            if found := [name.upper() for name in names if getattr(self, name)]:
                yield f"{', '.join(found)} without OIDC_ISSUER: there is no single sign-on"
            return
        if self.oidc_issuer.lower().startswith("http:"):
            yield "OIDC_ISSUER is not https: those who can change the connection can log in as anyone"
        if not (self.oidc_allowed or self.oidc_readers):
            advice = "set OIDC_ALLOWED to e-mail addresses, subjects, or group:NAME"
            yield f"OIDC_ISSUER is set, but no person may log in by it: {advice}"
