"""How many titles of each list are in each state, for many pages at once."""

import pytest

from list_sync.model.decisions import ItemStatus
from list_sync.model.servers import HOME
from list_sync.model.sources import ListKey
from list_sync.storage import list_history
from list_sync.storage.list_history import count_by_list
from list_sync.web.watching.list_counts import ListCounts
from tests.storage.recording import FIRST, SECOND, asked, left, read, run


class Clock:
    """Counting takes a second of it."""

    now = 0.0

    def __call__(self):
        self.now += 1
        return self.now


def requested(*numbers):
    return [asked(FIRST, tmdb_id=number) for number in numbers]


def test_titles_are_counted_again_after_a_change_and_at_most_a_tenth_of_the_time(store):
    clock = Clock()
    counts = ListCounts(clock)

    def find():
        return counts.find(store).get(FIRST.key, {}).get(ItemStatus.REQUESTED, 0)

    run(store, *requested(603), lists=(read(FIRST, items=1),))
    assert find() == 1
    run(store, *requested(603, 604), lists=(read(FIRST, items=2),))
    assert find() == 1
    clock.now += 10
    assert find() == 2
    counted_at = clock.now
    assert (find(), clock.now) == (2, counted_at + 1)


def test_one_list_is_counted_alone_where_the_others_are_not_known(store):
    counts = ListCounts()
    run(store, *requested(603), lists=(read(FIRST, items=1),))
    assert counts.find_one(store, FIRST.key) == {ItemStatus.REQUESTED: 1}
    counts.find(store)
    assert counts.find_one(store, FIRST.key) == {ItemStatus.REQUESTED: 1}
    assert counts.find_one(store, ListKey("imdb", "none")) == {}


@pytest.mark.parametrize("most", [0, 10_000])
def test_few_and_very_many_titles_are_counted_alike(store, monkeypatch, most):
    monkeypatch.setattr(list_history, "_MANY", most)
    waiting = [left(ItemStatus.WAITING, SECOND, tmdb_id=number) for number in (1, 2)]
    run(store, *requested(603, 604, 605), *waiting, asked(FIRST, SECOND, tmdb_id=9), lists=(read(FIRST), read(SECOND)))
    states = {
        FIRST.key: {ItemStatus.REQUESTED: 4},
        SECOND.key: {ItemStatus.REQUESTED: 1, ItemStatus.WAITING: 2},
    }

    with store.reading() as connection:
        assert count_by_list(connection, HOME) == states
        assert {key: count_by_list(connection, HOME, key)[key] for key in states} == states
