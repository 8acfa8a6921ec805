"""What holds in every small world of titles, lists and outages."""

import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.errors import LookupFailed
from list_sync.matching.resolver import KnownTitles, match_titles
from list_sync.model.matches import Candidate, Match, MatchMethod, NoMatchReason, WantedItem
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.catalogue import FakeCatalogue

titles = st.sampled_from(["Heat", "The Heat", "Heat 2", "Heat II", "HEAT", "2", "!"])
kinds = st.sampled_from(MediaType)
years = st.integers(1994, 1998)
worlds = st.lists(
    st.builds(Candidate, media_type=kinds, tmdb_id=st.integers(1, 9), title=titles, year=years | st.none()),
    max_size=6,
    unique_by=lambda one: (one.media_type, one.tmdb_id),
)
ids = st.builds(
    MediaIds,
    tmdb=st.none() | st.integers(1, 9),
    imdb=st.sampled_from([None, "tt1", "tt2"]),
    tvdb=st.sampled_from([None, 3]),
)
items = st.builds(MediaItem, title=titles | st.just(""), media_type=kinds | st.none(), year=years | st.none(), ids=ids)
lists_of_items = st.lists(items, min_size=1, max_size=5)


class FailingCatalogue(FakeCatalogue):
    """Is down for good after some calls."""

    def __init__(self, world, links, lasts=None):
        imdb = (
            {f"tt{number}": [title for title in world if title.tmdb_id == number] for number in (1, 2)} if links else {}
        )
        tvdb = (
            {3: [title for title in world if title.media_type is MediaType.TV and title.tmdb_id > 6]} if links else {}
        )
        super().__init__(*world, imdb=imdb, tvdb=tvdb)
        self.lasts = lasts

    def _count(self, *call):
        super()._count(*call)
        self.is_down = self.lasts is not None and len(self.calls) > self.lasts


def run(found, catalogue, resolutions=None, learned=None, workers=1):
    memory = {} if learned is None else learned
    return match_titles(
        [WantedItem(item, (ListRef("file", "a"),)) for item in found],
        catalogue=catalogue,
        knowledge=KnownTitles(resolutions=resolutions or {}),
        workers=workers,
        stop=threading.Event(),
        on_learned=lambda batch: memory.update({resolution.key: resolution for resolution in batch}),
    )


def summary(result):
    return (result.media_type, result.tmdb_id) if isinstance(result, Match) else result.reason


@given(worlds, st.booleans(), lists_of_items, st.integers(0, 30))
def test_an_outage_from_any_moment_on_only_postpones(world, links, found, lasts):
    healthy = run(found, FailingCatalogue(world, links))
    broken = run(found, FailingCatalogue(world, links, lasts))

    for before, after in zip(healthy, broken, strict=True):
        assert summary(after) in (summary(before), NoMatchReason.LOOKUP_FAILED)


@given(worlds, st.booleans(), lists_of_items)
def test_a_second_run_keeps_every_match_and_asks_no_more(world, links, found):
    learned = {}
    first_catalogue, second_catalogue = FailingCatalogue(world, links), FailingCatalogue(world, links)
    first = run(found, first_catalogue, learned=learned)
    second = run(found, second_catalogue, resolutions=dict(learned))

    for before, after in zip(first, second, strict=True):
        is_contradicted = summary(after) is NoMatchReason.AMBIGUOUS and before.wanted.item.ids.tmdb is not None
        assert not isinstance(before, Match) or is_contradicted or summary(after) == summary(before)
    assert len(second_catalogue.calls) <= len(first_catalogue.calls)


@given(worlds, st.booleans(), lists_of_items)
def test_no_match_is_of_another_kind_or_another_tmdb_id_than_the_list_says(world, links, found):
    for result in run(found, FailingCatalogue(world, links)):
        item = result.wanted.item
        if isinstance(result, Match):
            assert item.media_type in (None, result.media_type) or result.method is MatchMethod.IMDB_ID
            assert item.ids.tmdb in (None, result.tmdb_id)


@given(worlds, lists_of_items)
@settings(max_examples=50)
def test_the_number_of_threads_changes_nothing(world, found):
    one, many = (run(found, FailingCatalogue(world, True), workers=workers) for workers in (1, 8))

    assert list(map(summary, one)) == list(map(summary, many))


@given(worlds, st.booleans(), lists_of_items)
def test_other_titles_of_a_list_change_nothing_for_one(world, links, found):
    together = run(found, FailingCatalogue(world, links))
    alone = [run([item], FailingCatalogue(world, links))[0] for item in found]

    assert list(map(summary, together)) == list(map(summary, alone))


def test_the_broken_world_is_really_broken():
    catalogue = FailingCatalogue([], True, lasts=0)
    try:
        catalogue.find_by_imdb("tt1")
    except LookupFailed:
        return
    raise AssertionError("an answer came from a world that is down")
