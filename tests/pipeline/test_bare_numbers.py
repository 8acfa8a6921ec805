"""Entries of which a list states a TMDB number and nothing else."""

import sqlite3
from contextlib import closing

from list_sync.model.titles import MediaIds, MediaItem


def test_each_entry_that_is_nothing_but_a_number_has_a_row_and_a_reason_of_its_own(bench):
    numbers = [MediaItem("", None, None, MediaIds(tmdb=5_000_000 + number)) for number in range(3)]

    report = bench.sync(*numbers)

    assert report.counts == {"not_found": 3}
    assert {outcome.reason for outcome in report.outcomes} == {"a TMDB number, but not whether of a film or of a show"}
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        keys = sorted(connection.execute("SELECT item_key FROM synced_items"))
    assert keys == [("tmdb:any:5000000:hd",), ("tmdb:any:5000001:hd",), ("tmdb:any:5000002:hd",)]
