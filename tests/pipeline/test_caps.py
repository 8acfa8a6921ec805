"""The caps hold for a run and a day as wholes, whichever way a title took to its request."""

import pytest

from list_sync.demo.synthetic import synthetic_imdb_id, synthetic_title
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import synthetic

GOOD = [synthetic(number) for number in range(2)]
WRONGLY_NUMBERED = [
    MediaItem(
        synthetic_title(number),
        MediaType.MOVIE,
        None,
        MediaIds(tmdb=99_000_000 + number, imdb=synthetic_imdb_id(number)),
    )
    for number in range(10, 13)
]


@pytest.mark.parametrize("setting", ["max_requests_per_run", "max_requests_per_day"])
def test_titles_that_are_found_without_their_wrong_number_count_towards_the_cap_as_well(bench, demo, setting):
    report = bench.sync(*WRONGLY_NUMBERED, *GOOD, **{setting: 3})

    assert report.counts == {"requested": 3, "waiting": 2}
    assert len(demo.requests()) == 3


@pytest.mark.parametrize("setting", ["max_requests_per_run", "max_requests_per_day"])
def test_a_dry_run_counts_towards_the_caps_what_it_would_request(bench, demo, setting):
    report = bench.sync(*WRONGLY_NUMBERED, *GOOD, dry_run=True, **{setting: 3})

    assert report.counts == {"would_request": 3, "waiting": 2}
    assert demo.writes == 0
