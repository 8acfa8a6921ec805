"""`take` and `skip` as the servers read them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from list_sync.demo.server.calls.answers import refused

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Window:
    """The requested part of a list; a negative `take` means all of it."""

    take: int
    skip: int

    def newest_first(self, ids: Sequence[int]) -> list[int]:
        """Return the part of an ascending list, read from its end."""
        end = max(len(ids) - self.skip, 0)
        start = 0 if self.take < 0 else max(end - self.take, 0)
        return list(reversed(ids[start:end]))

    def part(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the part of a list in its own order."""
        return rows[self.skip :] if self.take < 0 else rows[self.skip : self.skip + self.take]

    def info(self, total: int) -> dict[str, int]:
        """Return the list's `pageInfo`."""
        return {
            "pages": math.ceil(total / self.take),
            "pageSize": self.take,
            "results": total,
            "page": math.ceil(self.skip / self.take) + 1,
        }


def read_window(query: Mapping[str, str], default: int = 20) -> Window:
    """Return the window of a query: take=0 means the default, -1 everything, a fraction is a database error (SJO)."""
    take, skip = float(query.get("take", default)), float(query.get("skip", 0))
    if not take.is_integer() or not skip.is_integer():
        raise refused(500, "SQLITE_MISMATCH: datatype mismatch")
    return Window(int(take) or default, max(int(skip), 0))
