"""What there is to say of a run, in one sentence and step by step; pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode
from list_sync.model.journal import RequestState
from list_sync.model.report import SyncMode
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import FetchState, ListKey
from list_sync.model.titles import Quality, counted
from list_sync.storage.run_lists import RunList
from list_sync.storage.run_requests import RunRequest, Sending

_STARTERS = {
    SyncMode.AUTOMATED: "schedule",
    SyncMode.MANUAL: "command line",
    SyncMode.WEBHOOK: "webhook",
    SyncMode.API: "API",
    SyncMode.FILE: "changed file",
}
_LOOKED_FOR = "What it had sent is looked for by the next sync."
# What to say of lists that were not read in full, by their states.
_SHORT = {
    FetchState.PARTIAL: ("read in part", "wait", "partial"),
    FetchState.STALE: ("from the last good copy", "wait", "stale"),
    FetchState.FAILED: ("not read", "bad", "failed"),
}
_MOST_NAMES = 3
_STATES = {
    RequestState.SENT: ("wait", "waiting", "The answer is not known yet", "The next run looks for the request first."),
    RequestState.LOST: ("wait", "sync", "An answer was lost", "It is not on the server; its title is requested again."),
    RequestState.REFUSED: ("bad", "failed", "The server refused", ""),
    RequestState.VANISHED: ("bad", "alert", "It vanished together with others", "Say on the overview what that means."),
    RequestState.WITHDRAWING: ("wait", "undo", "It was being withdrawn", "The next run looks whether it is gone."),
    RequestState.WITHDRAWN: ("idle", "undo", "It was withdrawn", ""),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run; `at` is None if its moment is not stored."""

    tone: str
    icon: str
    head: str
    text: str
    at: datetime | None


def name_starter(run: Run) -> str:
    """Return who or what started a run."""
    return run.asked_by or _STARTERS[run.mode]


def say_run(run: Run, short: Collection[RunList], undone_by: int | None) -> str:
    """Return what there is to say of a run."""
    if run.is_imported:
        requested = f"{counted(run.items_requested, 'title')} requested." if run.items_requested else "No request."
        return say_sentence(run.error or "") or requested
    return _say_unfinished(run) or " ".join(filter(None, [*_say_finished(run, short), _say_undone(undone_by)]))


def _say_undone(undone_by: int | None) -> str:
    return "" if undone_by is None else f"Taken back by run {undone_by}."


def _say_unfinished(run: Run) -> str:
    is_braked = run.status is RunStatus.STOPPED and run.exit_code == ExitCode.FAILURES
    return {
        RunStatus.QUEUED: "It waits until no other run works.",
        RunStatus.RUNNING: "It works now.",
        RunStatus.CANCELLED: "It was cancelled before it began.",
        RunStatus.INTERRUPTED: f"The process ended before the run did. {_LOOKED_FOR}",
        RunStatus.FAILED: say_sentence(run.error or "It failed; the log says more"),
        RunStatus.STOPPED: say_sentence(run.error or "") if is_braked else f"It was stopped. {_LOOKED_FOR}",
    }.get(run.status, "")


def say_sentence(text: str) -> str:
    """Return a text as a sentence."""
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _say_finished(run: Run, short: Collection[RunList]) -> Iterator[str]:
    if run.undoes is not None:
        yield f"{counted(run.counts.get(ItemStatus.DECLINED, 0), 'title')} of run {run.undoes} taken back."
        return
    yield say_short_lists(short)
    if run.applies is not None:
        yield f"It applied the plan of run {run.applies}."
    if run.dry_run:
        wanted = run.counts.get(ItemStatus.WOULD_REQUEST, 0)
        yield f"A sync would request {counted(wanted, 'title') if wanted else 'nothing'}."
    if run.items_errored:
        yield f"{counted(run.items_errored, 'request')} failed."
    if not run.dry_run and not run.items_requested and not run.items_errored:
        yield f"No request, {counted(run.reads, 'read')}."
    if to_review := run.counts.get(ItemStatus.NEEDS_REVIEW, 0):
        yield f"{counted(to_review, 'title')} {'needs' if to_review == 1 else 'need'} review."


def say_short_lists(short: Collection[RunList]) -> str:
    """Return which sources were not read in full, as in: letterboxd read in part; plex, anilist not read."""
    parts = []
    for state, (words, _, _) in _SHORT.items():
        sources = list(dict.fromkeys(one.list_type for one in short if one.state is state))
        if sources:
            more = f" and {len(sources) - _MOST_NAMES} more" if len(sources) > _MOST_NAMES else ""
            parts.append(f"{', '.join(sources[:_MOST_NAMES])}{more} {words}")
    return f"{'; '.join(parts)}." if parts else ""


def build_timeline(
    run: Run,
    lists: Sequence[RunList],
    sending: Sending,
    notable: Sequence[RunRequest],
) -> tuple[Step, ...]:
    """Return the steps of a run, as far as they are stored."""
    return tuple(_find_steps(run, lists, sending, notable))


def _find_steps(run: Run, lists: Sequence[RunList], sending: Sending, notable: Sequence[RunRequest]) -> Iterator[Step]:
    if run.asked_at and run.started_at != run.asked_at:
        yield Step("info", "user", f"Asked for by {name_starter(run)}", "", run.asked_at)
    if run.started_at:
        yield Step("ok", "play", "Started", "", run.started_at)
    for one in lists:
        if one.state in _SHORT:
            words, tone, icon = _SHORT[one.state]
            have = f": {one.items:,} of {one.expected:,}" if one.expected else ""
            head = f"{ListKey(one.list_type, one.list_id).name} {words}{have}"
            yield Step(tone, icon, head, say_sentence(one.reason or ""), None)
    if sending.requests:
        text = f"{counted(sending.requests, 'request')} in all, one at a time."
        yield Step("ok", "sent", "First request", text, sending.first_at)
    yield from map(_tell, reversed(notable))
    if run.finished_at:
        tone, icon = ("ok", "complete") if run.status is RunStatus.COMPLETED else ("bad", "failed")
        head = "Completed" if run.status is RunStatus.COMPLETED else f"{run.status.value.capitalize()}"
        yield Step(tone, icon, head, _say_end(run), run.finished_at)


def _tell(one: RunRequest) -> Step:
    entry = one.entry
    tone, icon, words, then = _STATES.get(entry.state, ("info", "info", "It took another course", ""))
    number = f"request {entry.request_id}, " if entry.request_id else ""
    quality = " in 4K" if entry.quality is Quality.UHD else ""
    answer = one.refusal
    sentences = (say_sentence(f"{number}{one.title}{quality}"), say_sentence(answer), then, say_sentence(entry.note))
    return Step(tone, icon, words, " ".join(filter(None, sentences)), entry.settled_at or entry.sent_at)


def _say_end(run: Run) -> str:
    if run.status is not RunStatus.COMPLETED:
        return say_sentence(run.error or "")
    return say_counts(run.counts)


def say_counts(counts: Mapping[str, int]) -> str:
    """Return titles by state, as in: 14 requested, 50 waiting."""
    said = ", ".join(f"{number:,} {state.replace('_', ' ')}" for state, number in counts.items())
    return f"{said}." if said else ""
