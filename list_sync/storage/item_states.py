"""The state of a title after a run, given its former state, as a table."""

from collections.abc import Mapping
from types import MappingProxyType

from list_sync.model.decisions import ItemStatus

_ALL = frozenset(ItemStatus)
_ON_SERVER = frozenset({ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED, ItemStatus.ALREADY_AVAILABLE})
_UNSETTLED = frozenset(
    {ItemStatus.WOULD_REQUEST, ItemStatus.WAITING, ItemStatus.REQUEST_FAILED, ItemStatus.ERROR},
)

# For each new state, the old states that it does not replace; other new states replace all.
KEPT: Mapping[ItemStatus, frozenset[ItemStatus]] = MappingProxyType(
    {
        # A dry run changed nothing on the server.
        ItemStatus.WOULD_REQUEST: _ALL - {ItemStatus.WOULD_REQUEST},
        # It is requested by us, which is more precise.
        ItemStatus.ALREADY_REQUESTED: frozenset({ItemStatus.REQUESTED}),
        # The result of a look-up does not change what the server has.
        ItemStatus.NOT_FOUND: _ON_SERVER,
        ItemStatus.NEEDS_REVIEW: _ON_SERVER,
        # A failed look-up proves nothing.
        ItemStatus.ERROR: _ALL - _UNSETTLED,
    }
)


def next_state(old: ItemStatus | None, new: ItemStatus) -> ItemStatus:
    """Return the state to store for a title with the former state `old` and the new result `new`."""
    return old if old is not None and old in KEPT.get(new, ()) else new
