"""New seasons of shows are found by looking at each in its turn, from the server's page to the request."""

from datetime import timedelta

import pytest

from list_sync.demo.catalogue.catalogue import CatalogueSeason, load_catalogue
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.builders import NOON

TMDB = 1396
SHOW = MediaItem("Breaking Bad", MediaType.TV, 2008, MediaIds(tmdb=TMDB))
SEASONS = next(title.seasons for title in load_catalogue().titles if (title.kind, title.tmdb) == ("tv", TMDB))
SIXTH = CatalogueSeason(6, 8, "2027-01-20")


def day_of_request(bench, demo, *, days, **airing):
    """Return the day on which a season is asked for that is announced on the day after the first sync."""
    demo.change_show(TMDB, **airing)
    bench.clock = lambda: NOON
    bench.sync(SHOW)
    demo.change_show(TMDB, seasons=(*SEASONS, SIXTH))
    for day in days:
        bench.clock = lambda day=day: NOON + timedelta(days=day)
        bench.sync(SHOW)
        if len(demo.requests()) == 2:
            assert demo.requests()[1]["seasons"] == [6]
            return day
    return None


@pytest.mark.parametrize(
    ("airing", "looked_on", "found_on"),
    [
        ({"status": "Returning Series"}, range(1, 11), range(6, 10)),
        ({"status": "Ended"}, (5, 10, 30, 59, 60), (60,)),
        ({"status": "Canceled"}, (5, 10, 30, 59, 60), (60,)),
        ({"status": "Returning Series", "next_episode_on": "2026-11-25"}, (1, 2, 3), (3,)),
        ({"status": "Ended", "next_episode_on": "2026-12-12"}, (10, 19, 20), (20,)),
    ],
)
def test_a_new_season_is_found_by_what_the_show_is(bench, demo, airing, looked_on, found_on):
    assert day_of_request(bench, demo, days=looked_on, **airing) in found_on


def test_between_two_checks_a_sync_costs_no_read_for_the_show(bench, demo):
    bench.clock = lambda: NOON
    bench.sync(SHOW)
    bench.clock = lambda: NOON + timedelta(days=3)

    demo.reset_counts()

    assert bench.sync(SHOW).calls.reads <= 6
    assert not [call for call in demo.calls if "/tv/" in call.path]


def test_a_show_whose_page_cannot_be_read_at_its_check_stays_what_it_was(bench, demo):
    bench.clock = lambda: NOON
    bench.sync(SHOW)
    demo.faults.tmdb_down = True
    bench.server.backend.upstream.forget()
    bench.clock = lambda: NOON + timedelta(days=9, hours=1)

    report = bench.sync(SHOW)

    assert report.counts == {"already_requested": 1}
    assert not report.has_failures
