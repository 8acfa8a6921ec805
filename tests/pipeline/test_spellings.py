"""One list in several spellings is one list: in settings, on the command line, and in what is kept of it."""

import pytest

from list_sync.correcting.naming import parse_lists
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef
from list_sync.storage.lists import find_lists

ADDRESS = "https://www.imdb.com/chart/top/"


@pytest.fixture
def imdb():
    with SampleSources() as sources:
        yield sources.url("imdb")


def kept(session):
    """Return the lists that are kept, and how many titles each is said to hold."""
    with session.store.reading() as connection:
        lists = [(record.list_type, record.list_id) for record in find_lists(connection, HOME)]
        links = connection.exec_driver_sql(
            "SELECT list_type, list_id, count(*) FROM item_lists GROUP BY 1, 2 ORDER BY 1, 2"
        ).all()
        sources = connection.exec_driver_sql("SELECT DISTINCT provider_source FROM synced_items").scalars().all()
    return lists, [tuple(row) for row in links], sources


@pytest.mark.parametrize("setting", [ADDRESS, "top", f"top,{ADDRESS}", "TOP,https://m.imdb.com/de/chart/top?x=1"])
@pytest.mark.parametrize("word", ["imdb:top", ADDRESS, "imdb"])
def test_a_chart_is_kept_once_however_it_is_written(open_session, imdb, setting, word):
    session = open_session(IMDB_LISTS=setting, IMDB_BASE_URL=imdb)
    session.sync(mode=SyncMode.MANUAL)
    before = kept(session)
    report = session.sync(mode=SyncMode.MANUAL, only=parse_lists(word, session.settings.household.lists))

    assert len(session.settings.household.lists) == len(report.fetched) == 1
    assert before[0] == [("imdb", "top")]
    assert before[2] == ["imdb:top"]
    assert kept(session) == before
    assert before[1][0][2] == len(report.fetched[0].items)


def test_a_list_that_is_asked_for_in_another_spelling_is_read_under_its_one_id(open_session, imdb):
    session = open_session(IMDB_LISTS="top", IMDB_BASE_URL=imdb)
    session.sync(mode=SyncMode.MANUAL)
    before = kept(session)
    report = session.sync(mode=SyncMode.API, only=[ListRef("imdb", ADDRESS), ListRef("imdb", "top")])

    assert [result.source.list_id for result in report.fetched] == ["top"]
    assert kept(session) == before


def test_what_was_kept_under_a_former_spelling_becomes_that_of_the_list(open_session, imdb):
    first = open_session(IMDB_LISTS="top", IMDB_BASE_URL=imdb)
    first.sync(mode=SyncMode.MANUAL)
    before = kept(first)
    with first.store.writing() as connection:
        for table in ("lists", "list_copies"):
            connection.exec_driver_sql(f"UPDATE {table} SET list_id = ?", (ADDRESS,))
        connection.exec_driver_sql("UPDATE synced_items SET provider_source = ?", (f"imdb:{ADDRESS}",))
        # Some titles are kept under both, the others under the former one alone.
        connection.exec_driver_sql(
            "INSERT INTO item_lists (item_id, list_type, list_id, position, run_id)"
            " SELECT item_id, list_type, ?, position, run_id FROM item_lists",
            (ADDRESS,),
        )
        connection.exec_driver_sql("DELETE FROM item_lists WHERE list_id = 'top' AND item_id % 2")
    first.close()
    second = open_session(IMDB_LISTS=ADDRESS, IMDB_BASE_URL=imdb)
    second.sync(mode=SyncMode.MANUAL, only=[ListRef("imdb", "bottom")])

    assert kept(second)[0] == [("imdb", "top")]
    assert [row for row in kept(second)[1] if row[1] != "bottom"] == before[1]
    assert not [name for name in kept(second)[2] if "://" in name]
