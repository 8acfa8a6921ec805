"""The three settings of a server connection, checked together without network."""

import string
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

from list_sync.errors import ConfigError

_URL_FORM = "give the address that opens the server, for example OVERSEERR_URL=http://192.168.1.10:5055"
_KEY_FORM = "copy it from the server's Settings, General, for example OVERSEERR_API_KEY=MTcwMDAwMDAwMDAwMA=="
_USER_FORM = "give the number of a user of the server, for example OVERSEERR_USER_ID=1"
_KEY_CHARACTERS = frozenset(string.ascii_letters + string.digits + string.punctuation)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The server's address, key and requester; `url` has no credentials and no slash at its end."""

    url: str
    user_id: int
    api_key: str = field(repr=False)
    authorization: str | None = field(repr=False)

    def api_url(self, path: str, **query: int | str) -> str:
        """Return the address of an endpoint, percent-encoded as strictly as the servers want it."""
        # Measured: the servers answer 400 to reserved characters that are not encoded, and to + for a space.
        pairs = (f"{name}={quote(str(value), safe='', errors='replace')}" for name, value in query.items())
        return f"{self.url}/api/v1/{quote(path)}" + (f"?{'&'.join(pairs)}" if query else "")


def check_address(url: str | None, api_key: str | None, user_id: int | str) -> ServerAddress:
    """Return the checked settings; raise ConfigError with all problems."""
    address, url_problem = _split_url((url or "").strip())
    key = (api_key or "").strip()
    requester = find_user_id(user_id)
    problems = [url_problem, _key_problem(key)]
    if requester is None:
        problems.append(f"OVERSEERR_USER_ID is {user_id!r}, not a whole number from 1 up: {_USER_FORM}")
    found = [problem for problem in problems if problem]
    if found or address is None or requester is None:
        raise ConfigError(found)
    return ServerAddress(_plain_url(address), requester, key, _authorization(address))


def find_user_id(value: object) -> int | None:
    """Return the number of a user, given as a number or in digits. Anything else in X-API-User crashes a server."""
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None


def _split_url(url: str) -> tuple[SplitResult | None, str]:
    if not url:
        return None, f"OVERSEERR_URL is not set: {_URL_FORM}"
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None, f"OVERSEERR_URL is not an address: {_URL_FORM}"
    if not is_complete or any(character.isspace() for character in url):
        return None, f"OVERSEERR_URL is not an http:// or https:// address: {_URL_FORM}"
    if parts.query or parts.fragment:
        return None, f"OVERSEERR_URL must end before any ? or #: {_URL_FORM}"
    return parts, ""


def _key_problem(key: str) -> str:
    if not key:
        return f"OVERSEERR_API_KEY is not set: {_KEY_FORM}"
    if not _KEY_CHARACTERS.issuperset(key):
        return f"OVERSEERR_API_KEY holds a character that no key has, such as a space or a line break: {_KEY_FORM}"
    return ""


def _plain_url(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    path = parts.path.rstrip("/").removesuffix("/api/v1").rstrip("/")
    return f"{parts.scheme}://{host}{path}"


def _authorization(parts: SplitResult) -> str | None:
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(pair.encode()).decode('ascii')}"
