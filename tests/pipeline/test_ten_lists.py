"""Ten lists of which four fail in four ways: six arrive, four are named, and they are tried again in time."""

from datetime import timedelta

import pytest

from list_sync.api.overseerr import OverseerrClient
from list_sync.commands.report import print_report
from list_sync.config import load_settings
from list_sync.main import Session
from list_sync.model.exit_codes import ExitCode
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.providers import available_providers
from list_sync.storage.lists import find_lists
from tests.builders import NOON
from tests.fakes.scripted_server import Asked, ScriptedServer, Served

GOOD = [f"someone/list-{number}" for number in range(1, 7)]
BAD = {
    "someone/blocked": (
        Served("<html>Just a moment...</html>", 403, {"Server": "cloudflare", "Retry-After": "7200"}),
        "blocked",
    ),
    "someone/private": (Served(b"", 404), "not found, or private"),
    "someone/changed": (Served("<!DOCTYPE html><html><title>Trakt</title></html>"), "web page"),
    "someone/broken": (Served({"message": "oops"}, 500), "trouble"),
}


def film(number: int) -> dict[str, object]:
    return {
        "type": "movie",
        "movie": {"title": f"Synthetic Film {number:06d}", "year": None, "ids": {"tmdb": 5_000_000 + number}},
    }


class Trakt:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_well = False

    def __call__(self, asked: Asked) -> Served:
        _, _, user, _, name, _ = asked.path.split("/")
        self.asked.append(f"{user}/{name}")
        if f"{user}/{name}" in BAD and not self.is_well:
            return BAD[f"{user}/{name}"][0]
        first = 10 * (GOOD.index(f"{user}/{name}") if f"{user}/{name}" in GOOD else 9)
        counts = {"X-Pagination-Page-Count": "1", "X-Pagination-Item-Count": "3"}
        return Served([film(first + number) for number in range(3)], headers=counts)

    def take_asked(self) -> set[str]:
        taken, self.asked = set(self.asked), []
        return taken


class Installation:
    """One data folder and server, and a clock that the test moves."""

    def __init__(self, folder, demo, source_url) -> None:
        env = {
            "TRAKT_LISTS": ",".join([*GOOD, *BAD]),
            "TRAKT_CLIENT_ID": "test-client",
            "TRAKT_BASE_URL": source_url,
            "DATA_DIR": str(folder / "data"),
            "RETRY_ATTEMPTS": "1",
            "CACHE_TTL": "60",
            "SELENIUM_POOL_SIZE": "0",
        }
        self.settings = load_settings(env, providers=available_providers(), dotenv=None)
        self.now = NOON
        self.demo = demo

    def sync(self, mode=SyncMode.AUTOMATED, *, hours=0.0):
        self.now += timedelta(hours=hours)
        client = OverseerrClient(self.demo.url, self.demo.api_key)
        with Session(self.settings, client=client, now=lambda: self.now) as session:
            report = session.sync(mode=mode)
            with session.store.reading() as connection:
                self.lists = {record.list_id: record for record in find_lists(connection, HOME)}
        self.fetched = {result.source.list_id: result for result in report.fetched}
        return report


@pytest.fixture
def trakt():
    return Trakt()


@pytest.fixture
def installation(tmp_path, demo, trakt):
    with ScriptedServer(trakt) as server:
        yield Installation(tmp_path, demo, server.url)


def test_six_of_ten_lists_arrive_and_the_report_names_the_four(installation, capsys):
    report = installation.sync()

    assert report.exit_code == ExitCode.FAILURES
    assert report.error is None
    assert {result.source.list_id for result in report.failed_lists} == set(BAD)
    assert sum(result.state is FetchState.COMPLETE for result in report.fetched) == 6
    assert report.counts == {"requested": 18}
    for result in report.failed_lists:
        assert BAD[result.source.list_id][1] in result.reason
        assert result.reason.endswith("(TRAKT_LISTS)")

    blocked = next(result for result in report.failed_lists if result.source.list_id == "someone/blocked")
    assert "tried again after 2026-11-22 14:00 UTC" in blocked.reason

    print_report(report)
    printed = capsys.readouterr().out
    assert all(f"trakt:{list_id}" in printed for list_id in BAD)


def test_the_database_says_how_each_list_was_tried(installation):
    installation.sync()

    for records in (installation.lists, installation.fetched):
        blocked = records["someone/blocked"]
        assert blocked.state is FetchState.FAILED
        assert [attempt.outcome.value for attempt in blocked.attempts][:2] == ["blocked", "needs_key"]
        assert blocked.backoff_until == NOON + timedelta(hours=2)
        assert [attempt.outcome.value for attempt in records["someone/list-1"].attempts] == ["served"]


def test_the_next_scheduled_runs_try_the_four_when_their_backoff_says_so(installation, trakt):
    installation.sync()
    assert trakt.take_asked() == {*GOOD, *BAD}

    # Cloudflare asked for two hours; the others may be tried by the very next run.
    installation.sync(hours=0.1)
    assert trakt.take_asked() == {*GOOD, *BAD} - {"someone/blocked"}
    skipped = installation.fetched["someone/blocked"]
    assert [attempt.outcome.value for attempt in skipped.attempts] == ["skipped"]

    # The third failure in a row asks for five minutes, and a run three minutes later leaves them alone.
    installation.sync(hours=0.1)
    trakt.take_asked()
    report = installation.sync(hours=0.05)
    assert trakt.take_asked() == set(GOOD)
    assert report.exit_code == ExitCode.FAILURES
    assert all("left alone until" in result.reason for result in report.failed_lists)

    trakt.is_well = True
    report = installation.sync(hours=2)
    assert trakt.take_asked() == {*GOOD, *BAD}
    assert report.exit_code == ExitCode.OK
    assert all(record.backoff_until is None for record in installation.lists.values())


def test_a_manual_sync_tries_all_at_once(installation, trakt):
    for _ in range(4):
        installation.sync(hours=0.1)
    trakt.take_asked()
    installation.sync(SyncMode.MANUAL, hours=0.1)

    assert trakt.take_asked() == {*GOOD, *BAD}


def test_lists_that_fail_later_are_their_copies_and_lose_nothing(installation, trakt):
    trakt.is_well = True
    before = installation.sync()
    trakt.is_well = False
    report = installation.sync(hours=1)

    stale = [result for result in report.fetched if result.state is FetchState.STALE]
    assert {result.source.list_id for result in stale} == set(BAD)
    assert all(result.copied_at == NOON and "1 hours" not in result.reason for result in stale)
    assert len(report.outcomes) == len(before.outcomes)
    assert report.exit_code == ExitCode.FAILURES
    assert installation.lists["someone/broken"].copied_at == NOON


def test_a_second_manual_sync_asks_nobody_until_it_is_told_to(installation, trakt):
    installation.sync(SyncMode.MANUAL)
    trakt.take_asked()
    installation.sync(SyncMode.MANUAL)

    assert trakt.take_asked() == set(BAD)
    assert installation.lists["someone/list-1"].attempts[0].route == "cache"


def test_whoever_says_that_a_list_changed_gets_it_read(installation, trakt):
    installation.sync()
    trakt.take_asked()
    installation.sync(SyncMode.WEBHOOK)

    assert set(GOOD) <= trakt.take_asked()
