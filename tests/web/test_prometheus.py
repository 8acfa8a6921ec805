"""What we ship for Prometheus and Grafana, with the real Prometheus and syncs whose counts are known."""

import json
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from statistics import mean

import pytest
from sqlalchemy import select

from list_sync.database.schema import sync_history
from list_sync.errors import ServiceUnavailable
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.runs import RunStatus
from list_sync.model.terms import Terms
from list_sync.model.waiting import WaitingCause
from list_sync.storage.journal import RequestJournal
from list_sync.version import __version__
from list_sync.web.watching.metrics import DURATION_BUCKETS
from tests.builders import NOON, an_item
from tests.fakes.patience import wait_until
from tests.fakes.prometheus_server import NEEDED, SHIPPED, PrometheusServer
from tests.fakes.shelf import Bench, synthetic
from tests.storage.recording import asked, run, unmatched
from tests.web.conftest import NOW

DASHBOARD = json.loads((SHIPPED / "grafana" / "dashboards" / "listsync.json").read_text(encoding="utf-8"))
RANGE_SECONDS = 3600

pytestmark = NEEDED


def expressions():
    """Return every expression of the dashboard by its panel, in order."""
    return {panel["title"]: [target["expr"] for target in panel["targets"]] for panel in DASHBOARD["panels"]}


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], cwd=SHIPPED, capture_output=True, text=True, check=False)


def test_promtool_accepts_configuration_and_rules():
    config, rules = promtool("check", "config", "prometheus.yml"), promtool("check", "rules", "rules.yml")

    assert (config.returncode, rules.returncode) == (0, 0), config.stderr + rules.stderr


def test_every_alert_is_tested_by_promtool():
    alerts = set(re.findall(r"alert: (\w+)", (SHIPPED / "rules.yml").read_text(encoding="utf-8")))
    tested = set(
        re.findall(r"alertname: (\w+)\n +exp_alerts", (SHIPPED / "rules_test.yml").read_text(encoding="utf-8"))
    )
    done = promtool("test", "rules", "rules_test.yml")

    assert tested == alerts
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def service(store, start_service):
    """A service whose database holds a title to review, so that its counters are 0 at the first scrape."""
    run(store, unmatched(an_item("Heat")), is_full_run=False)
    return start_service()


@pytest.fixture
def prometheus(service, tmp_path):
    server = PrometheusServer(tmp_path, f"127.0.0.1:{service.service.ports[0]}")
    yield server
    server.stop()


def sync_twice(bench):
    """Sync two lists with a cap, and again without, when one of them fails; return the reports."""
    films, more = [synthetic(number) for number in range(1, 6)], [synthetic(6)]
    first = bench.sync_lists({"films": (films, Terms()), "more": (more, Terms())}, max_requests_per_run=2)
    failure = ServiceUnavailable("shelf", "no answer")
    return first, bench.sync_lists({"films": (films, Terms()), "more": (failure, Terms())})


def leave_requests_open(store, server_id):
    """Write one request whose result is not known, and two that vanished."""
    journal = RequestJournal(store, server_id=server_id, run_id=2, now=lambda: NOON)
    vanished = [journal.intend(asked(tmdb_id=number).decision) for number in range(3)][1:]
    journal.mark(vanished, RequestState.VANISHED)


def find_durations(store):
    """Return how many seconds each sync took, as the store says."""
    columns = sync_history.c
    with store.reading() as connection:
        rows = connection.execute(select(columns.sync_started, columns.sync_completed).where(columns.reads > 0)).all()
    return [(end - start).total_seconds() for start, end in rows]


@dataclass
class Grown:
    """What `increase` gives for counters that grew by so much from 0, and `rate` a second.

    Prometheus adds what it believes to have happened since its last look: the same part to each counter.
    """

    counts: dict
    range_seconds: float = 1

    def __eq__(self, figures):
        factors = [figures[key] * self.range_seconds / count for key, count in self.counts.items() if count]
        is_alike = max(factors) == pytest.approx(min(factors))
        return (
            is_alike
            and 1 <= factors[0] < 2
            and sum(figures.values()) == pytest.approx(sum(self.counts.values()) * factors[0] / self.range_seconds)
        )


@dataclass
class Within:
    """Any number up to a limit."""

    limit: float

    def __eq__(self, figure):
        return 0 < figure <= self.limit


def every(values, **counts):
    """Return the count of each value of a label, 0 unless it is given."""
    return {(value,): counts.get(value, 0) for value in values}


def test_every_expression_of_the_dashboard_gives_what_really_happened_and_every_alert_can_be_evaluated(
    service, store, prometheus, demo, tmp_path
):
    service.daemon.next_sync = NOW
    assert service.post("/api/backups").status_code == 201
    wait_until(lambda: prometheus.query("listsync_titles{status='needs_review'} == 1"), "a scrape before the syncs")
    first, second = sync_twice(Bench(tmp_path, demo, name=store.path.stem))
    leave_requests_open(store, server_id=1)
    # The time of that scrape: a later one may fail on a busy machine, and its series would be gone.
    scraped = "timestamp(listsync_vanished_requests) and listsync_vanished_requests == 2"
    at = wait_until(lambda: prometheus.query(scraped), "a scrape after the syncs")[()]

    shown = {
        title: [prometheus.query(fill(expression), at=at) for expression in of_panel]
        for title, of_panel in expressions().items()
    }

    def age(moment):
        return pytest.approx(at - moment.replace(microsecond=0).timestamp(), abs=0.01)

    films, more = ((f"{tmp_path}/{name}", "shelf") for name in ("films", "more"))
    durations = find_durations(store)
    examined = {"requested": 5, "waiting": 4, "already_requested": 2}
    calls = {("read",): first.calls.reads + second.calls.reads, ("write",): first.calls.writes + second.calls.writes}
    assert Counter(first.counts) + Counter(second.counts) == examined
    assert shown == {
        "Sync Success Rate": [{(): pytest.approx(100 * 5 / 11)}],
        "Items Processed Over Time": [Grown(every(ItemStatus, **examined), RANGE_SECONDS)],
        "Active Lists by Provider": [{("shelf",): 2}],
        "Last Sync": [{(): age(second.finished_at)}],
        "Next Sync": [{(): NOW.timestamp() * 1000}],
        "Syncs Now": [{(): 0}],
        "Lists Not Read in Full": [{(): 1}],
        "Titles to Review": [{(): 1}],
        "Requests to Settle": [{(): 1}, {(): 2}],
        "Lists": [
            {(*films, "complete"): 1, (*more, "failed"): 1},
            {(films[0], "shelf", "api"): 1, (more[0], "shelf", "api"): 1},
            {films: 5, more: 1},
            {films: 5},
            {films: age(second.fetched[0].fetched_at), more: age(first.fetched[1].fetched_at)},
        ],
        "Sources That Do Not Work": [
            {("down", "shelf", "api"): pytest.approx(at - second.finished_at.timestamp(), abs=0.01)}
        ],
        "Last Good Backup": [{(): 0}],
        "Backups That Fail": [{(): 0}],
        "Waiting Titles": [every(WaitingCause, run_cap=1)],
        "Titles by State": [every(ItemStatus, requested=5, waiting=1, needs_review=1)],
        "Syncs by Result": [Grown(every([status for status in RunStatus if status.is_over], completed=2))],
        "Sync Duration": [{(): pytest.approx(mean(durations))}, {(): Within(bucket_of(max(durations)))}],
        "Server Calls of the Last Sync": [{("read",): second.calls.reads, ("write",): second.calls.writes}],
        "Server Calls": [Grown(calls, RANGE_SECONDS)],
        "Memory": [{(): Within(1e9)}],
        "Version": [{(__version__,): 1}],
    }
    rules = wait_until(lambda: find_evaluated_rules(prometheus), "the evaluation of all rules")
    assert {rule["health"] for rule in rules} == {"ok"}


def bucket_of(seconds):
    """Return the upper end of the bucket that a duration belongs to."""
    return next(bound for bound in DURATION_BUCKETS if seconds <= bound)


def fill(expression):
    """Return an expression with the range that a dashboard of one hour puts in."""
    return re.sub(r"\$__(range|rate_interval)\b", f"{RANGE_SECONDS}s", expression)


def find_evaluated_rules(prometheus):
    """Return the rules once each was evaluated."""
    rules = prometheus.ask("rules")["groups"][0]["rules"]
    return rules if all(rule["health"] != "unknown" for rule in rules) else []
