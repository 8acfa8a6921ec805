"""What became of the titles of a list, in the few groups that one bar shows; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from list_sync.model.decisions import ItemStatus

_GROUPS: tuple[tuple[str, str, tuple[ItemStatus, ...]], ...] = (
    ("available", "ok", (ItemStatus.ALREADY_AVAILABLE,)),
    ("requested", "info", (ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED, ItemStatus.WOULD_REQUEST)),
    ("waiting", "wait", (ItemStatus.WAITING,)),
    ("need review", "ask", (ItemStatus.NEEDS_REVIEW,)),
    ("failed", "bad", (ItemStatus.REQUEST_FAILED, ItemStatus.ERROR)),
)
_NAMED = {status for _, _, statuses in _GROUPS for status in statuses}
_OTHERS = tuple(status for status in ItemStatus if status not in _NAMED)
GROUPS = (*_GROUPS, ("left alone", "idle", _OTHERS))


@dataclass(frozen=True, slots=True)
class Share:
    """Titles of a list whose states mean the same to people."""

    words: str
    tone: str
    titles: int
    states: tuple[ItemStatus, ...]

    @property
    def pair(self) -> tuple[str, int]:
        """Return tone and number, as the bar takes them."""
        return self.tone, self.titles

    @property
    def query(self) -> str:
        """Return what narrows a page of titles to these."""
        return "&".join(f"state={status.value}" for status in self.states)


def find_shares(titles: Mapping[ItemStatus, int]) -> tuple[Share, ...]:
    """Return the groups that have titles."""
    shares = (
        Share(words, tone, sum(titles.get(one, 0) for one in states), tuple(one for one in states if one in titles))
        for words, tone, states in GROUPS
    )
    return tuple(share for share in shares if share.titles)


def say_shares(shares: tuple[Share, ...]) -> str:
    """Return the groups in words: `204 available, 22 waiting`."""
    return ", ".join(f"{share.titles:,} {share.words}" for share in shares)
