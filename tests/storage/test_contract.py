"""What records expect of any database. The tests of each subject beside this file run on the same two (conftest.py)."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, delete, insert, inspect, select, update

from list_sync.database.dialects import BATCH_SIZE, DayOf, ServiceId, Timestamp, Words, upsert
from list_sync.database.schema import metadata, schema_version
from list_sync.model.matches import Candidate, NoMatchReason, Unresolved
from list_sync.model.titles import MediaType
from list_sync.storage.memory import load_unresolved, save_unresolved
from tests.builders import NOON

SAMPLES = Table(
    "samples",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Timestamp),
    Column("words", Words),
    Column("number", ServiceId),
    sqlite_autoincrement=True,
)


@pytest.fixture
def samples(store):
    with store.writing() as connection:
        SAMPLES.create(connection)
    yield store
    with store.writing() as connection:
        SAMPLES.drop(connection)


def put(store, *rows):
    with store.writing() as connection:
        for row in rows:
            connection.execute(insert(SAMPLES), row)


def get(store, statement):
    with store.reading() as connection:
        return connection.scalars(statement).all()


@pytest.fixture
def is_postgresql(store):
    with store.reading() as connection:
        return connection.dialect.name == "postgresql"


def test_the_tables_are_those_of_the_schema(store):
    with store.reading() as connection:
        found = inspect(connection)
        for table in metadata.sorted_tables:
            columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
            assert columns == {column.name: column.nullable for column in table.c}
            assert found.get_pk_constraint(table.name)["constrained_columns"] == list(table.primary_key.c.keys())
            indexes = {index["name"] for index in found.get_indexes(table.name)}
            assert {index.name for index in table.indexes} <= indexes


def put_or_replace(store, rows):
    with store.writing() as connection:
        upsert(connection, SAMPLES, rows)


def test_a_row_with_a_known_key_is_overwritten_and_any_other_is_added(samples):
    put_or_replace(samples, [{"id": number, "number": number} for number in range(2 * BATCH_SIZE + 1)])
    put_or_replace(samples, [{"id": 5, "number": 50}, {"id": 2_000, "number": 7}])

    numbers = {number: number for number in range(2 * BATCH_SIZE + 1)} | {5: 50, 2_000: 7}
    assert get(samples, select(SAMPLES.c.number).order_by(SAMPLES.c.id)) == list(numbers.values())


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-7))])
def test_a_moment_is_the_same_moment_again_in_whole_seconds_of_utc(samples, zone):
    put(samples, {"at": datetime(2026, 11, 27, 23, 59, 59, 999_999, zone)}, {"at": None})

    moment, none = get(samples, select(SAMPLES.c.at).order_by(SAMPLES.c.id))
    assert (moment, moment.tzinfo, none) == (datetime(2026, 11, 27, 23, 59, 59, tzinfo=zone), UTC, None)


def test_moments_compare_and_sort_as_they_follow_each_other(samples):
    moments = [NOON + timedelta(seconds=step) for step in (0, 1, 60, 86_400, 400 * 86_400)]
    put(samples, *({"at": moment} for moment in reversed(moments)))

    assert get(samples, select(SAMPLES.c.at).order_by(SAMPLES.c.at)) == moments
    assert get(samples, select(SAMPLES.c.at).where(SAMPLES.c.at < moments[1])) == moments[:1]


def test_the_day_of_a_moment_is_that_of_utc(samples):
    put(samples, *({"at": datetime(2026, 11, day, hour, tzinfo=UTC)} for day, hour in ((26, 23), (27, 0), (27, 12))))
    day = DayOf(SAMPLES.c.at)

    assert get(samples, select(day).group_by(day).order_by(day.desc())) == ["2026-11-27", "2026-11-26"]


def test_a_default_moment_is_now(store):
    with store.writing() as connection:
        connection.execute(insert(schema_version), {"version": 99})
        applied_at = connection.scalar(select(schema_version.c.applied_at).where(schema_version.c.version == 99))
        connection.execute(delete(schema_version).where(schema_version.c.version == 99))

    assert abs(datetime.now(UTC) - applied_at) < timedelta(hours=1)


def test_text_that_no_database_can_hold_is_stored_all_the_same(samples, is_postgresql):
    put(samples, {"words": "Amélie \ud83d"}, {"words": "nul \0"}, {"words": ""})

    nul = "nul \ufffd" if is_postgresql else "nul \0"
    assert get(samples, select(SAMPLES.c.words).order_by(SAMPLES.c.id)) == ["Amélie ?", nul, ""]


def test_text_sorts_by_its_bytes(samples):
    put(samples, *({"words": words} for words in ("é", "b", "B", "a", "_")))

    assert get(samples, select(SAMPLES.c.words).order_by(SAMPLES.c.words)) == ["B", "_", "a", "b", "é"]


def test_the_number_of_a_row_that_is_gone_is_not_given_again(samples):
    put(samples, {"number": 1}, {"number": 2})
    with samples.writing() as connection:
        connection.execute(delete(SAMPLES))
    put(samples, {"number": 3})

    assert get(samples, select(SAMPLES.c.id)) == [3]


def test_a_statement_says_how_many_rows_it_changed(samples):
    put(samples, *({"number": number} for number in range(5)))
    with samples.writing() as connection:
        assert connection.execute(update(SAMPLES).where(SAMPLES.c.number < 2).values(words="x")).rowcount == 2
        assert connection.execute(delete(SAMPLES).where(SAMPLES.c.number > 8)).rowcount == 0


def test_writers_take_turns_and_no_change_is_lost(samples):
    put(samples, {"id": 1, "number": 0})

    def count_on():
        for _ in range(10):
            with samples.writing() as connection:
                number = connection.scalar(select(SAMPLES.c.number))
                connection.execute(update(SAMPLES).values(number=number + 1))

    threads = [threading.Thread(target=count_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert get(samples, select(SAMPLES.c.number)) == [40]


def test_a_reader_sees_one_state_while_others_write(samples):
    put(samples, {"number": 1})
    with samples.reading() as connection:
        before = connection.scalars(select(SAMPLES.c.number)).all()
        put(samples, {"number": 2})
        assert connection.scalars(select(SAMPLES.c.number)).all() == before == [1]

    assert len(get(samples, select(SAMPLES.c.number))) == 2


def test_a_number_of_another_service_may_have_63_bits(samples):
    put(samples, {"number": 2**62})

    assert get(samples, select(SAMPLES.c.number)) == [2**62]


def test_a_title_that_was_not_found_is_remembered_whatever_its_name_holds(store):
    candidate = Candidate(MediaType.MOVIE, 603, "half \ud83d", "nul \0", 1999, 1.0)
    unresolved = Unresolved("title:half \ud83d", NoMatchReason.AMBIGUOUS, "several: half \ud83d", (candidate,), NOON)
    with store.writing() as connection:
        save_unresolved(connection, [unresolved])

    with store.reading() as connection:
        (found,) = load_unresolved(connection, [unresolved.key, "another"])
    assert (found.key, found.detail, found.candidates[0].title) == ("title:half ?", "several: half ?", "half ?")
    assert found.candidates[0].original_title == "nul \0"
