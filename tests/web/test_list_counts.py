"""How many titles of each list are in each state, for many pages at once."""

from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import ListKey
from list_sync.web.watching.list_counts import ListCounts
from tests.storage.recording import FIRST, asked, read, run


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
