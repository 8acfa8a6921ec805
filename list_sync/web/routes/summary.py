"""One flat answer for dashboards: Homepage, Glance, Home Assistant."""

from collections import Counter

from fastapi import APIRouter

from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import FetchState
from list_sync.storage.attention import count_attention
from list_sync.storage.lists import find_lists
from list_sync.storage.runs import find_last_success, load_past_runs
from list_sync.storage.title_search import count_statuses
from list_sync.version import __version__
from list_sync.web.entrance.access import needs
from list_sync.web.models.summary import Mood, Summary
from list_sync.web.parts import Parts

_NAMED = (
    ItemStatus.REQUESTED,
    ItemStatus.ALREADY_REQUESTED,
    ItemStatus.ALREADY_AVAILABLE,
    ItemStatus.WAITING,
    ItemStatus.NEEDS_REVIEW,
    ItemStatus.NOT_FOUND,
    ItemStatus.REQUEST_FAILED,
)
_FAILED = (RunStatus.FAILED, RunStatus.INTERRUPTED)


def routes(parts: Parts) -> APIRouter:
    """Return the route of the summary."""
    router = APIRouter(tags=["summary"], dependencies=[needs(Scope.READ)])

    @router.get("/api/summary", response_model=Summary)
    def summary() -> Summary:
        """Tell the state of everything in numbers, times and one word."""
        runs = load_past_runs(parts.store, limit=1, only_started=True)
        with parts.store.reading() as connection:
            counts = count_statuses(connection, parts.store.household)
            lists = Counter(one.state for one in find_lists(connection, parts.store.household))
            last_success = find_last_success(connection, parts.store.household)
            attention = count_attention(connection, parts.store.household)
        last = runs[0] if runs else None
        paused_until = parts.daemon.find_pause()
        trouble = parts.daemon.find_trouble() or parts.daemon.find_stall()
        needs_you = bool(attention.total or lists[FetchState.STALE] or counts.get(ItemStatus.REQUEST_FAILED))
        return Summary.model_validate(
            {
                "status": judge(
                    last, has_trouble=bool(trouble), is_paused=paused_until is not None, needs_you=needs_you
                ),
                "version": __version__,
                "last_sync_at": last_success,
                "next_sync_at": parts.daemon.find_next_sync(),
                "paused_until": paused_until,
                **_describe_last(last),
                "lists": lists.total(),
                **{f"lists_{state.value}": lists[state] for state in FetchState},
                "titles": sum(counts.values()),
                **{state.value: counts.get(state, 0) for state in _NAMED},
                "vanished": attention.vanished,
                "other_states": sum(number for state, number in counts.items() if state not in _NAMED),
            }
        )

    return router


def judge(last: Run | None, *, has_trouble: bool, is_paused: bool, needs_you: bool) -> Mood:
    """Return the one word for the state of everything."""
    if has_trouble or (last is not None and last.status in _FAILED):
        return Mood.ERROR
    if last is not None and last.status is RunStatus.RUNNING:
        return Mood.RUNNING
    if is_paused:
        return Mood.PAUSED
    return Mood.ATTENTION if needs_you else Mood.OK


def _describe_last(last: Run | None) -> dict[str, object]:
    seconds = None
    if last is not None and last.started_at is not None and last.finished_at is not None:
        seconds = max(0, round((last.finished_at - last.started_at).total_seconds()))
    return {
        "last_run_id": last and last.run_id,
        "last_run_status": last and last.status.value,
        "last_run_requested": last.items_requested if last else 0,
        "last_run_errored": last.items_errored if last else 0,
        "last_run_seconds": seconds,
    }
