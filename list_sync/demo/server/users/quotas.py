"""How much a user may still request."""

from __future__ import annotations

import time
from dataclasses import dataclass

from list_sync.demo.server.database.rows import RequestStatus, UserRow
from list_sync.demo.server.database.state import State
from list_sync.demo.server.faults import ServerSettings
from list_sync.demo.server.users.permissions import Permission, has_any

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Quota:
    """One user's quota of one kind; `limit` is None where there is none."""

    name: str
    days: int
    limit: int | None
    used: int

    @property
    def remaining(self) -> int | None:
        """Return what is left, if there is a limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)

    @property
    def restricted(self) -> bool:
        """Return whether the limit is reached."""
        return self.remaining == 0

    def body(self) -> dict[str, object]:
        """Return the quota as GET /user/{id}/quota shows it."""
        if self.limit is None:
            return {"used": self.used, "restricted": False}
        return {
            "days": self.days,
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "restricted": self.restricted,
        }


def measure_quota(state: State, settings: ServerSettings, user: UserRow, kind: str) -> Quota:
    """Return a user's quota: films count once, shows by their seasons (SJO)."""
    limit = user.movie_quota if kind == "movie" else user.tv_quota
    if has_any(user.permissions, Permission.MANAGE_USERS):
        limit = None
    since = time.time() - settings.quota_days * DAY_SECONDS
    rows = [
        row
        for row in (state.user_requests(user.id) if limit is not None else ())
        if row.kind == kind and row.status != RequestStatus.DECLINED and row.created > since
    ]
    used = len(rows) if kind == "movie" else sum(len(row.seasons) for row in rows)
    return Quota("Movie" if kind == "movie" else "Series", settings.quota_days, limit or None, used)
