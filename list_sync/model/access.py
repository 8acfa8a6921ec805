"""What a caller of the service may do, and tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from list_sync.errors import ConfigError

# The callers that have no stored token: with the token of the settings or of the file, and anyone with WEB_AUTH=none.
OWNER = "API_TOKEN"
ANYBODY = "WEB_AUTH=none"
# A person who logged in with the password or the token of the owner; people that a proxy or an issuer names have their
# own names.
PERSON = "dashboard"
# In the audit log; its target states the subject of the person at the issuer.
OIDC_LOG_IN = "log in by OIDC"
LONGEST_NAME = 60


class Scope(StrEnum):
    """What a token allows; each word includes the ones before it.

    FEED: only the feeds, because such a token stands in an address.
    """

    FEED = "feed"
    READ = "read"
    TRIGGER = "trigger"
    ADMIN = "admin"

    def includes(self, other: "Scope") -> bool:
        """Return whether this scope allows what the other one allows."""
        order = tuple(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A stored token: its name and scope, and when it was made and last used; never the token itself."""

    name: str
    scope: Scope
    created_at: datetime
    last_used_at: datetime | None = None


class LoginKind(StrEnum):
    """By what a person logged in."""

    PASSWORD = "password"  # noqa: S105 (a name)
    TOKEN = "token"  # noqa: S105 (a name)
    PROXY = "proxy"
    OIDC = "oidc"
    OIDC_READER = "oidc reader"

    @property
    def scope(self) -> Scope:
        """Return what a person who logged in so may do."""
        return Scope.READ if self is LoginKind.OIDC_READER else Scope.ADMIN


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A log-in that was stored: never the secret in the cookie, only a digest of it.

    `seal` binds it to the password, token or proxy of the log-in.
    """

    digest: str
    name: str
    kind: LoginKind
    seal: str
    created_at: datetime
    last_used_at: datetime
    idle: timedelta
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Return whether it lasted long enough, or was not used for too long."""
        return now >= min(self.expires_at, self.last_used_at + self.idle)


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the audit log: who did what, from which address, to what, and what came of it."""

    at: datetime
    actor: str
    address: str
    action: str
    target: str
    outcome: str


def parse_token_name(text: str) -> str:
    """Return the name of a new token; raise ConfigError if it cannot be one."""
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isascii() or not name.isprintable():
        raise ConfigError(f"the name of a token has 1 to {LONGEST_NAME} letters, digits and signs, as in prometheus")
    if name in (OWNER, ANYBODY, PERSON):
        raise ConfigError(f"{name} is the name of another caller: choose another one for the token")
    return name
