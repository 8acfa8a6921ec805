"""What was not found is looked for again in its turn, whatever else was looked for in vain."""

from datetime import timedelta
from itertools import pairwise

from list_sync.model.titles import MediaItem, MediaType
from tests.builders import NOON


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
