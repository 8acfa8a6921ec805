"""The one word for the state of everything."""

from enum import StrEnum

from list_sync.model.runs import Run, RunStatus

_FAILED = (RunStatus.FAILED, RunStatus.INTERRUPTED)


class Mood(StrEnum):
    """The one word: the first that is true counts."""

    ERROR = "error"
    RUNNING = "running"
    PAUSED = "paused"
    ATTENTION = "attention"
    OK = "ok"


def judge(last: Run | None, *, has_trouble: bool, is_paused: bool, needs_you: bool) -> Mood:
    """Return the one word for the state of everything."""
    if has_trouble or (last is not None and last.status in _FAILED):
        return Mood.ERROR
    if last is not None and last.status is RunStatus.RUNNING:
        return Mood.RUNNING
    if is_paused:
        return Mood.PAUSED
    return Mood.ATTENTION if needs_you else Mood.OK
