"""One flat answer for dashboards: Homepage, Glance, Home Assistant."""

from fastapi import APIRouter

from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.mood import judge
from list_sync.model.runs import Run
from list_sync.model.sources import FetchState
from list_sync.storage.standing import load_standing
from list_sync.version import __version__
from list_sync.web.entrance.access import needs
from list_sync.web.models.summary import Summary
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


def routes(parts: Parts) -> APIRouter:
    """Return the route of the summary."""
    router = APIRouter(tags=["summary"], dependencies=[needs(Scope.READ)])

    @router.get("/api/summary", response_model=Summary)
    def summary() -> Summary:
        """Tell the state of everything in numbers, times and one word."""
        standing = load_standing(parts.store)
        counts, lists = standing.titles, standing.lists
        paused_until = parts.daemon.find_pause()
        trouble = parts.daemon.find_trouble() or parts.daemon.find_stall()
        return Summary.model_validate(
            {
                "status": judge(
                    standing.last_run,
                    has_trouble=bool(trouble),
                    is_paused=paused_until is not None,
                    needs_you=standing.needs_you,
                ),
                "version": __version__,
                "last_sync_at": standing.last_success_at,
                "next_sync_at": parts.daemon.find_next_sync(),
                "paused_until": paused_until,
                **_describe_last(standing.last_run),
                "lists": lists.total(),
                **{f"lists_{state.value}": lists[state] for state in FetchState},
                "titles": sum(counts.values()),
                **{state.value: counts.get(state, 0) for state in _NAMED},
                "vanished": standing.attention.vanished,
                "other_states": sum(number for state, number in counts.items() if state not in _NAMED),
            }
        )

    return router


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
