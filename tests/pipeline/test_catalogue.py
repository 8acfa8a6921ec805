"""The catalogue of hard cases, the whole way: what ends up requested on the server is right, and all of it."""

import pytest

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.model.decisions import ItemStatus
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.shelf import Bench

CASES = load_catalogue().cases


def an_item(case, *, with_ids):
    item = case.item
    ids = MediaIds(item.tmdb, item.imdb, item.tvdb) if with_ids else MediaIds()
    return MediaItem(item.title, MediaType(item.media_type) if item.media_type else None, item.year, ids)


def requested(server):
    return {(row["media_type"], row["tmdb_id"]) for row in server.requests()}


def expected(answers):
    return {(answer.kind, answer.tmdb) for answer in answers if answer.answer == "match"}


def twins_of(requested_titles):
    """Return the shows that share the TVDB id of a requested one; a server can hold one of such shows only."""
    shows = [title for title in load_catalogue().titles if title.kind == "tv" and title.tvdb]
    held = {title.tvdb for title in shows if ("tv", title.tmdb) in requested_titles}
    return {("tv", title.tmdb) for title in shows if title.tvdb in held} - requested_titles


@pytest.mark.parametrize("dialect", Dialect)
def test_by_title_and_year_alone_nothing_wrong_is_requested_and_everything_decidable_is(tmp_path, dialect):
    with DemoServer(dialect=dialect) as server:
        report = Bench(tmp_path, server).sync(*(an_item(case, with_ids=False) for case in CASES))

        possible = expected(case.by_title for case in CASES)
        unrequestable = expected(case.by_title for case in CASES if not case.requestable)
        assert requested(server) <= possible
        assert requested(server) == possible - unrequestable - twins_of(requested(server))
        assert ItemStatus.ERROR not in report.counts


def test_what_waits_for_review_shows_its_candidates(tmp_path):
    reviews = [case for case in CASES if case.by_title.answer == "review"]
    with DemoServer() as server:
        report = Bench(tmp_path, server).sync(*(an_item(case, with_ids=False) for case in reviews))

        assert server.writes == 0
        assert set(report.counts) <= {"needs_review"}
        shown = [outcome for outcome in report.outcomes if outcome.result.candidates]
        assert len(shown) >= 0.9 * len(report.outcomes)


NEARLY = {
    "samourai-no-article": 5511,
    "apollo-roman": 568,
    "camino-other-language-article": 13681,
    "camino-article-last": 13681,
    "malcolm-10": 1883,
    "anna-karenina-us": 96724,
    "office-other-country": 2316,
}


def test_a_name_that_is_nearly_the_same_shows_the_title_that_was_nearly_requested(tmp_path):
    cases = [case for case in CASES if case.name in NEARLY]
    with DemoServer() as server:
        report = Bench(tmp_path, server).sync(*(an_item(case, with_ids=False) for case in cases))

        shown = [{candidate.tmdb_id for candidate in outcome.result.candidates} for outcome in report.outcomes]
        assert [NEARLY[case.name] in ids for case, ids in zip(cases, shown, strict=True)] == [True] * len(NEARLY)
        assert server.writes == 0


def test_with_ids_every_title_that_can_be_requested_is_and_nothing_else(tmp_path):
    with DemoServer() as server:
        Bench(tmp_path, server).sync(*(an_item(case, with_ids=True) for case in CASES))

        possible = expected(case.by_ids for case in CASES)
        unrequestable = expected(case.by_ids for case in CASES if not case.requestable)
        wrong_but_undetectable = {
            ("movie", case.item.tmdb)
            for case in CASES
            if case.name in ("tmdb-wrong-imdb-right", "number-of-the-other-kind")
        }
        assert requested(server) - possible <= wrong_but_undetectable
        assert possible - unrequestable - twins_of(requested(server)) <= requested(server)
