"""An old backup knows less than the server: nothing is asked for twice, and nobody's word is forgotten or made up."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.backups.adopting import adopt_database, kept_closed
from list_sync.backups.archive import write_archive
from list_sync.backups.unpacking import Wanted, unpack
from list_sync.database.migrating import create_former
from list_sync.files.exchange import exchanging
from list_sync.model.decisions import ItemStatus
from tests.fakes.shelf import Bench, synthetic

TITLES = [synthetic(number) for number in range(12)]


def back_up(bench, database=None):
    target = bench.folder / "backup.tar.gz"
    write_archive(target, database=database or database_of(bench), others={}, program="1.0", made_at=datetime.now(UTC))
    return target


def as_of_schema(database, schema):
    """Return a database of a former version with the rows of this one, as far as it had a place for them."""
    former = database.parent / f"schema-{schema}" / database.name
    former.parent.mkdir()
    create_former(former, schema)
    with closing(sqlite3.connect(former)) as connection:
        connection.execute("ATTACH ? AS present", [str(database)])
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in sorted(names - {"alembic_version", "schema_version", "sqlite_sequence"}):
            columns, theirs = (
                {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?, ?)", [table, place])}
                for place in ("main", "present")
            )
            shared = ", ".join(f"[{name}]" for name in sorted(columns & theirs))
            connection.execute(
                f"INSERT OR REPLACE INTO main.[{table}] ({shared}) SELECT {shared} FROM present.[{table}]"
            )
        connection.commit()
    return former


def restore(bench, source):
    name = database_of(bench).name
    with exchanging(bench.folder) as exchange:
        unpack(source, exchange.new, Wanted(name, {}))
        adopt_database(exchange.new / name, source=source)
        with kept_closed(database_of(bench)):
            exchange.commit(outgoing=(), aside="before")


def database_of(bench):
    return bench.folder / f"{bench.name}.db"


def statuses(report):
    return [outcome.status for outcome in report.outcomes]


def test_what_was_requested_after_the_backup_is_not_requested_again(bench, demo):
    bench.sync(*TITLES[:4])
    backup = back_up(bench)
    bench.sync(*TITLES)
    restore(bench, backup)
    report = bench.sync(*TITLES)

    assert len(demo.requests()) == len(TITLES)
    assert set(demo.posts_by_title().values()) == {1}
    assert set(statuses(report)) <= {ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED}
    assert not report.has_failures


def test_a_backup_of_a_former_version_asks_for_nothing_twice(bench, demo):
    bench.sync(*TITLES[:4])
    backup = back_up(bench, as_of_schema(database_of(bench), 9))
    bench.sync(*TITLES[:8])
    restore(bench, backup)
    report = bench.sync(*TITLES)

    assert set(demo.posts_by_title().values()) == {1}
    assert statuses(report).count(ItemStatus.REQUESTED) == 4
    assert len(demo.requests()) == len(TITLES)


def test_what_nobody_took_back_is_not_taken_for_taken_back(bench, demo):
    bench.sync(*TITLES[:4])
    backup = back_up(bench)
    bench.sync(*TITLES)
    for number in range(1, 13):
        demo.approve(number)
    restore(bench, backup)
    bench.sync(*TITLES)
    again = bench.sync(*TITLES)

    assert ItemStatus.DECLINED not in statuses(again)
    assert set(demo.posts_by_title().values()) == {1}


def test_what_a_person_took_back_since_the_backup_stays_taken_back(bench, demo):
    bench.sync(*TITLES[:4])
    backup = back_up(bench)
    bench.sync(*TITLES)
    demo.delete_request(2)
    demo.decline(3)
    restore(bench, backup)
    report = bench.sync(*TITLES)

    assert set(demo.posts_by_title().values()) == {1}
    assert statuses(report).count(ItemStatus.DECLINED) == 2


def test_a_backup_from_before_the_first_request_asks_for_nothing_that_is_there(bench, demo):
    bench.sync(*TITLES, dry_run=True)
    backup = back_up(bench)
    bench.sync(*TITLES)
    restore(bench, backup)
    bench.sync(*TITLES)

    assert set(demo.posts_by_title().values()) == {1}
    assert len(demo.requests()) == len(TITLES)


def test_a_backup_taken_between_sending_and_the_answer_asks_for_nothing_twice(bench, demo):
    bench.sync(TITLES[0])
    with bench.opened() as parts, parts.store.writing() as connection:
        connection.exec_driver_sql("UPDATE sent_requests SET state = 'sent', request_id = NULL")
    backup = back_up(bench)
    bench.sync(*TITLES[:3])
    restore(bench, backup)
    bench.sync(*TITLES[:3])

    assert set(demo.posts_by_title().values()) == {1}


def test_restoring_again_and_again_changes_nothing(bench, demo):
    bench.sync(*TITLES[:4])
    backup = back_up(bench)
    for _ in range(2):
        bench.sync(*TITLES)
        restore(bench, backup)
    bench.sync(*TITLES)

    assert set(demo.posts_by_title().values()) == {1}


DEEDS = ("sync", "back up", "restore", "approve", "make available")


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(1, len(TITLES))), min_size=3, max_size=10))
def test_whatever_is_restored_when_nothing_is_asked_for_twice(tmp_path_factory, demo, deeds):
    demo.reset()
    bench, backup = Bench(tmp_path_factory.mktemp("bench"), demo), None
    for deed, number in deeds:
        if deed == "sync":
            bench.sync(*TITLES[:number])
        elif deed == "back up" and database_of(bench).exists():
            backup = back_up(bench)
        elif deed == "restore" and backup:
            restore(bench, backup)
        elif deed == "approve" and number <= len(demo.requests()):
            demo.approve(number)
        elif deed == "make available":
            demo.make_available("movie", 5_000_000 + number)
    bench.sync(*TITLES)

    assert set(demo.posts_by_title().values()) <= {1}
