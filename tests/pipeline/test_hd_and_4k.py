"""One data folder used for HD and for 4K in turn: each keeps its own record."""

import sqlite3
from contextlib import closing

import pytest

from list_sync.model.titles import Quality
from tests.fakes.shelf import synthetic


@pytest.fixture(autouse=True)
def with_4k(demo):
    demo.settings.movie_4k_enabled = True


def read(bench, query):
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        return connection.execute(query).fetchall()


def test_a_run_in_4k_leaves_the_lists_of_hd_titles_alone(bench):
    bench.sync(synthetic(1), synthetic(2))

    bench.sync(synthetic(1), quality=Quality.UHD)

    links = "SELECT i.item_key, i.provider_source IS NOT NULL FROM item_lists l JOIN synced_items i ON i.id = l.item_id"
    assert sorted(read(bench, links)) == [("movie:5000001:4k", 1), ("movie:5000001:hd", 1), ("movie:5000002:hd", 1)]


def test_a_run_in_4k_still_takes_its_own_titles_off_a_list_that_they_left(bench):
    bench.sync(synthetic(1), synthetic(2), quality=Quality.UHD)

    bench.sync(synthetic(1), quality=Quality.UHD)

    assert read(bench, "SELECT count(*) FROM item_lists WHERE absent_since IS NULL") == [(1,)]
