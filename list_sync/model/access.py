"""What a caller of the service may do, and tokens."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a token allows; each word includes the ones before it."""

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


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the audit log: who did what, from which address, to what, and what came of it."""

    at: datetime
    actor: str
    address: str
    action: str
    target: str
    outcome: str
