"""`lists test`, and how a list is named on the command line."""

import pytest

from list_sync.correcting.naming import parse_list, parse_lists
from list_sync.errors import InvalidListId
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from tests.fakes.scripted_server import ScriptedServer, Served

BLOCKED = Served("<html><script>window.gokuProps = {}</script></html>", 202, {"x-amzn-waf-action": "challenge"})
FILMS = [{"id": n, "title": f"Film {n}", "mediatype": "movie", "release_year": 2000} for n in range(1, 8)]
EXTERNAL = [{"id": 12, "name": "x", "source": "imdb", "url": "https://www.imdb.com/list/ls055592025/"}]


def answer(asked):
    if asked.path == "/external/lists/user":
        return Served(EXTERNAL)
    if asked.path.startswith("/external/"):
        return Served(
            FILMS, headers={"X-Has-More": "false", "X-RateLimit-Remaining": "41", "X-RateLimit-Limit": "1000"}
        )
    return BLOCKED


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("imdb:top", "imdb:top"),
        ("IMDB: top ", "imdb:top"),
        ("https://www.imdb.com/list/ls055592025/?ref_=x", "imdb:https://www.imdb.com/list/ls055592025/?ref_=***"),
        ("https://trakt.tv/users/joe/lists/horror", "trakt:https://trakt.tv/users/joe/lists/horror"),
        ("https://trakt.tv/movies/trending", "trakt_special:https://trakt.tv/movies/trending"),
        ("https://letterboxd.com/joe/list/horror/", "letterboxd:https://letterboxd.com/joe/list/horror/"),
        ("mdblist.com/lists/a/b", "mdblist:mdblist.com/lists/a/b"),
        ("https://example.org/films.json", "file:https://example.org/films.json"),
        ("file:https://example.org/films.json", "file:https://example.org/films.json"),
        ("ls055592025", "imdb:ls055592025"),
        ("trending:movies", "trakt_special:trending:movies"),
    ],
)
def test_a_list_is_recognised_by_what_its_user_pastes(text, source):
    assert str(parse_list(text)) == source


def test_a_spelling_of_several_sources_asks_which():
    with pytest.raises(InvalidListId, match="write letterboxd:joe/horror or mdblist:joe/horror or trakt:joe/horror"):
        parse_list("joe/horror")


@pytest.mark.parametrize("text", ["", ":top", "frobnicate:x"])
def test_what_no_source_takes_says_how_to_write_a_list(text):
    with pytest.raises(InvalidListId, match="write provider:id"):
        parse_list(text)


def test_a_list_is_found_by_the_name_that_lists_yaml_gives_it():
    best = ListRef("imdb", "top", Terms(name="Best of all"))

    assert parse_list("best of ALL", [best, ListRef("imdb", "bottom")]) is best
    with pytest.raises(InvalidListId, match="did you mean Best of all"):
        parse_list("beest of all:x", [best])


def test_a_name_that_a_provider_does_not_take_is_refused_in_its_words():
    with pytest.raises(InvalidListId, match="not a list of IMDb"):
        parse_list("imdb:nonsense")
    assert parse_list("mdblist:a/b") == ListRef("mdblist", "a/b")


def test_each_way_is_shown_with_what_it_came_to(cli, monkeypatch):
    with ScriptedServer(answer) as server:
        monkeypatch.setenv("IMDB_BASE_URL", server.url)
        monkeypatch.setenv("MDBLIST_BASE_URL", server.url)
        monkeypatch.setenv("MDBLIST_API_KEY", "test-key")
        monkeypatch.setenv("SELENIUM_POOL_SIZE", "0")
        shown = cli("lists", "test", "https://www.imdb.com/list/ls055592025/")

    lines = [line.split() for line in shown.lines]
    assert shown.code == 0
    assert shown.lines[0].endswith(": imdb accepts it")
    assert ["graphql", "blocked"] in [line[:2] for line in lines]
    assert ["mdblist", "served", "7", "7"] in [line[:4] for line in lines]
    assert "complete by mdblist: 7 titles" in shown.lines
    assert "  Film 1 (2000), movie, tmdb:1" in shown.lines
    assert "  and 2 more" in shown.lines
    assert f"{server.url.removeprefix('http://')} allows 41 of 1000 more requests" in shown.lines
    assert "test-key" not in shown.out + shown.err


def test_without_a_way_it_is_a_failure(cli, monkeypatch):
    with ScriptedServer([BLOCKED]) as server:
        monkeypatch.setenv("IMDB_BASE_URL", server.url)
        monkeypatch.setenv("SELENIUM_POOL_SIZE", "0")
        shown = cli("lists", "test", "imdb:top")

    assert shown.code == 1
    assert "needs MDBLIST_API_KEY" in shown.out
    assert shown.lines[-1] == "no route can read this list at the moment"


def test_check_reads_a_list_by_the_first_way_that_leads_to_it(cli, home, monkeypatch, demo):
    with ScriptedServer(answer) as source:
        for name, value in {
            "OVERSEERR_URL": demo.url,
            "OVERSEERR_API_KEY": demo.api_key,
            "IMDB_LISTS": "ls055592025",
            "TRAKT_LISTS": "joe/horror",
            "IMDB_BASE_URL": source.url,
            "TRAKT_BASE_URL": source.url,
            "MDBLIST_BASE_URL": source.url,
            "MDBLIST_API_KEY": "test-key",
            "RETRY_ATTEMPTS": "1",
            "SELENIUM_POOL_SIZE": "0",
        }.items():
            monkeypatch.setenv(name, value)
        shown = cli("check")

    assert "ok   imdb:ls055592025 can be read by mdblist: an unknown number of entries" in shown.lines
    (trakt,) = [line for line in shown.lines if line.startswith("fix")]
    assert trakt.startswith("fix  trakt:joe/horror: TRAKT_CLIENT_ID is not set")
    assert "; other ways: list-sync lists test trakt:joe/horror" in trakt
    assert shown.code == 1


CONFIGURED = (
    ListRef("imdb", "top", spelling="https://www.imdb.com/chart/top/"),
    ListRef("imdb", "toptv", spelling="toptv"),
    ListRef("file", "my-films.csv", spelling="my-films.csv"),
)


@pytest.mark.parametrize(
    ("text", "lists"),
    [
        ("imdb", ["imdb:top", "imdb:toptv"]),
        (" IMDB ", ["imdb:top", "imdb:toptv"]),
        ("imdb:", ["imdb:top", "imdb:toptv"]),
        ("file", ["file:my-films.csv"]),
        ("my-films.csv", ["file:my-films.csv"]),
        ("https://www.imdb.com/chart/top/", ["imdb:top"]),
        ("imdb:https://www.imdb.com/chart/toptv", ["imdb:toptv"]),
        ("imdb:bottom", ["imdb:bottom"]),
    ],
)
def test_a_provider_stands_for_its_lists_and_any_spelling_for_one(text, lists):
    assert [ref.name for ref in parse_lists(text, CONFIGURED)] == lists


def test_a_configured_list_is_found_by_its_id_though_other_sources_take_it_too():
    assert parse_list("my-films.csv", CONFIGURED).name == "file:my-films.csv"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("imbd", "did you mean imdb?"),
        ("imbd:top", "did you mean imdb:top?"),
        ("imdb:toptvv", "did you mean imdb:toptv?"),
        ("my-film.csv", "did you mean my-films.csv?"),
        ("trakt:a", "favorites page on trakt.tv"),
        ("trakt", "trakt has no list to sync: set TRAKT_LISTS"),
        ("qqqqq:1", "not a list of any source: write provider:id"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(text, words):
    with pytest.raises(InvalidListId) as refusal:
        parse_lists(text, CONFIGURED)
    assert words in str(refusal.value)
    assert f"did you mean {text.partition(':')[0]}?" not in str(refusal.value)
