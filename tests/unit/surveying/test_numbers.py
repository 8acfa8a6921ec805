"""Numbers that TMDB does not have are asked for again in their turn, also if others fail every time."""

from datetime import timedelta

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.model.matches import MissingNumber
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.surveying.numbers import ASKED_AGAIN_PER_RUN, MissingNumbers
from list_sync.surveying.reading import Reading
from tests.builders import NOON, a_wanted

FILM = MediaType.MOVIE


class Store:
    def __init__(self, *numbers, days_ago):
        seen_at = NOON - timedelta(days=days_ago)
        self.kept = {(FILM, number): MissingNumber(FILM, number, seen_at, 2) for number in numbers}

    def load_missing_numbers(self):
        return dict(self.kept)

    def remember_missing_numbers(self, missing, *, found):
        self.kept.update((one.title_key, one) for one in missing)


def run(store, stated, *, days=0, unreadable=()):
    """Return which numbers one run asks for, and which it holds for missing afterwards."""
    asked = []

    def read(keys):
        asked.extend(keys)
        broken = frozenset(keys).intersection(unreadable)
        return Reading(unreadable=broken, unknown_to_tmdb=frozenset(keys) - broken)

    numbers = MissingNumbers(store, read, TmdbWatch(), now=lambda: NOON + timedelta(days=days))
    numbers.ask_again(
        [a_wanted(MediaItem(f"Film {key[1]}", key[0], None, MediaIds(tmdb=key[1]))) for key in stated], is_fresh=False
    )
    return asked, numbers.missing


def test_numbers_that_no_list_states_any_more_do_not_keep_another_from_being_asked_for():
    store = Store(*range(ASKED_AGAIN_PER_RUN), days_ago=20)
    store.kept |= Store(99, days_ago=10).kept

    assert run(store, [(FILM, 99)]) == ([(FILM, 99)], {(FILM, 99)})


def test_numbers_that_cannot_be_read_in_any_run_do_not_keep_another_from_being_asked_for():
    broken = [(FILM, number) for number in range(ASKED_AGAIN_PER_RUN)]
    store = Store(*range(ASKED_AGAIN_PER_RUN), days_ago=20)
    store.kept |= Store(99, days_ago=3).kept
    runs = [run(store, [*broken, (FILM, 99)], days=day, unreadable=broken) for day in range(5)]

    assert any((FILM, 99) in asked for asked, _missing in runs)
    assert all(missing == {*broken, (FILM, 99)} for _asked, missing in runs)
    assert len(runs[1][0]) == ASKED_AGAIN_PER_RUN
