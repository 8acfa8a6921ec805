"""One suite that every registered provider passes; the rows and their form are described in contract.py."""

import importlib
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from list_sync.api.http.client import HttpClient
from list_sync.database.store import open_store
from list_sync.fetching.pool import fetch_lists
from list_sync.fetching.reuse import Reuse
from list_sync.model.servers import HOME
from list_sync.model.sources import AttemptOutcome, FetchResult, FetchState, ListRef
from list_sync.providers import FetchContext, available_providers, get_provider
from list_sync.storage.list_memory import ListMemory
from tests.fakes.scripted_server import Asked, ScriptedServer, Served
from tests.providers.contract import Answers, Expected, ProviderCase

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CASES: tuple[ProviderCase, ...] = tuple(
    case
    for path in sorted(Path(__file__).parent.glob("contract_cases_*.py"))
    for case in importlib.import_module(f"tests.providers.{path.stem}").CASES
)
CLOUDFLARE = {"Server": "cloudflare", "Content-Type": "text/html"}
BAD_ANSWERS = {
    "a WAF challenge with a page": (
        Served("<html><script>window.gokuProps = {}</script></html>", 202, {"x-amzn-waf-action": "challenge"}),
        "blocked",
    ),
    "a WAF challenge without a body": (Served(b"", 202, {"x-amzn-waf-action": "challenge"}), "blocked"),
    "Cloudflare's 403": (Served("<html><title>Just a moment...</title></html>", 403, CLOUDFLARE), "blocked"),
    "Cloudflare's 1015": (
        Served("<html>error code: 1015</html>", 429, {**CLOUDFLARE, "Retry-After": "300"}),
        "rate limited",
    ),
    "a rate limit": (Served({"error": "slow down"}, 429, {"Retry-After": "3600"}), "rate limited"),
    "a web page": (Served("<!DOCTYPE html><html><title>Welcome</title></html>"), "web page"),
    "an error 500": (Served({"message": "oops"}, 500), "trouble"),
    "nothing at all": (Served(b""), ""),
    "JSON null": (Served(b"null"), ""),
    "a JSON number": (Served(b"42"), ""),
    "another service's JSON": (Served({"hello": "world"}), ""),
    "an array of numbers": (Served([1, 2, 3]), ""),
    "garbage": (Served(bytes(range(256)) * 20), ""),
    "a connection that ends before the answer": (Served(b"x", cut_after=-1), "ended the connection"),
}
# What only the provider's own parser can refuse.
STRANGE_CONTENT = ("nothing at all", "JSON null", "a JSON number", "another service's JSON", "an array of numbers")


def read(
    case: ProviderCase,
    answers: Answers = (),
    *,
    timeout_seconds: float = 5.0,
    now: datetime = NOW,
    server: ScriptedServer | None = None,
    **more: object,
) -> FetchResult:
    with nullcontext(server) if server else ScriptedServer(answers) as server:
        source = ListRef(case.provider, case.list_id.replace("{url}", server.url))
        http = HttpClient(case.provider, timeout_seconds=timeout_seconds, retry_attempts=1)
        context = FetchContext(
            http=http,
            base_url=server.url,
            overridden=True,
            credentials={**case.credentials, **more.pop("credentials", {})},
            base_urls={case.provider: server.url, "mdblist": server.url},
            limit=case.limit,
            list_id=source.list_id,
            pace_seconds=0,
        )
        (result,) = fetch_lists(
            [source], make_context=lambda _: context, workers=1, stop=threading.Event(), now=lambda: now, **more
        )
        http.close()
    assert result.source == source
    assert result.fetched_at == (result.copied_at or now)
    return result


def assert_met(result: FetchResult, expected: Expected, state: FetchState) -> None:
    assert (result.state, result.reason) == (expected.state or state, result.reason)
    assert len(result.items) == expected.count
    assert result.unsupported == expected.unsupported
    if expected.words:
        assert expected.words in (result.reason or "")


def assert_failed_by_name(result: FetchResult, case: ProviderCase, words: str) -> None:
    setting = get_provider(case.provider).info.lists_setting
    assert (result.state, result.items) == (FetchState.FAILED, ())
    assert result.reason is not None
    assert "\n" not in result.reason
    assert str(result.source) not in result.reason.replace(f"list-sync lists test {result.source.name}", "")
    assert setting in result.reason
    assert words in result.reason
    for secret in case.credentials.values():
        assert secret not in result.reason


def first_answers(answers: Answers) -> Sequence[Served]:
    assert not callable(answers), "write the answers of `full` and `paged` as a sequence"
    return answers


def having(attribute: str) -> list[object]:
    found = [pytest.param(case, id=case.label) for case in CASES if getattr(case, attribute) is not None]
    return found or [pytest.param(None, marks=pytest.mark.skip(reason=f"no provider has a row {attribute}"))]


every_case = pytest.mark.parametrize("case", [pytest.param(case, id=case.label) for case in CASES])


def test_every_registered_provider_has_a_row():
    bundled = {
        name for name in available_providers() if get_provider(name).routes[0].fetch.__module__.startswith("list_sync.")
    }

    assert bundled == {case.provider for case in CASES}


@every_case
def test_a_missing_row_is_explained(case: ProviderCase):
    for attribute in ("empty", "paged", "repeated", "private", "missing"):
        assert (getattr(case, attribute) is None) == (attribute in case.without), attribute


@every_case
def test_a_whole_list_is_complete(case: ProviderCase):
    assert_met(read(case, case.full.answers), case.full, FetchState.COMPLETE)


@pytest.mark.parametrize("case", having("empty"))
def test_a_list_that_is_recognised_as_empty_is_complete_without_items(case: ProviderCase):
    assert_met(read(case, case.empty.answers), case.empty, FetchState.COMPLETE)


@pytest.mark.parametrize("case", having("paged"))
def test_all_pages_are_read(case: ProviderCase):
    assert_met(read(case, case.paged.answers), case.paged, FetchState.COMPLETE)


@pytest.mark.parametrize("case", having("repeated"))
def test_a_source_that_repeats_its_page_is_left_and_never_complete(case: ProviderCase):
    result = read(case, case.repeated)

    assert result.state is not FetchState.COMPLETE
    assert result.reason


@pytest.mark.parametrize("case", having("private"))
def test_a_private_list_fails_by_name(case: ProviderCase):
    assert_failed_by_name(read(case, case.private.answers), case, case.private.words)


@pytest.mark.parametrize("case", having("missing"))
def test_a_missing_list_fails_by_name(case: ProviderCase):
    assert_failed_by_name(read(case, case.missing.answers), case, case.missing.words)


@pytest.mark.parametrize(
    ("case", "name"),
    [pytest.param(case, name, id=f"{case.label}-{name}") for case in CASES for name in case.others]
    or [pytest.param(None, "", marks=pytest.mark.skip(reason="no provider has other rows"))],
)
def test_what_else_a_source_answers(case: ProviderCase, name: str):
    expected = case.others[name]
    result = read(case, expected.answers)

    if expected.state is FetchState.FAILED:
        assert_failed_by_name(result, case, expected.words)
    else:
        assert_met(result, expected, FetchState.COMPLETE)


@every_case
def test_a_bad_answer_is_a_failed_list_with_a_reason(case: ProviderCase):
    # What the HTTP client recognises is the same for every list of a provider.
    is_first = case is next(other for other in CASES if other.provider == case.provider)
    for name in BAD_ANSWERS if is_first else STRANGE_CONTENT:
        answer, words = BAD_ANSWERS[name]
        assert_failed_by_name(read(case, [answer]), case, words)


@every_case
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_an_answer_that_breaks_off_is_a_failed_list(case: ProviderCase, share: float):
    whole = first_answers(case.full.answers)[0]
    truncated = replace(whole, body=whole.content[: int(len(whole.content) * share)])
    died = replace(whole, cut_after=int(len(whole.content) * share))

    assert_failed_by_name(read(case, [truncated]), case, "")
    assert_failed_by_name(read(case, [died]), case, "ended the connection")


@every_case
def test_a_slow_source_is_given_up_in_time(case: ProviderCase):
    whole = first_answers(case.full.answers)[0]
    dripping = replace(whole, body=whole.content.ljust(2000), slow_bytes=True)

    assert_failed_by_name(read(case, [dripping], timeout_seconds=0.1), case, "")


@pytest.mark.parametrize("case", having("paged"))
def test_a_bad_answer_on_the_second_page_leaves_a_partial_list(case: ProviderCase):
    first = first_answers(case.paged.answers)[0]
    for name in ("Cloudflare's 403", "garbage", *STRANGE_CONTENT):
        result = read(case, [first, BAD_ANSWERS[name][0]])
        assert result.state is FetchState.PARTIAL, name
        assert 0 < len(result.items) < case.paged.count, name
        assert result.expected is not None, name
        assert result.reason, name


@pytest.mark.parametrize("case", having("paged"))
def test_a_page_smaller_than_what_was_asked_for_is_not_the_end(case: ProviderCase):
    first, *_ = first_answers(case.paged.answers)
    served: list[Served] = []

    def serve(_: Asked) -> Served:
        served.append(first_answers(case.paged.answers)[min(len(served), len(case.paged.answers) - 1)])
        return served[-1]

    assert_met(read(case, serve), case.paged, FetchState.COMPLETE)
    assert len(served) > 1
    assert served[0] == first


@pytest.mark.parametrize("case", [pytest.param(case, id=case.label) for case in CASES if "{url}" not in case.list_id])
def test_the_last_good_copy_stands_in_with_its_age(case: ProviderCase, tmp_path: Path):
    # At one address: the copy of a private list belongs to the account there.
    with open_store(tmp_path / "copies.db") as store, ScriptedServer(case.full.answers) as server:
        reuse = Reuse(ListMemory(store, HOME))
        before = read(case, server=server, reuse=reuse)
        server.break_down(BAD_ANSWERS["a WAF challenge with a page"][0])
        stale = read(case, server=server, now=NOW + timedelta(hours=5), reuse=reuse)

    assert (stale.state, stale.items, stale.copied_at) == (FetchState.STALE, before.items, NOW)
    assert "the copy of 2026-11-01 12:00 UTC stands in" in (stale.reason or "")
    assert AttemptOutcome.BLOCKED in {attempt.outcome for attempt in stale.attempts}


MIRROR_ENTRIES = [{"id": 7, "title": "Mirrored", "mediatype": "movie", "release_year": 2001}]
MIRRORED = [
    pytest.param(case, id=case.label)
    for case in CASES
    if any(route.name == "mdblist" for route in get_provider(case.provider).routes_of(case.list_id))
]


@pytest.mark.parametrize("case", MIRRORED)
@pytest.mark.parametrize("name", ["a WAF challenge without a body", "Cloudflare's 403", "Cloudflare's 1015"])
def test_the_mirror_serves_where_the_first_way_is_blocked(case: ProviderCase, name: str):
    def serve(asked: Asked) -> Served:
        if asked.path == "/external/lists/user":
            return Served([{"id": 5, "name": case.list_id, "source": case.provider}])
        if asked.path == "/external/lists/5/items":
            return Served(MIRROR_ENTRIES, headers={"X-Has-More": "false"})
        return BAD_ANSWERS[name][0]

    result = read(case, serve, credentials={"MDBLIST_API_KEY": "key-of-the-mirror"})

    assert (result.state, result.route, len(result.items)) == (FetchState.COMPLETE, "mdblist", 1)
    assert [attempt.outcome for attempt in result.attempts][-1] is AttemptOutcome.SERVED
    # A way before it may have nothing of the list, such as the user's own exports.
    assert result.attempts[0].outcome in (AttemptOutcome.BLOCKED, AttemptOutcome.SKIPPED)


def test_the_mirror_is_a_way_of_the_providers_that_need_one():
    assert {case.values[0].provider for case in MIRRORED} >= {"imdb", "trakt"}
