"""Titles that were looked for in vain: not again in every run, but again after a day or two (pure)."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from list_sync.model.matches import MatchResult, NoMatch, NoMatchReason, Unresolved
from list_sync.model.moments import is_in_future
from list_sync.model.titles import MediaItem

LOOK_AGAIN_AFTER = timedelta(days=1)
SPREAD = timedelta(days=1)
LOOKED_UP_AGAIN_PER_RUN = 50

_LASTING = frozenset({NoMatchReason.NOT_FOUND, NoMatchReason.AMBIGUOUS})


def unresolved_key(item: MediaItem) -> str:
    """Return the key of everything that a list states of a title."""
    return "\n".join(item.keys)


def choose_fresh(remembered: Iterable[Unresolved], *, wanted: Collection[str], now: datetime) -> dict[str, Unresolved]:
    """Return, by key, what is not looked for in this run: all but the fifty wanted ones that are longest overdue."""
    remembered = [one for one in remembered if one.key in wanted]
    overdue = {one.key: _overdue(one, now=now) for one in remembered}
    due = sorted((key for key, time in overdue.items() if time >= timedelta()), key=lambda key: -overdue[key])
    looked_for = frozenset(due[:LOOKED_UP_AGAIN_PER_RUN])
    return {one.key: one for one in remembered if one.key not in looked_for}


def _overdue(one: Unresolved, *, now: datetime) -> timedelta:
    if is_in_future(one.looked_up_at, now=now):
        return one.looked_up_at - now
    digest = hashlib.blake2b(one.key.encode(errors="replace"), digest_size=4).digest()
    return now - one.looked_up_at - LOOK_AGAIN_AFTER - SPREAD * (int.from_bytes(digest) / 0xFFFFFFFF)


def find_new(
    results: Iterable[MatchResult], fresh: Mapping[str, Unresolved], *, now: datetime
) -> tuple[Unresolved, ...]:
    """Return what was looked for in this run and remained without an answer; a failed look-up is no answer at all."""
    found: dict[str, Unresolved] = {}
    for result in results:
        if isinstance(result, NoMatch) and result.reason in _LASTING:
            key = unresolved_key(result.wanted.item)
            if key not in fresh:
                found[key] = Unresolved(key, result.reason, result.detail, result.candidates, now)
    return tuple(found.values())
