"""The routes of a list: which are tried, which one serves, and what is told of the others."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    InvalidListId,
    NeedsVip,
    Private,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.sources import AttemptOutcome, FetchResult, FetchState, ListRef, Page
from list_sync.model.titles import MediaItem, MediaType
from list_sync.providers import FetchContext, add_route, get_provider, register_provider
from tests.fakes.one_list import fetch_list

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ERRORS = {
    "blocked": Blocked("winding", "blocked: a challenge", retry_after=90),
    "private": Private("winding", "private: make it public"),
    "missing": ResourceNotFound("winding", "not found"),
    "needs_key": AuthenticationFailed("winding", "WINDING_KEY is not set"),
    "needs_vip": NeedsVip("winding", "only for VIP members"),
    "rate_limited": RateLimited("winding", "rate limited", retry_after=60),
    "drifted": UnexpectedResponse("winding", "a web page, expected JSON"),
    "down": ServiceUnavailable("winding", "no connection"),
    "refused": Refused("winding", "locked"),
}


def films(count: int) -> list[MediaItem]:
    return [MediaItem(f"Film {number}", MediaType.MOVIE, 2000) for number in range(count)]


def read(words: str) -> Iterator[Page]:
    """Read what the words say: `all:5`, `some:3/5`, `unproven:4`, `broken:3` or the name of an error."""
    kind, _, numbers = words.partition(":")
    if kind in ERRORS:
        raise ERRORS[kind]
    count, _, total = numbers.partition("/")
    yield Page(films(int(count)), total=None if kind in ("unproven", "broken") else int(total or count))
    if kind == "broken":
        raise ERRORS["down"]


@register_provider("winding", route="direct")
def fetch_directly(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    yield from read(list_id.split("|")[0])


@add_route("winding", "mirror", needs=["WINDING_KEY"])
def fetch_mirror(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    yield from read(list_id.split("|")[1])


@add_route("winding", "page", serves=lambda list_id: list_id.count("|") == 2)
def fetch_page(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    yield from read(list_id.split("|")[2])


def fetch(list_id: str, *, credentials: Mapping[str, str] | None = None) -> FetchResult:
    keys = {"WINDING_KEY": "k"} if credentials is None else credentials
    context = FetchContext(http=HttpClient("winding"), credentials=keys)
    return fetch_list(
        ListRef("winding", list_id), make_context=lambda _: context, stop=threading.Event(), now=lambda: NOW
    )


def test_every_page_is_counted_while_the_list_is_read():
    pages: list[None] = []
    context = FetchContext(http=HttpClient("winding"), on_page=lambda: pages.append(None))

    fetch_list(
        ListRef("winding", "all:5|all:5|all:5"), make_context=lambda _: context, stop=threading.Event(), now=lambda: NOW
    )

    assert len(pages) == 1


def told(result: FetchResult) -> list[tuple[str, str]]:
    return [(attempt.route, attempt.outcome.value) for attempt in result.attempts]


def test_the_first_route_that_gives_the_whole_list_ends_the_search():
    result = fetch("all:5|all:5|all:5")

    assert (result.state, result.route, len(result.items)) == (FetchState.COMPLETE, "direct", 5)
    assert told(result) == [("direct", "served")]


def test_the_next_route_serves_where_the_first_is_blocked():
    result = fetch("blocked|all:5")

    assert (result.state, result.route, result.reason) == (FetchState.COMPLETE, "mirror", None)
    assert told(result) == [("direct", "blocked"), ("mirror", "served")]
    assert result.attempts[0].until == NOW + timedelta(seconds=90)
    assert "challenge" in result.attempts[0].reason


@pytest.mark.parametrize("name", ERRORS)
def test_every_failure_has_its_name(name: str):
    result = fetch(f"{name}|{name}")

    assert result.state is FetchState.FAILED
    assert {attempt.outcome for attempt in result.attempts} == {AttemptOutcome(name)}


def test_a_route_without_its_key_is_not_tried_and_says_which_key():
    result = fetch("blocked|all:5", credentials={})

    assert told(result) == [("direct", "blocked"), ("mirror", "needs_key")]
    assert "WINDING_KEY" not in (result.reason or "")
    assert "other ways: list-sync lists test winding:blocked" in (result.reason or "")
    assert (result.reason or "").endswith("(WINDING_LISTS)")


def test_a_route_that_does_not_serve_a_list_is_left_out():
    assert told(fetch("down|down")) == [("direct", "down"), ("mirror", "down")]
    assert told(fetch("down|down|all:1")) == [("direct", "down"), ("mirror", "down"), ("page", "served")]


def test_the_longest_part_is_kept_where_no_route_gives_the_whole():
    result = fetch("some:2/5|some:4/5|some:3/5")

    assert (result.state, result.route, len(result.items)) == (FetchState.PARTIAL, "mirror", 4)
    assert [attempt.outcome.value for attempt in result.attempts] == ["partial"] * 3


def test_a_mirror_that_lags_behind_its_source_is_not_the_whole_list():
    result = fetch("some:2/5|all:4")

    assert (result.state, len(result.items), result.expected) == (FetchState.PARTIAL, 4, 5)
    assert "at least 5" in (result.reason or "")


def test_a_whole_mirror_proves_what_the_source_left_open():
    result = fetch("unproven:4|all:4")

    assert (result.state, result.route) == (FetchState.COMPLETE, "mirror")
    assert told(result) == [("direct", "unproven"), ("mirror", "served")]


def test_what_was_read_before_a_break_is_kept_and_the_next_route_is_tried():
    assert fetch("broken:3|all:3").state is FetchState.COMPLETE
    result = fetch("broken:3|missing")

    assert (result.state, len(result.items)) == (FetchState.PARTIAL, 3)
    assert told(result) == [("direct", "partial"), ("mirror", "missing")]


def test_the_keys_of_all_routes_are_settings_of_the_provider():
    provider = get_provider("winding")

    assert provider.info.credentials == ("WINDING_KEY",)
    assert provider.required_credentials == ()
    assert [route.name for route in provider.routes] == ["direct", "mirror", "page"]


def test_a_route_of_the_same_name_takes_the_place_of_the_other():
    @register_provider("crossing")
    def fetch_first(list_id: str, *, context: FetchContext) -> Iterator[Page]:
        yield Page([])

    for name in ("old", "new"):

        @add_route("crossing", "mirror")
        def fetch_second(list_id: str, *, context: FetchContext, name: str = name) -> Iterator[Page]:
            yield Page([], route=name)

    routes = get_provider("crossing").routes
    context = FetchContext(http=HttpClient("crossing"))
    assert [route.name for route in routes] == ["api", "mirror"]
    assert [page.route for page in get_provider("crossing").pages("x", context, route=routes[1])] == ["new"]


def test_a_route_needs_its_provider():
    with pytest.raises(ValueError, match="register it first"):
        add_route("nobody-at-all", "mirror")


def test_a_wrong_spelling_is_asked_of_nobody():
    def check(list_id: str) -> None:
        raise InvalidListId("write a number")

    @register_provider("strict", check=check)
    def fetch_strictly(list_id: str, *, context: FetchContext) -> Iterator[Page]:
        raise AssertionError

    context = FetchContext(http=HttpClient("strict"))
    result = fetch_list(ListRef("strict", "x"), make_context=lambda _: context, stop=threading.Event())

    assert (result.state, result.attempts) == (FetchState.FAILED, ())
    assert "write a number" in (result.reason or "")
