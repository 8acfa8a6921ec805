"""The metrics: counters of this process, and what the store says at the moment of a scrape."""

import threading
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from prometheus_client import Counter, Histogram, Metric, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.runs import RunStatus
from list_sync.model.sources import FetchState, ListRef
from list_sync.model.waiting import WaitingCause, find_cause
from list_sync.storage.lists import find_lists
from list_sync.storage.monitoring import (
    ListFigures,
    RunFigures,
    RunPosition,
    Snapshot,
    count_lists,
    count_synced_since,
    count_waiting_reasons,
    find_run_news,
    load_snapshot,
)
from list_sync.storage.runs import is_run_in_progress
from list_sync.storage.source_faults import SourceFault, find_source_faults
from list_sync.version import __version__
from list_sync.web.parts import Parts
from list_sync.web.watching.condition import find_backup_age, find_backup_interval

DURATION_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600)
_OVER = tuple(status for status in RunStatus if status.is_over)
_CALLS = ("read", "write")
_LIST = ("provider", "list")

# The values of the labels, and the number.
Sample = tuple[tuple[str, ...], float]


class MetricsCollector(Collector):
    """Counts each run that ends, also one of another process in the folder, and reads everything else when asked.

    Dry runs are not counted. Threads may share a collector.
    """

    def __init__(self, parts: Parts) -> None:
        # They would double the number of series, and Prometheus does not use them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._parts = parts
        self._durations = Histogram(
            "listsync_sync_duration_seconds", "Time spent syncing.", buckets=DURATION_BUCKETS, registry=None
        )
        self._titles = _count(
            "listsync_items_processed", "Titles that syncs examined, by result.", "status", ItemStatus
        )
        self._runs = _count("listsync_syncs", "Syncs that ended, by result.", "status", _OVER)
        self._calls = _count("listsync_server_calls", "Calls of syncs to the media server.", "kind", _CALLS)
        self._process = ProcessCollector(registry=None)
        self._waiting: Mapping[WaitingCause, int] = {}
        self._lock = threading.Lock()
        self._position: RunPosition | None = None
        # Without a database, counting begins when there is one.
        with suppress(StorageError), parts.store.reading() as connection:
            self._position = find_run_news(connection, parts.store.household, None).position

    def collect(self) -> list[Metric]:
        """Return all metrics; raise StorageError if the database cannot be read."""
        with self._lock, self._parts.store.reading() as connection:
            snapshot = load_snapshot(connection, self._parts.store.household, self._position)
            faults = find_source_faults(find_lists(connection, self._parts.store.household))
            waiting = snapshot.titles.get(ItemStatus.WAITING, 0)
            # The reasons are long; they change with a run.
            if snapshot.news.ended or waiting != sum(self._waiting.values()):
                self._waiting = _sum_by_cause(count_waiting_reasons(connection, self._parts.store.household))
            self._position = snapshot.news.position
            for run in snapshot.news.ended:
                self._add(run)
            counters = [family for counter in self._counters() for family in counter.collect()]
        return [
            *counters,
            *_build_sync_metrics(self._parts, snapshot),
            *_build_backup_metrics(self._parts),
            *_build_list_metrics(snapshot.lists),
            _build_route_metric(faults),
            *_build_title_metrics(snapshot, self._waiting),
            *self._process.collect(),
        ]

    def _counters(self) -> tuple[Collector, ...]:
        return (self._durations, self._titles, self._runs, self._calls)

    def _add(self, run: RunFigures) -> None:
        """Count a run that ended."""
        self._runs.labels(run.status).inc()
        self._calls.labels("read").inc(run.reads)
        self._calls.labels("write").inc(run.writes)
        for status in ItemStatus:
            self._titles.labels(status).inc(run.counts.get(status, 0))
        if run.duration is not None:
            self._durations.observe(run.duration.total_seconds())


def render_metrics(collector: Collector) -> bytes:
    """Return the metrics in the text format of Prometheus; raise StorageError if the database cannot be read."""
    return generate_latest(collector)


def load_stats(store: Store, *, now: datetime) -> dict[str, object]:
    """Return the users' guide's figures: the lists, and the titles that syncs saw in the last 24 hours."""
    with store.reading() as connection:
        counts = count_synced_since(connection, store.household, now - timedelta(hours=24))
        total = count_lists(connection, store.household)
    return {"total_lists": total, "items_synced_24h": sum(counts.values()), "status_breakdown": counts}


def _count(name: str, text: str, label: str, values: Iterable[str]) -> Counter:
    """Return a counter that has every value of its label from the start."""
    counter = Counter(name, text, (label,), registry=None)
    for value in values:
        counter.labels(value)
    return counter


def _gauge(name: str, text: str, labels: tuple[str, ...] = (), samples: Iterable[Sample] = ()) -> Metric:
    gauge = GaugeMetricFamily(f"listsync_{name}", text, labels=labels)
    for values, number in samples:
        gauge.add_metric(values, number)
    return gauge


def _single(name: str, text: str, number: float | None) -> Metric:
    """Return a gauge without labels; it has no sample if the number is not known."""
    return _gauge(name, text, (), [] if number is None else [((), number)])


def _moment(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _build_sync_metrics(parts: Parts, snapshot: Snapshot) -> Iterator[Metric]:
    """Yield the last sync, the present one, and the next."""
    now = parts.now()
    last, running = snapshot.last_run, snapshot.news.running
    success = _moment(snapshot.last_success_at) or 0
    is_running = running is not None and is_run_in_progress(parts.store)
    yield _single("last_sync_timestamp", "End of the last sync that went through, 0 before the first.", success)
    yield _single("last_sync_timestamp_seconds", "The same under the name that the naming rules ask for.", success)
    calls = zip(_CALLS, (last.reads, last.writes) if last else (0, 0), strict=True)
    yield _gauge(
        "last_sync_server_calls",
        "Calls to the media server in the last sync that ended.",
        ("kind",),
        [((kind,), count) for kind, count in calls],
    )
    yield _single("sync_in_progress", "1 while a sync runs in the data folder.", is_running)
    started = _moment(running.started_at) if running and is_running else None
    yield _single("sync_started_timestamp_seconds", "Start of the sync that runs.", started)
    yield _single("next_sync_timestamp_seconds", "When the next sync is due.", _moment(parts.daemon.find_next_sync()))
    yield _single("pause_end_timestamp_seconds", "End of the present pause.", _moment(parts.daemon.find_pause()))
    refused = bool(parts.daemon.find_file_trouble())
    yield _single(
        "changed_file_refused", "1 while a changed file cannot be used, and what was read before counts.", refused
    )
    interval = parts.present.household.longest_interval(now, parts.settings.process.zone)
    yield _single("sync_interval_seconds", "Longest time between two scheduled syncs.", interval.total_seconds())
    yield _gauge("build_info", "The version of ListSync.", ("version",), [((__version__,), 1)])


def _build_backup_metrics(parts: Parts) -> Iterator[Metric]:
    """Yield how old the last good backup is, and how old it may be."""
    age, interval = _seconds(find_backup_age(parts)), _seconds(find_backup_interval(parts))
    yield _single("backup_age_seconds", "Age of the newest verified backup.", age)
    yield _single("backup_interval_seconds", "Longest time between two backups of BACKUP_SCHEDULE.", interval)
    failed = bool(parts.daemon.find_backup_trouble())
    yield _single("backup_failed", "1 while the last backup of BACKUP_SCHEDULE could not be made.", failed)


def _build_list_metrics(lists: tuple[ListFigures, ...]) -> Iterator[Metric]:
    """Yield how each list was read the last time."""
    active = Tally(one.provider for one in lists)
    yield _gauge("active_lists", "Lists by provider.", ("provider",), [((name,), n) for name, n in active.items()])
    labels = list(zip(_name_lists(lists), lists, strict=True))
    yield _gauge("list_items", "Entries that were read.", _LIST, [(name, one.entries) for name, one in labels])
    expected = [(name, one.expected) for name, one in labels if one.expected is not None]
    yield _gauge("list_expected_items", "Entries that the source states.", _LIST, expected)
    states = [((*name, state), float(one.state is state)) for name, one in labels for state in FetchState]
    yield _gauge("list_state", "1 for how far the list was read.", (*_LIST, "state"), states)
    routes = [((*name, one.route), 1) for name, one in labels]
    yield _gauge("list_route", "1 for the way by which the list was read.", (*_LIST, "route"), routes)
    copies = [(name, one.read_at.timestamp()) for name, one in labels if one.read_at is not None]
    text = "When the source gave the copy of the list that counts."
    yield _gauge("list_copy_timestamp_seconds", text, _LIST, copies)


def _build_route_metric(faults: Iterable[SourceFault]) -> Metric:
    """Return since when routes of sources do not work."""
    text = "Since when a route to a source does not work for some of its lists, and how it fails."
    values = [((one.provider, one.route, one.outcome), one.since.timestamp()) for one in faults if one.provider]
    return _gauge("route_failing_since_timestamp_seconds", text, ("provider", "route", "outcome"), values)


def _build_title_metrics(snapshot: Snapshot, waiting: Mapping[WaitingCause, int]) -> Iterator[Metric]:
    """Yield the titles in each state, why titles wait, and the requests that need care."""
    states = [((status,), snapshot.titles.get(status, 0)) for status in ItemStatus]
    yield _gauge("titles", "Known titles by their present state.", ("status",), states)
    causes = [((cause,), waiting.get(cause, 0)) for cause in WaitingCause]
    yield _gauge("waiting_titles", "Titles that wait, by cause.", ("cause",), causes)
    vanished = snapshot.requests.get(RequestState.VANISHED, 0)
    still_open = sum(snapshot.requests.values()) - vanished
    yield _single("open_requests", "Requests in the journal whose result is not known yet.", still_open)
    yield _single("vanished_requests", "Requests that vanished at once; see list-sync accept-reset.", vanished)


def _sum_by_cause(reasons: Mapping[str, int]) -> Mapping[WaitingCause, int]:
    causes: Tally[WaitingCause] = Tally()
    for reason, count in reasons.items():
        causes[find_cause(reason)] += count
    return causes


def _name_lists(lists: Iterable[ListFigures]) -> Iterator[tuple[str, str]]:
    """Yield provider and masked id of each list; lists that differ only in what is masked get a number."""
    seen: Tally[tuple[str, str]] = Tally()
    for one in lists:
        name = (one.provider, ListRef(one.provider, one.list_id).shown_id)
        seen[name] += 1
        yield name if seen[name] == 1 else (one.provider, f"{name[1]} ({seen[name]})")
