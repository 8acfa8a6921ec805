"""Which state a title shows after a run, given the one it had: a table, nothing else."""

from collections.abc import Mapping
from types import MappingProxyType

from list_sync.model.decisions import ItemStatus

_ALL = frozenset(ItemStatus)
_ON_SERVER = frozenset({ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED, ItemStatus.ALREADY_AVAILABLE})
_UNSETTLED = frozenset(
    {ItemStatus.WOULD_REQUEST, ItemStatus.WAITING, ItemStatus.REQUEST_FAILED, ItemStatus.ERROR},
)

# For each new state the old ones that it does not displace; a new state that is missing displaces all.
KEPT: Mapping[ItemStatus, frozenset[ItemStatus]] = MappingProxyType(
    {
        # A dry run did nothing, so it undoes nothing.
        ItemStatus.WOULD_REQUEST: _ALL - {ItemStatus.WOULD_REQUEST},
        # It is requested because we asked, which says more.
        ItemStatus.ALREADY_REQUESTED: frozenset({ItemStatus.REQUESTED}),
        # How a look-up ended says nothing of what the server already has.
        ItemStatus.NOT_FOUND: _ON_SERVER,
        ItemStatus.NEEDS_REVIEW: _ON_SERVER,
        # A failure to look proves nothing.
        ItemStatus.ERROR: _ALL - _UNSETTLED,
    }
)


def next_state(old: ItemStatus | None, new: ItemStatus) -> ItemStatus:
    """Return the state to store for a title that had `old` and now came out as `new`."""
    return old if old is not None and old in KEPT.get(new, ()) else new
