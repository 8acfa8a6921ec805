import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.database.store import open_store
from list_sync.model.decisions import ItemStatus
from list_sync.model.folding import fold
from list_sync.model.matches import NoMatchReason
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.storage.title_search import find_names, find_titles
from tests.builders import NOON, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, read, run, unmatched

ITEMS = (
    (1, an_item("Dune", year=1984, tmdb=1, imdb="tt1")),
    (2, an_item("Dune", year=2021, imdb="tt2")),
    (3, an_item("Solaris", year=1972)),
    (4, an_item("Solaris", year=2002, tvdb=4)),
)
sources = st.sampled_from([(FIRST,), (SECOND,), (FIRST, SECOND), (SECOND, FIRST)])
matched = st.builds(
    lambda pair, status, lists: left(status, *lists, tmdb_id=pair[0], item=pair[1], reason=status.value),
    st.sampled_from(ITEMS),
    st.sampled_from(ItemStatus),
    sources,
)
requested = st.builds(lambda pair, lists: asked(*lists, tmdb_id=pair[0], item=pair[1]), st.sampled_from(ITEMS), sources)
not_matched = st.builds(
    lambda pair, reason, lists: unmatched(pair[1], reason, *lists),
    st.sampled_from(ITEMS),
    st.sampled_from(NoMatchReason),
    sources,
)


def one_each(outcomes):
    """Keep one outcome of each entry, as planning does."""
    return tuple({outcome.result.wanted.item: outcome for outcome in outcomes}.values())


runs = st.lists(
    st.tuples(
        st.lists(st.one_of(matched, requested, not_matched), max_size=5).map(one_each),
        st.sampled_from(FetchState),
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(scope="module")
def template(new_database):
    return new_database


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=runs)
def test_whatever_happens_rows_events_and_lists_agree(template, history):
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(template, Path(folder) / "list_sync.db")
        with open_store(Path(path)) as store:
            for hour, (outcomes, state) in enumerate(history):
                run_id = run(store, *outcomes, lists=[read(FIRST, state), read(SECOND, state)], hour=hour)
                check(store, outcomes, run_id, hour)
                again = run(store, *outcomes, lists=[read(FIRST, state), read(SECOND, state)], hour=hour)
                with store.reading() as connection:
                    events = connection.exec_driver_sql("SELECT count(*) FROM item_events WHERE run_id = ?", (again,))
                    assert events.scalar_one() == 0


def check(store, outcomes, run_id, hour):
    with store.reading() as connection:
        records = [*find_titles(connection, HOME, "dune"), *find_titles(connection, HOME, "solaris")]
        keys = connection.exec_driver_sql("SELECT item_key FROM synced_items").scalars().all()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    assert len(keys) == len(set(keys)) == len(records)
    assert broken == []
    for record in records:
        assert record.title
        assert record.events
        assert record.provider_source
        assert record.last_synced <= NOON + timedelta(hours=hour)
        assert record.status in {event.status for event in record.events}
        if record.tmdb_id is not None:
            assert record.item_key == f"movie:{record.tmdb_id}:hd"
        if record.lists:
            assert record.provider_source == record.lists[0]
    seen = {source for outcome in outcomes for source in outcome.result.wanted.sources}
    touched = [record for record in records if record.run_id == run_id]
    assert bool(touched) == bool(outcomes)
    assert {str(source) for source in seen} <= {name for record in touched for name in record.lists}


letters = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("aAsSiI ßẞſﬁĳKéİ\u0301\u00a0\u2028()1\x1f\x85\t")),
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(letters, letters, letters)
def test_a_name_is_found_by_each_part_of_it_as_names_are_compared(store, before, text, after):
    name = before + text + after or "-"
    run(store, asked(FIRST, tmdb_id=1, item=an_item(name, tmdb=1)), lists=[read(FIRST)])

    with store.reading() as connection:
        stored = connection.exec_driver_sql("SELECT title FROM synced_items").scalar_one()
        found = find_names(connection, HOME, fold(text))
    assert bool(found) == (fold(text) in fold(stored) and fold(text) != "")
