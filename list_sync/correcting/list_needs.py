"""Lists that were not read in full, in words: what happened, what of them is used, and what to do; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.moments import shown_age
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState
from list_sync.model.titles import counted

_SETTING = re.compile(r"\b(?!\w+_LISTS\b)[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_NEEDS_SETTING = (AttemptOutcome.NEEDS_KEY, AttemptOutcome.SKIPPED)
_STANDS_IN = re.compile(r"; the copy of .* stands in$")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list was read the last time; `name` is provider and id, `label` what people call it.

    `entries` counts entries of any kind, as `expected` does, which is what the source states.
    """

    name: str
    label: str
    state: FetchState | None
    items: int = 0
    entries: int = 0
    expected: int | None = None
    reason: str = ""
    attempts: Sequence[Attempt] = ()
    copied_at: datetime | None = None

    @property
    def provider(self) -> str:
        """Return the source of the list."""
        return self.name.partition(":")[0]

    @property
    def outcome(self) -> AttemptOutcome:
        """Return what became of the way of reading that the reason tells of: the last one that was really tried."""
        tried = [one.outcome for one in self.attempts if one.outcome is not AttemptOutcome.SERVED]
        real = [one for one in tried if one not in _NEEDS_SETTING]
        return (real or tried or [AttemptOutcome.REFUSED])[-1]

    @property
    def setting(self) -> str:
        """Return the setting without which the list cannot be read, "" if none is named."""
        found = _SETTING.search(self.reason) if self.outcome in _NEEDS_SETTING else None
        return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class ListWords:
    """What is said about lists with one cause; `setting` settles it, if one does."""

    head: str
    text: str
    act: str
    setting: str = ""


def group_of(one: Reading) -> tuple[str, str, str, str]:
    """Return what is the same for lists with one cause; what was read in part has a cause of its own."""
    own = one.name if one.state is FetchState.PARTIAL else ""
    return (str(one.state), one.provider, one.setting or one.outcome.value, own)


# After the name of the list, or the number of lists.
_HEADS = {
    AttemptOutcome.BLOCKED: "blocked by the site",
    AttemptOutcome.PRIVATE: "private",
    AttemptOutcome.MISSING: "not found",
    AttemptOutcome.NEEDS_VIP: "only for paying users of the source",
    AttemptOutcome.RATE_LIMITED: "limited by the source for a while",
    AttemptOutcome.DRIFTED: "in a form that is not understood",
}


def describe_lists(lists: Sequence[Reading], *, now: datetime) -> ListWords:
    """Return what to say about lists of one group."""
    first, number = lists[0], len(lists)
    subject = first.label if number == 1 else f"{number} {first.provider} lists"
    if first.state is FetchState.PARTIAL:
        return ListWords(_describe_part(first), f"{sentence(first.reason)} {_describe_rest(first)}", "See the routes")
    text = f"{sentence(_STANDS_IN.sub('', first.reason))} {_describe_kept(lists, now=now)}"
    if setting := first.setting:
        if "is not set" in first.reason or "needs " in first.reason:
            return ListWords(f"{subject} cannot be read without {setting}", text, "Set it", setting)
        return ListWords(f"{setting} was refused by {first.provider}", text, "Change it", setting)
    verb = "is" if number == 1 else "are"
    words = _HEADS.get(first.outcome)
    head = f"{subject} {verb} {words}" if words else f"{subject} could not be read"
    return ListWords(head, text, "See the routes")


def _describe_part(one: Reading) -> str:
    if one.expected is not None and one.expected > one.entries:
        return f"{one.label} gave {one.entries:,} of {one.expected:,} entries"
    return f"{one.label} gave {counted(one.items, 'title')}, and no proof that these are all"


def _describe_rest(one: Reading) -> str:
    missing = (one.expected or 0) - one.entries
    if missing > 0:
        return f"The {one.entries:,} are used; the missing {missing:,} count as not known, not as gone."
    return "They are used; what is missing counts as not known, not as gone."


def _describe_kept(lists: Sequence[Reading], *, now: datetime) -> str:
    copies = [one.copied_at for one in lists if one.copied_at is not None]
    if lists[0].state is FetchState.STALE and copies:
        titles = counted(sum(one.items for one in lists), "title")
        age = shown_age(now - min(copies))
        if len(lists) == 1:
            return f"Its copy of {age} ago stands in ({titles}); nothing is removed."
        return f"Their copies stand in ({titles}), the oldest of {age} ago; nothing is removed."
    return "Nothing is removed because of it."


def sentence(text: str) -> str:
    """Return a message as a sentence; it may begin with the name of a setting."""
    text = text.strip() or "the log says why"
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"
