"""What was not found is looked for again in its turn, however many other titles are not found."""

from datetime import timedelta
from itertools import pairwise

from list_sync.model.matches import MatchMethod, Resolution
from list_sync.model.titles import MediaItem, MediaType
from list_sync.storage import memory
from tests.builders import NOON
from tests.fakes.shelf import synthetic


def test_sixty_titles_that_left_the_list_do_not_keep_another_from_being_looked_for_again(bench, demo):
    left = [MediaItem(f"No Such Film Number {number}", MediaType.MOVIE, 1950 + number) for number in range(60)]
    kept = MediaItem("A Film That TMDB Will Learn Of", MediaType.MOVIE, 2026)
    day = 0
    bench.clock = lambda: NOON + timedelta(days=day)
    bench.sync(*left, kept)
    unchanged = bench.sync(kept).calls.reads
    looked = []
    for day in range(1, 9):
        if bench.sync(kept).calls.reads > unchanged + 1:
            looked.append(day)

    assert looked[0] <= 2
    assert all(later - earlier <= 2 for earlier, later in pairwise(looked))


def test_a_title_whose_remembered_number_is_gone_from_tmdb_is_looked_for_by_its_id(bench, demo):
    film = synthetic(3, imdb_only=True)
    number_that_was_merged = Resolution(film.keys[0], MediaType.MOVIE, 99_000_003, MatchMethod.IMDB_ID)
    with bench.opened() as parts, parts.store.writing() as connection:
        memory.remember(connection, [number_that_was_merged], at=NOON)

    assert bench.sync(film).counts == {"requested": 1}
    assert demo.posts_by_title().keys() == {("movie", synthetic(3).ids.tmdb, False)}
    assert bench.sync(film).calls.reads <= 6


def test_an_outage_does_not_have_a_remembered_number_looked_for_anew(bench, demo):
    film = synthetic(3, imdb_only=True)
    bench.sync(film, dry_run=True)
    demo.backend.upstream.forget()
    demo.faults.tmdb_down = True

    assert bench.sync(film).counts == {"error": 1}
    demo.faults.tmdb_down = False
    assert bench.sync(film).counts == {"requested": 1}
