"""Sources that fail in every way: one clear line for each list, the others go on, and nothing is lost."""

import contextlib
import io
import json
import logging
from dataclasses import replace

import pytest

from list_sync import log, main
from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.sources.mdblist import API_KEY
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.demo.sources.trakt import CLIENT_ID
from list_sync.errors import ConfigError
from list_sync.model.sources import FetchState, ListRef
from tests.fakes.one_list import fetch_list
from tests.system.bad_input_world import (
    BAD,
    GOOD,
    Films,
    World,
    assert_is_one_clear_line,
    film,
    result_of,
)

AGAIN = "tried again in the next run"
CHECK = {
    "imdb": "check the spelling",
    "mdblist": "check the spelling",
    "trakt": "check the spelling, make the list public",
}
PUBLISH = {"imdb": "make it public", "mdblist": "make it public", "trakt": "make the list public"}


@pytest.fixture
def world(tmp_path, monkeypatch):
    with SampleSources() as sources, DemoServer(synthetic_films=2_000) as server:
        world = World(tmp_path, sources, server, monkeypatch)
        world.add_lists(GOOD, first=0)
        world.add_lists(BAD, first=1_000)
        world.read(GOOD, BAD)
        yield world


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("html", "expected JSON"),
        ("truncated", "JSON that breaks off after"),
        ("garbage10mb", "bytes that are not JSON"),
        ("status:500", "the service is in trouble (HTTP 500)"),
        ("status:503", "the service is in trouble (HTTP 503)"),
        ("slow:3600", "did not answer in time"),
        ("drop", "ended the connection before its answer was complete"),
        ("cut", "ended the connection before its answer was complete"),
        ("waf202", "AWS WAF answered with a challenge"),
        ("cloudflare403", "Cloudflare blocks us"),
        ("drift", AGAIN),
    ],
)
def test_a_list_that_fails_is_named_and_read_in_the_next_run(world, fault, words):
    if fault == "slow:3600":
        # The good lists answer at once, but on a busy machine that takes a while too.
        world.set(HTTP_TIMEOUT=5)
    world.break_all(fault)
    report = world.sync()

    assert report.error is None
    for source, list_id in BAD.items():
        result = result_of(report, source, list_id)
        assert (result.state, result.items) == (FetchState.FAILED, ())
        assert_is_one_clear_line(result.reason, source, list_id, words)
        assert "; tried again " in result.reason
    assert_that_the_others_went_on(world, report)
    assert_that_nothing_is_lost(world)


@pytest.mark.parametrize("fault", ["limit", "status:429", "cloudflare1015"])
def test_a_host_that_asks_for_a_pause_is_given_it_by_all_its_lists_and_nothing_is_lost(world, fault):
    world.break_all(fault)
    report = world.sync()

    assert report.error is None
    for source, list_id in BAD.items():
        result = result_of(report, source, list_id)
        assert (result.state, result.items) == (FetchState.FAILED, ())
        assert_is_one_clear_line(result.reason, source, list_id, "rate limited")
        assert "; tried again " in result.reason
    for source, list_id in GOOD.items():
        result = result_of(report, source, list_id)
        assert result.state is FetchState.COMPLETE or "; tried again " in result.reason
    assert_that_nothing_is_lost(world)


def assert_that_the_others_went_on(world, report):
    for source, list_id in GOOD.items():
        assert result_of(report, source, list_id).state is FetchState.COMPLETE
    assert set(world.requested) >= {number for number in world.expected if number < 5_001_000}


def assert_that_nothing_is_lost(world):
    world.sources.clear_faults()
    report = world.sync()

    assert [result for result in report.fetched if result.state is not FetchState.COMPLETE] == []
    assert world.requested == sorted(world.expected)
    assert set(world.server.posts_by_title().values()) == {1}


def test_a_source_that_dies_in_the_middle_is_read_as_far_as_it_came(world):
    world.break_all("die_in_the_middle")
    report = world.sync()

    for source, list_id in BAD.items():
        result = result_of(report, source, list_id)
        assert (result.state, len(result.items)) == (FetchState.PARTIAL, 4)
        assert_is_one_clear_line(result.reason, source, list_id, "ended the connection before its answer was complete")
    assert_that_the_others_went_on(world, report)
    assert len(world.requested) == 48
    assert_that_nothing_is_lost(world)


@pytest.mark.parametrize("fault", ["short", "repeat_page"])
def test_a_list_that_ends_before_its_end_is_not_taken_for_whole(world, fault):
    world.break_all(fault)
    report = world.sync()

    for source, list_id in BAD.items():
        result = result_of(report, source, list_id)
        assert (result.state, len(result.items)) == (FetchState.PARTIAL, 4)
        assert result.reason
    assert_that_the_others_went_on(world, report)
    assert_that_nothing_is_lost(world)


def test_pages_that_are_smaller_than_asked_for_make_no_difference(world):
    for source, list_id in BAD.items():
        world.sources.add_list(source, list_id, [film(1_500 + number) for number in range(65)])
    world.set(TRAKT_SPECIAL_ITEMS_LIMIT=65)
    world.break_all("clamp")

    report = world.sync()

    assert {(result.state, len(result.items)) for result in report.fetched} == {
        (FetchState.COMPLETE, 8),
        (FetchState.COMPLETE, 65),
    }


def test_unknown_and_private_lists_say_what_to_do(world):
    unknown = {"imdb": "ls999999999", "mdblist": "joe/none", "trakt": "joe/none"}
    private = {"imdb": "ur000000777", "mdblist": "joe/secret", "trakt": "joe/secret"}
    for source, list_id in private.items():
        world.sources.add_list(source, list_id, [film(1_900)], private=True)
    world.read(GOOD, unknown, private)

    report = world.sync()

    for ids, advice in ((unknown, CHECK), (private, PUBLISH)):
        for source, list_id in ids.items():
            result = result_of(report, source, list_id)
            assert result.state is FetchState.FAILED
            assert_is_one_clear_line(result.reason, source, list_id, advice[source])
    assert_that_the_others_went_on(world, report)


def test_list_ids_that_no_source_accepts_say_what_is_accepted(world):
    wrong = {"imdb": "nonsense", "mdblist": "a/b/c/d", "trakt": "?", "trakt_special": "worst:movies", "file": "../x"}
    world.read(GOOD, wrong)

    report = world.sync()

    for source, list_id in wrong.items():
        reason = result_of(report, source, list_id).reason
        assert_is_one_clear_line(reason, source, list_id, "")
        assert "use " in reason or "write " in reason
    assert_that_the_others_went_on(world, report)


def test_keys_that_are_wrong_or_missing_are_named(world):
    world.set(MDBLIST_API_KEY="wrong", TRAKT_CLIENT_ID="0" * 64)
    report = world.sync()
    assert "MDBLIST_API_KEY was refused" in result_of(report, "mdblist", GOOD["mdblist"]).reason
    for source in ("trakt", "trakt_special"):
        reason = result_of(report, source, GOOD[source]).reason
        assert_is_one_clear_line(reason, source, GOOD[source], "TRAKT_CLIENT_ID was refused")
        assert "https://trakt.tv/oauth/applications" in reason

    world.set(MDBLIST_API_KEY="", TRAKT_CLIENT_ID="")
    report = world.sync()
    assert result_of(report, "mdblist", GOOD["mdblist"]).state is FetchState.COMPLETE
    assert "TRAKT_CLIENT_ID is not set" in result_of(report, "trakt", GOOD["trakt"]).reason


def test_sources_that_are_down_take_nothing_with_them(world):
    (world.drop / "mine.json").write_text(json.dumps([{"title": "Film", "type": "movie", "tmdb_id": 5_001_999}]))
    world.set(FILE_LISTS="mine.json")
    world.sources.stop()
    report = world.sync()

    for source, list_id in {**GOOD}.items():
        reason = result_of(report, source, list_id).reason
        assert_is_one_clear_line(reason, source, list_id, "cannot be reached")
        assert AGAIN in reason
    assert report.error is None
    assert world.requested == [5_001_999]
    world.sources.start()
    world.expected.add(5_001_999)
    assert_that_nothing_is_lost(world)


def test_a_list_that_fails_after_it_was_read_takes_back_nothing(world):
    world.sync()
    for fault in ("html", "missing", "short", "null"):
        world.break_all(fault)
        assert world.sync().calls.writes == 0

    assert world.requested == sorted(world.expected)
    assert_that_nothing_is_lost(world)


def test_titles_with_control_characters_are_cleaned_and_requested(world):
    names = ["Two\nLines", "\x1b[31mRed\x1b[0m", "Bell\x07 and\x00 NUL", "\u202eBackwards", "x" * 5_000, "\ud800lone"]
    entries = [replace(film(1_700 + number), title=name) for number, name in enumerate(names)]
    for source, list_id in GOOD.items():
        world.sources.add_list(source, list_id, [entry for entry in entries if "\ud800" not in entry.title])
    rows = [{"title": entry.title, "type": "movie", "tmdb_id": entry.tmdb} for entry in entries]
    (world.drop / "odd.json").write_text(json.dumps(rows))
    world.read(GOOD, {"file": "odd.json"})

    with logged() as text:
        report = world.sync()

    assert world.requested == [entry.tmdb for entry in entries]
    assert [result for result in report.fetched if result.state is not FetchState.COMPLETE] == []
    lines = text.getvalue().splitlines()
    assert sum("requested " in line for line in lines) >= len(entries)
    assert all(line.isprintable() and len(line) < 1_000 for line in lines)


@contextlib.contextmanager
def logged():
    """Log as the program does, down to the libraries' debugging, and hand out what was written."""
    text = io.StringIO()
    log.configure_logging("DEBUG", "text", text)
    try:
        yield text
    finally:
        for handler in log.find_logs():
            logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
        logging.captureWarnings(False)


def test_no_key_is_logged_whatever_fails(world):
    for fault in ("html", "status:500", "limit", "drop", "cut", "drift"):
        world.break_all(fault)
        with logged() as text:
            world.sync()
        assert "joe/bad" in text.getvalue()
        for key in (API_KEY, CLIENT_ID, world.server.api_key):
            assert key not in text.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html></html>", "it is a web page"),
        (
            b'[{"title": "Cut off", "imdb_id": "tt01',
            "incomplete JSON: Unterminated string at line 1 column 34, save it again",
        ),
        (bytes(range(1, 256)) * 4_100, "neither JSON nor CSV"),
        (b"", "it is empty"),
        (b"Const,Title\ntt0133093", "breaks off in its last row"),
        (b'{"error": "no"}', "an object (error), expected a list"),
    ],
)
def test_files_that_cannot_be_read_are_named(world, content, words):
    (world.drop / "bad").write_bytes(content)
    world.read(GOOD, {"file": "bad"})

    report = world.sync()

    assert_is_one_clear_line(result_of(report, "file", "bad").reason, "file", "bad", words)
    assert_that_the_others_went_on(world, report)


def test_an_address_that_is_not_one_is_a_setting_that_is_wrong(world):
    world.set(IMDB_BASE_URL="no address", HTTP_TIMEOUT="soon")

    with pytest.raises(ConfigError) as caught:
        world.sync()

    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["IMDB_BASE_URL", "HTTP_TIMEOUT"]


def test_a_list_of_30_000_titles(world):
    world.sources.add_list("mdblist", BAD["mdblist"], Films(30_000))
    world.read({"mdblist": BAD["mdblist"]})
    world.set(MAX_REQUESTS_PER_RUN=3)

    report = world.sync()

    result = result_of(report, "mdblist", BAD["mdblist"])
    assert (result.state, len(result.items)) == (FetchState.COMPLETE, 30_000)
    assert report.counts == {"requested": 3, "waiting": 29_997}
    assert report.calls.reads < 100


@pytest.mark.parametrize("source", ["imdb", "trakt"])
def test_a_list_of_25_000_titles_in_pages_of_250(world, source):
    world.sources.add_list(source, BAD[source], Films(25_000))

    with main.open_session(main.prepare_settings()) as session:
        result = fetch_list(ListRef(source, BAD[source]), make_context=session.sources.make_context, stop=session.stop)

    assert (result.state, len(result.items)) == (FetchState.COMPLETE, 25_000)
    assert len(world.sources.calls) == 100
