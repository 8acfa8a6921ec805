"""`check --sources` against sources that block, drift, hang and answer less: each is named rightly."""

import json
import threading
from dataclasses import replace

import pytest

from list_sync.checking.sources import (
    PublicList,
    RouteReading,
    RouteState,
    is_offline,
    load_public_lists,
    look_at_sources,
    sum_up,
)
from list_sync.commands.check_sources import NO_NETWORK
from list_sync.config import load_settings
from list_sync.providers import available_providers, get_provider
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.providers.contract import ProviderCase
from tests.providers.test_contract import CASES

# Lists of files are those of the user alone, and `file` reads no source.
CASE_OF = {case.provider: case for case in reversed(CASES) if case.provider != "file"}
FIRST_ROUTES = [(name, "") for name in sorted(CASE_OF)]
MIRRORS = [(name, "mdblist") for name in ("imdb", "letterboxd", "trakt")]
CLOSED = "http://127.0.0.1:9"


def blocked(_asked):
    return Served("<html><title>Just a moment...</title></html>", 403, {"Server": "cloudflare"})


def drifted(_asked):
    return Served({"hello": "world"})


@pytest.fixture
def hanging():
    """Give an answer that never comes while the test runs."""
    over = threading.Event()

    def hang(_asked):
        over.wait(PATIENCE_SECONDS)
        return Served({})

    yield hang
    over.set()


def look(case: ProviderCase, answers, monkeypatch, route="", *, seconds=20.0, **more) -> RouteReading:
    """Return what the first route of a provider comes to, or that of a name, with the list of its contract case."""
    for name, value in {"RETRY_ATTEMPTS": "1", "MDBLIST_API_KEY": "key", **case.credentials}.items():
        monkeypatch.setenv(name, value)
    if case.limit:
        monkeypatch.setenv("TRAKT_SPECIAL_ITEMS_LIMIT", str(case.limit))
    with ScriptedServer(answers) as server:
        for name in available_providers():
            monkeypatch.setenv(f"{name.upper()}_BASE_URL", server.url)
        settings = load_settings(providers=available_providers())
        one = replace(PublicList(case.provider, case.list_id), **more)
        routes = [one for one in get_provider(case.provider).routes_of(case.list_id) if one.is_cached]
        wanted = route or next((one.name for one in routes if one.name != "mdblist"), "")
        readings = look_at_sources(settings, [one], stop=threading.Event(), seconds=seconds)
        return next(reading for reading in readings if reading.route == wanted)


def good(case: ProviderCase, route: str):
    """Return the answers of a source that works: those of the contract, or of MDBList with a copy of the list."""
    if not route:
        return case.full.answers
    known = [{"id": 7, "name": case.list_id, "source": case.provider, "url": case.list_id}]
    entries = [{"id": n, "title": f"Film {n}", "mediatype": "movie", "release_year": 2000} for n in range(1, 4)]
    return lambda asked: (
        Served(known)
        if asked.path.endswith("/user")
        else Served({"movies": entries, "shows": []}, headers={"X-Has-More": "false", "X-Total-Items": "3"})
    )


ROUTES = pytest.mark.parametrize(("provider", "route"), FIRST_ROUTES + MIRRORS)


@ROUTES
def test_a_source_that_works_is_ok(provider, route, monkeypatch):
    case = CASE_OF[provider]

    reading = look(case, good(case, route), monkeypatch, route)

    assert reading.state is RouteState.OK, reading.reason
    assert reading.entries >= 1


@ROUTES
@pytest.mark.parametrize(("answers", "state"), [(blocked, RouteState.BLOCKED), (drifted, RouteState.DRIFTED)])
def test_a_source_that_blocks_or_drifts_is_named_so(provider, route, answers, state, monkeypatch):
    assert look(CASE_OF[provider], answers, monkeypatch, route).state is state


@pytest.mark.parametrize(
    ("provider", "answers", "state"),
    [
        ("imdb", Served("Too many network requests", 429), RouteState.RATE_LIMITED),
        ("mdblist", Served({"error": "slow down"}, 429, {"Retry-After": "3600"}), RouteState.RATE_LIMITED),
        ("stevenlu", Served({"message": "oops"}, 500), RouteState.DOWN),
        ("imdb", CASE_OF["imdb"].private.answers[0], RouteState.PRIVATE),
        ("imdb", CASE_OF["imdb"].missing.answers[0], RouteState.MISSING),
        ("tmdb", Served({"status_code": 7, "status_message": "Invalid API key"}, 401), RouteState.NEEDS_KEY),
    ],
)
def test_every_other_state_has_a_name_of_its_own(provider, answers, state, monkeypatch):
    assert look(CASE_OF[provider], [answers], monkeypatch).state is state


@ROUTES
def test_a_source_that_hangs_is_down_after_its_time(provider, route, hanging, monkeypatch):
    reading = look(CASE_OF[provider], hanging, monkeypatch, route, seconds=0.2)

    assert (reading.state, reading.reason) == (RouteState.DOWN, "not read to its end within 0.2 s")


@ROUTES
def test_a_source_that_answers_less_than_it_must_have_is_no_success(provider, route, monkeypatch):
    case = CASE_OF[provider]

    few = look(case, good(case, route), monkeypatch, route, least=100)
    others = look(case, good(case, route), monkeypatch, route, holds=("tt99999999",))

    assert few.state is others.state is RouteState.SHORT
    assert "where there are at least 100" in few.reason
    assert "without tt99999999" in others.reason


def test_the_table_has_a_list_of_every_source_that_each_source_accepts():
    lists = load_public_lists()

    for one in lists:
        assert get_provider(one.provider).info.accepts(one.id)
        assert get_provider(one.provider).info.build_ref(one.id).list_id == one.id
    assert {one.provider for one in lists} == available_providers().keys() - {"file"}


def reading(provider="imdb", route="graphql", name="top", state=RouteState.OK, reason="") -> RouteReading:
    return RouteReading(provider, route, name, state, reason=reason)


def test_a_fault_of_one_list_is_told_from_one_of_the_route():
    odd = reading(name="ls1", state=RouteState.DRIFTED, reason="no edges")

    (one,) = sum_up([reading(), odd])
    (all_of_them,) = sum_up([replace(odd, list="top"), odd])

    assert (one.state, one.text) == (RouteState.DRIFTED, "only ls1, other lists are read: no edges")
    assert (all_of_them.state, all_of_them.text) == (RouteState.DRIFTED, "all 2 lists that were tried: no edges")


def test_a_machine_is_offline_only_if_several_sources_and_nothing_else_are_down():
    down = [reading(name, state=RouteState.DOWN) for name in ("imdb", "mdblist")]

    assert is_offline([*down, reading("trakt", state=RouteState.NOT_TRIED)])
    assert not is_offline(down[:1])
    assert not is_offline([*down, reading("trakt", state=RouteState.BLOCKED)])
    assert not is_offline([])


def test_a_host_that_is_down_is_not_asked_for_a_second_list(hanging, monkeypatch):
    with ScriptedServer(hanging) as server:
        monkeypatch.setenv("IMDB_BASE_URL", server.url)
        settings = load_settings(providers=available_providers())
        lists = [PublicList("imdb", "top"), PublicList("imdb", "ls000000017")]
        readings = list(look_at_sources(settings, lists, stop=threading.Event(), seconds=0.2))

    assert [one.list for one in readings if one.route == "graphql"] == ["top"]
    assert len(server.asked) == 1


@pytest.fixture
def closed(monkeypatch):
    """Lead every source to a port where none listens."""
    monkeypatch.setenv("RETRY_ATTEMPTS", "1")
    for name in available_providers():
        monkeypatch.setenv(f"{name.upper()}_BASE_URL", CLOSED)


def test_without_a_network_there_is_one_sentence_and_nothing_is_written(cli, home, closed):
    answer = cli("check", "--sources")

    assert answer.code == 3
    assert answer.lines == [NO_NETWORK]
    assert list(home.iterdir()) == []


def test_the_table_fits_80_columns_and_says_which_routes_work(cli, closed, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: False, raising=False)
    with ScriptedServer(blocked) as server:
        monkeypatch.setenv("IMDB_BASE_URL", server.url)
        answer = cli("check", "--sources")

    assert answer.code == 1
    assert max(map(len, answer.lines)) <= 80
    assert any(line.startswith("imdb:top ") and "blocked" in line for line in answer.lines)
    assert "needs TRAKT_CLIENT_ID" in answer.out
    assert "0 of 5 routes that could be tried work" in answer.lines


def test_json_has_every_reading_and_what_each_route_came_to(cli, closed):
    answer = cli("check", "--sources", "--json")

    document = json.loads(answer.out)
    assert (document["offline"], document["exit_code"]) == (True, 3)
    assert {"provider": "tmdb", "route": "api", "state": "not_tried", "text": "needs TMDB_KEY"} in document["routes"]
    (first, *_) = document["readings"]
    assert {name: first[name] for name in ("provider", "route", "list", "state", "entries", "complete")} == {
        "provider": "imdb",
        "route": "graphql",
        "list": "top",
        "state": "down",
        "entries": None,
        "complete": False,
    }


@pytest.mark.parametrize("other", [["--offline"], ["--config", "lists.yaml"]])
def test_what_does_not_go_with_it_is_refused(cli, other):
    answer = cli("check", "--sources", *other)

    assert (answer.code, answer.out) == (2, "")
    assert "--sources is used without --offline and without --config" in answer.err
