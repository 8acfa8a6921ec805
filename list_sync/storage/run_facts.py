"""All that is stored of one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from list_sync.database.store import Store
from list_sync.model.decisions import ItemStatus
from list_sync.model.runs import Run
from list_sync.storage.plans import KeptLine, has_plan, load_undone
from list_sync.storage.run_lists import RunList, find_run_lists
from list_sync.storage.run_requests import (
    RunRequest,
    Sending,
    count_changes,
    find_previous,
    find_run_requests,
    find_sending,
    find_undone,
)

_MOST_NOTABLE = 20
_MOST_NOT_DONE = 200


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The lists that a run read, what it requested and changed, and which runs stand before it and take it back."""

    lists: Sequence[RunList]
    requests: Sequence[RunRequest]
    sending: Sending
    notable: Sequence[RunRequest]
    changed: Mapping[ItemStatus, int]
    previous: int | None
    undone_by: int | None
    has_plan: bool
    not_done: Sequence[KeptLine]


def load_run_facts(store: Store, run: Run, *, limit: int, before: int | None) -> RunFacts:
    """Return everything that is stored of a run, and a page of its requests."""
    household, run_id = store.household, run.run_id
    with store.reading() as connection:
        return RunFacts(
            find_run_lists(connection, run_id),
            find_run_requests(connection, household, run_id, limit=limit, before=before),
            find_sending(connection, run_id),
            find_run_requests(connection, household, run_id, limit=_MOST_NOTABLE, notable=True),
            count_changes(connection, run_id),
            find_previous(connection, household, run_id),
            find_undone(connection, [run_id]).get(run_id),
            run.dry_run and has_plan(connection, household, run_id),
            load_undone(connection, run.applies, limit=_MOST_NOT_DONE) if run.applies else (),
        )
