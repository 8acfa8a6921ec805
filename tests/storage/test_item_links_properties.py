"""A title leaves a list by two complete readings in a row, whatever else happens between them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.database.store import open_store
from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import FetchState
from list_sync.storage.item_links import LEFT_AFTER_READINGS, load_links
from tests.builders import NOON, a_list, an_item
from tests.storage.recording import find, left, read, run

REAL = {}
OTHERS = ({"dry_run": True}, {"is_full_run": False}, {"error": "the server is down"})
NUMBERS = count(1)


@dataclass(frozen=True)
class Reading:
    """How one list was read in a run: its state, and whether the title was on it."""

    state: FetchState
    holds: bool


# None: the list is not configured in that run.
readings = st.none() | st.builds(Reading, st.sampled_from([FetchState.COMPLETE, *FetchState]), st.booleans())
steps = st.tuples(readings, readings, st.sampled_from([REAL, REAL, REAL, *OTHERS]))


@dataclass
class Case:
    """One title and its two lists, and how many complete readings in a row each was without it, once it held it."""

    number: int
    hour: int = 0

    def __post_init__(self):
        self.lists = (a_list("imdb", f"ls{self.number}"), a_list("trakt", f"joe/{self.number}"))
        self.without = {}

    def see(self, found, kind):
        for source, reading in found.items():
            if reading and reading.holds and reading.state is not FetchState.FAILED:
                self.without[source] = 0
            elif self.without.get(source, LEFT_AFTER_READINGS) < LEFT_AFTER_READINGS and kind is REAL:
                is_complete = reading and reading.state is FetchState.COMPLETE
                self.without[source] = self.without[source] + 1 if is_complete else 0


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("links") / "list_sync.db") as opened:
        yield opened


@given(history=st.lists(steps, min_size=3, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_complete_readings_in_a_row_take_a_title_off_a_list(store, history):
    case = Case(next(NUMBERS))
    for hour, (first, second, kind) in enumerate(history):
        found = dict(zip(case.lists, (first, second), strict=True))
        case.see(found, kind)
        record(store, case, found, kind, hour=hour)

        assert counted(store, case) == case.without


def record(store, case, found, kind, *, hour):
    read_at = NOON + timedelta(hours=hour)
    results = [
        replace(
            read(source, one.state, items=int(one.holds and one.state is not FetchState.FAILED)), fetched_at=read_at
        )
        for source, one in found.items()
        if one
    ]
    seen = [result.source for result in results if result.items]
    outcomes = [left(ItemStatus.REQUESTED, *seen, tmdb_id=case.number, item=an_item(tmdb=case.number))] if seen else []
    run(store, *outcomes, lists=results, hour=hour, **kind)


def counted(store, case):
    records = find(store, f"movie:{case.number}")
    with store.reading() as connection:
        links = load_links(connection, [record.item_id for record in records])
    held = {key: link for found in links.values() for key, link in found.items()}
    return {source: held[source.key].absent_readings for source in case.lists if source.key in held}
