"""What waits, grouped by cause: why in words, the value behind it, how many titles, and when the first of them goes."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.shown import find_turn
from list_sync.model.waiting import WaitingCause, find_cause

_NEXT_SYNC = "with the next sync"
# Why titles wait, and when they go if their reasons name no moment.
_WORDS = {
    WaitingCause.BRAKE: ("The brake holds them", "when you apply them"),
    WaitingCause.VANISHED: ("Their requests vanished from the server", "when you say what that means"),
    WaitingCause.TERMS: ("The terms of a list name what the server does not have", "when that is corrected"),
    WaitingCause.QUOTA: ("A quota of the server is used up", "when the quota has room"),
    WaitingCause.PAUSE: ("Requests are paused", "when that is over"),
    WaitingCause.DAY_CAP: ("The cap of a day is reached", _NEXT_SYNC),
    WaitingCause.RUN_CAP: ("The cap of a sync is reached", _NEXT_SYNC),
    WaitingCause.LIST_CAP: ("A list gives only some new titles a day", _NEXT_SYNC),
    WaitingCause.OPEN_CAP: ("A list has enough open requests", "when some of them are available"),
    WaitingCause.HOLD: ("New titles rest first", _NEXT_SYNC),
    WaitingCause.SNOOZE: ("You snoozed them", _NEXT_SYNC),
    WaitingCause.FACTS: ("A filter asks for a fact that is not known yet", "when it is known"),
    WaitingCause.EXCLUDED_LIST: ("A list whose titles are left out cannot be read", "when it is read"),
    WaitingCause.LOST_ANSWER: ("An answer was lost, and the request is looked for", _NEXT_SYNC),
    WaitingCause.TMDB: ("The server could not reach TMDB", _NEXT_SYNC),
    WaitingCause.STOPPED: ("A sync was stopped before their turn", _NEXT_SYNC),
    WaitingCause.NEW_SERVER: ("The server is another installation now", _NEXT_SYNC),
    WaitingCause.SERVER: ("The server did not answer", _NEXT_SYNC),
}
_ORDER = tuple(_WORDS)
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class WaitGroup:
    """The titles that wait for one cause; `next_at` is when the first of them goes, else `goes` says when."""

    cause: WaitingCause
    words: str
    value: str
    titles: int
    next_at: datetime | None
    goes: str


def group_waiting(reasons: Mapping[str, int]) -> tuple[WaitGroup, ...]:
    """Return the groups of waiting titles, given how many wait for each reason; those that need a person come first."""
    by_cause: dict[WaitingCause, Counter[str]] = defaultdict(Counter)
    for reason, titles in reasons.items():
        by_cause[find_cause(reason)][reason] += titles
    return tuple(_build(cause, by_cause[cause]) for cause in _ORDER if cause in by_cause)


def _build(cause: WaitingCause, reasons: Counter[str]) -> WaitGroup:
    values = Counter[str]()
    for reason, titles in reasons.items():
        values[reason.partition("; ")[0][:_LONGEST_VALUE]] += titles
    (value, _), *others = values.most_common()
    value = f"{value}, and {len(others)} more like it" if others else value
    moments = filter(None, map(find_turn, reasons))
    words, goes = _WORDS[cause]
    return WaitGroup(cause, words, value, reasons.total(), min(moments, default=None), goes)
