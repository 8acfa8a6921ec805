"""Files as people have them, from the drop folder or an address to what a dry run would request."""

from dataclasses import replace
from pathlib import Path

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.job import Job
from list_sync.model.matches import Match
from list_sync.model.sources import FetchState, ListRef
from list_sync.pipeline import run_cycle
from list_sync.providers import FetchContext
from tests.fakes.scripted_server import ScriptedServer, Served

FIXTURES = Path(__file__).parent / "files_of_people"
MATRIX, FIGHT_CLUB, ALIEN, ANNA = ("movie", 603), ("movie", 550), ("movie", 348), ("movie", 80000009)
PSYCHO, HALLOWEEN, DUNE = ("movie", 539), ("movie", 948), ("movie", 438631)
BREAKING_BAD, FRIENDS = ("tv", 1396), ("tv", 1668)


def sync(bench, name):
    """Return the list as it was read, and what a dry run would request, by kind and TMDB number."""
    context = FetchContext(HttpClient("file", retry_attempts=1), drop_folder=FIXTURES)
    with bench.opened() as parts:
        parts = replace(parts, make_context=lambda _: context)
        report = run_cycle(parts, Job((ListRef("file", name),), replace(bench.policy, dry_run=True)))
    (fetched,) = report.fetched
    found = [outcome.result for outcome in report.outcomes if isinstance(outcome.result, Match)]
    return fetched, sorted((match.media_type.value, match.tmdb_id) for match in found)


def sync_whole(bench, name):
    """Return what a dry run would request of a list in which every entry is understood."""
    fetched, requested = sync(bench, name)
    assert (fetched.state, fetched.not_understood) == (FetchState.COMPLETE, 0), fetched.reason
    return requested


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("dates.csv", [PSYCHO, HALLOWEEN, DUNE]),
        ("delimiter.csv", [MATRIX]),
        ("sep-comma.csv", [MATRIX]),
        ("sep-semicolon.csv", [MATRIX, ALIEN]),
        ("mapped.csv", [MATRIX, ANNA, ALIEN]),
        ("url.csv", [ANNA, MATRIX]),
        ("before-header.csv", [MATRIX]),
        ("films.csv", [HALLOWEEN, PSYCHO, DUNE]),
        ("mymovies.csv", [ALIEN, MATRIX]),
        ("weekend.csv", [MATRIX, FIGHT_CLUB, ALIEN]),
        ("ranked.csv", [MATRIX, DUNE]),
        ("resaved.csv", [MATRIX, FIGHT_CLUB]),
        ("ids.txt", [MATRIX, FIGHT_CLUB, ALIEN]),
        ("years.csv", [BREAKING_BAD, PSYCHO, HALLOWEEN, FRIENDS]),
    ],
)
def test_every_title_of_a_file_is_found(bench, name, found):
    assert sync_whole(bench, name) == sorted(found)


def test_an_episode_is_counted_and_its_season_not_requested(bench):
    fetched, requested = sync(bench, "tmdb.csv")

    assert (fetched.state, fetched.unsupported_kinds) == (FetchState.COMPLETE, {"episode": 1})
    assert requested == [MATRIX, BREAKING_BAD]


def test_numbers_without_a_kind_wait_for_a_person(bench):
    fetched, requested = sync(bench, "idsonly.csv")

    assert [item.ids.tmdb for item in fetched.items] == [603, 550]
    assert requested == []


def test_the_encoding_that_an_answer_states_is_used(bench):
    content = "Title;Year\r\nБрат;1997\r\n".encode("windows-1251")
    with ScriptedServer([Served(content, headers={"Content-Type": "text/csv; charset=windows-1251"})]) as server:
        fetched, requested = sync(bench, f"{server.url}/kp.csv")

    assert (fetched.state, requested) == (FetchState.COMPLETE, [("movie", 80000049)])


def test_what_is_not_understood_is_told_and_the_rest_requested(bench):
    content = "Title,Year\nAlien,1979\nThe Good, the Bad and the Ugly,1966\n"
    with ScriptedServer([Served(content, headers={"Content-Type": "text/csv"})]) as server:
        fetched, requested = sync(bench, f"{server.url}/films.csv")

    assert (fetched.state, fetched.not_understood, requested) == (FetchState.PARTIAL, 1, [ALIEN])
    assert "line 3" in fetched.reason
