"""How everything stands, for dashboards: the last run, lists and titles by state, and what needs a person."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from list_sync.database.store import Store
from list_sync.model.attention import Attention
from list_sync.model.decisions import ItemStatus
from list_sync.model.runs import Run
from list_sync.model.sources import FetchState
from list_sync.storage.attention import count_attention
from list_sync.storage.lists import find_lists
from list_sync.storage.runs import find_last_success, load_past_runs
from list_sync.storage.title_search import count_statuses


@dataclass(frozen=True, slots=True)
class Standing:
    """How a household stands."""

    last_run: Run | None
    last_success_at: datetime | None
    lists: Counter[FetchState]
    titles: Mapping[ItemStatus, int]
    attention: Attention

    @property
    def needs_you(self) -> bool:
        """Return whether anything waits for a person."""
        failed = self.titles.get(ItemStatus.REQUEST_FAILED)
        return bool(self.attention.total or self.lists[FetchState.STALE] or failed)


def load_standing(store: Store) -> Standing:
    """Return how the household of a store stands."""
    runs = load_past_runs(store, limit=1, only_started=True)
    with store.reading() as connection:
        return Standing(
            runs[0] if runs else None,
            find_last_success(connection, store.household),
            Counter(one.state for one in find_lists(connection, store.household)),
            count_statuses(connection, store.household),
            count_attention(connection, store.household),
        )
