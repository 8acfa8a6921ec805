"""What our records say of usual runs and known titles, for the brake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from list_sync.model.decisions import Request
from list_sync.model.sources import FetchResult, FetchState, ListKey


@dataclass(frozen=True, slots=True)
class BrakeFacts:
    """What happened before a run.

    `requested` is how many titles the latest runs requested, without those that requested none. `has_waited` says of a
    title whether it waited for another reason than the brake. `lists` are those that were read before, and whether any
    reading of it was complete. `was_held` says of a title whether the brake holds it.
    """

    requested: Sequence[int]
    has_waited: Callable[[Request], bool]
    was_held: Callable[[Request], bool]
    lists: Mapping[ListKey, bool]

    def is_first_reading(self, result: FetchResult) -> bool:
        """Return whether a list is new, or was read completely for the first time."""
        was_complete = self.lists.get(result.source.key)
        return was_complete is None or (not was_complete and result.state is FetchState.COMPLETE)
