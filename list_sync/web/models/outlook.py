"""What would become of the titles of a list, by state, and in how many days; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from list_sync.model.decisions import ItemStatus
from list_sync.model.titles import counted

# In the order of the bar; all other states are left alone.
_TONES = {
    ItemStatus.ALREADY_AVAILABLE: "ok",
    ItemStatus.REQUESTED: "ok",
    ItemStatus.WOULD_REQUEST: "info",
    ItemStatus.WAITING: "wait",
    ItemStatus.NEEDS_REVIEW: "ask",
    ItemStatus.REQUEST_FAILED: "bad",
    ItemStatus.ERROR: "bad",
    ItemStatus.ALREADY_REQUESTED: "idle",
}
_WANTED = (ItemStatus.WOULD_REQUEST, ItemStatus.WAITING)


@dataclass(frozen=True, slots=True)
class Part:
    """The titles in one state."""

    tone: str
    number: int
    words: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """All titles of a list by state, as a sentence, too; `wanted` are requested now or later."""

    parts: Sequence[Part]
    wanted: int

    @property
    def sentence(self) -> str:
        """Return the shares in one sentence."""
        total = sum(one.number for one in self.parts)
        return f"Of {counted(total, 'title')}: {', '.join(f'{one.number} {one.words}' for one in self.parts)}"


def find_outlook(counts: Mapping[str, int]) -> Outlook:
    """Return the shares of the states of a run; a state that the run does not count has none."""
    order = [*_TONES, *(state for state in ItemStatus if state not in _TONES)]
    parts = [
        Part(_TONES.get(state, "idle"), counts[state.value], state.value.replace("_", " "))
        for state in order
        if counts.get(state.value)
    ]
    return Outlook(parts, sum(counts.get(state.value, 0) for state in _WANTED))


def describe_pace(wanted: int, per_day: int) -> str:
    """Return how fast so many titles are requested with a cap of the list; 0 means that it has none."""
    if not wanted:
        return "Nothing would be requested."
    if not per_day or wanted <= per_day:
        return f"{counted(wanted, 'title')} would be requested, as far as the caps of the household allow."
    days = math.ceil(wanted / per_day)
    return f"{counted(wanted, 'title')} would be requested: {per_day} a day, done in {days} days."
