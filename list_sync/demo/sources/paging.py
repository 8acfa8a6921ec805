"""Pages of the sample sources: the entries of one answer, and what it states about the others."""

from __future__ import annotations

from dataclasses import dataclass

from list_sync.demo.sources.faults import Fault
from list_sync.demo.sources.lists import SourceEntry, SourceList

CLAMPED_SIZE = 20


@dataclass(frozen=True, slots=True)
class Extract:
    """Part of a list: its entries, the rank of the first, and what is stated about the whole list."""

    entries: tuple[SourceEntry, ...]
    first_rank: int
    size: int
    total: int
    has_more: bool

    @property
    def end(self) -> int:
        """Return the position of the first entry after this part."""
        return self.first_rank - 1 + len(self.entries)


def page_size(content: SourceList, size: int, fault: Fault | None) -> int:
    """Return the size of a page when `size` entries were requested."""
    kind = fault.kind if fault else ""
    if kind == "clamp":
        return min(size, CLAMPED_SIZE)
    if kind in ("repeat_page", "die_in_the_middle"):
        # Both faults need a second page, even for a short list.
        return max(1, min(size, (len(content.items) + 1) // 2))
    return size


def extract_page(content: SourceList, start: int, size: int, fault: Fault | None) -> Extract:
    """Return up to `size` entries from position `start` on."""
    kind = fault.kind if fault else ""
    total = len(content.items)
    given = (total + 1) // 2 if kind == "short" else total
    if kind == "repeat_page":
        start = 0
    end = min(start + size, given)
    entries = tuple(content.items[position] for position in range(start, end))
    has_more = end < given or kind == "repeat_page"
    return Extract(entries, start + 1, size, total, has_more)
