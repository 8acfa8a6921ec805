"""A run that dies before or after any one of its commits: the next one asks for nothing twice and forgets nothing."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.catalogue.synthetic import synthetic_imdb_id, synthetic_title
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.job import Job
from list_sync.model.decisions import Policy
from list_sync.model.plans import LineKind, PlanLine
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.pipeline import run_cycle
from list_sync.requesting import lost
from tests.fakes.dying import Death, DyingStore
from tests.fakes.shelf import SHELVES, Bench, synthetic

SHOW = next(
    title
    for title in load_catalogue().titles
    if title.kind == "tv" and title.tvdb and {1, 2} <= {season.number for season in title.seasons}
)
ITEMS = (
    synthetic(1),
    synthetic(2, imdb_only=True),
    MediaItem(SHOW.title, MediaType.TV, None, MediaIds(tmdb=SHOW.tmdb)),
    MediaItem(synthetic_title(3), MediaType.MOVIE, None, MediaIds(tmdb=99_000_003, imdb=synthetic_imdb_id(3))),
)


@pytest.fixture(scope="module")
def server():
    with DemoServer(Dialect.SEERR, synthetic_films=5) as server:
        yield server


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(lost, "LOOKS", 1)


def dies(bench, commit, *, is_after, policy=None):
    """Run a sync that dies at a commit; return whether it came that far."""
    source = ListRef("shelf", f"{bench.folder}/{bench.name}")
    SHELVES[source.list_id] = ITEMS
    with bench.opened() as parts:
        store = DyingStore(parts.store, commit, is_after=is_after)
        try:
            run_cycle(replace(parts, store=store), Job((source,), policy or Policy()))
        except Death:
            return True
    return False


def read(bench, query):
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        return [value for (value,) in connection.execute(query)]


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_after_a_death_at_any_commit_every_title_is_asked_for_once_and_told_of(server, tmp_path, is_after):
    for commit in count(1):
        server.reset()
        bench = Bench(tmp_path, server, name=f"commit{commit}")
        is_dead = dies(bench, commit, is_after=is_after)

        bench.sync(*ITEMS)

        assert [len(server.requests()), set(server.posts_by_title().values())] == [4, {1}], commit
        assert read(bench, "SELECT status FROM synced_items") == ["requested"] * 4, commit
        assert set(read(bench, "SELECT state FROM sent_requests")) <= {"confirmed", "lost"}, commit
        if not is_dead:
            break
    assert commit > 12


def test_after_a_death_before_any_commit_a_second_apply_finishes_and_asks_for_nothing_else(server, tmp_path):
    chosen = planned(*ITEMS[:1], ITEMS[2])
    for commit in count(1):
        server.reset()
        bench = Bench(tmp_path, server, name=f"apply{commit}")
        is_dead = dies(bench, commit, is_after=False, policy=Policy(planned=chosen))

        bench.sync(*ITEMS, planned=chosen)

        asked = {row["tmdb_id"] for row in server.requests()}
        assert asked == {ITEMS[0].ids.tmdb, SHOW.tmdb}, commit
        assert set(server.posts_by_title().values()) == {1}, commit
        if not is_dead:
            break
    assert commit > 6


def planned(*items):
    lines = [PlanLine(LineKind.REQUEST, "", one.media_type, one.ids.tmdb, Quality.HD, (), 1) for one in items]
    return {line.key: line for line in lines}
