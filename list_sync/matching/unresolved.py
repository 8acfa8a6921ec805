"""Titles that were not found: they are searched again in the next run, and after that every one to two days (pure)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from list_sync.model.matches import MatchResult, NoMatch, NoMatchReason, Unresolved, overdue_by, set_back
from list_sync.model.titles import MediaItem

LOOKED_UP_AGAIN_PER_RUN = 50

_LASTING = frozenset({NoMatchReason.NOT_FOUND, NoMatchReason.AMBIGUOUS})


def unresolved_key(item: MediaItem) -> str:
    """Return the key of everything that a list states about a title."""
    return "\n".join(item.keys)


def choose_fresh(remembered: Iterable[Unresolved], *, wanted: Collection[str], now: datetime) -> dict[str, Unresolved]:
    """Return, by key, the titles that this run does not search: all but the fifty that are longest overdue."""
    remembered = [one for one in remembered if one.key in wanted]
    overdue = {one.key: _overdue(one, now=now) for one in remembered}
    due = sorted((key for key, time in overdue.items() if time >= timedelta()), key=lambda key: -overdue[key])
    looked_for = frozenset(due[:LOOKED_UP_AGAIN_PER_RUN])
    return {one.key: one for one in remembered if one.key not in looked_for}


def _overdue(one: Unresolved, *, now: datetime) -> timedelta:
    return overdue_by(one.key, one.looked_up_at, clean_runs=one.clean_runs, now=now)


def find_new(
    results: Iterable[MatchResult],
    fresh: Mapping[str, Unresolved],
    remembered: Iterable[Unresolved] = (),
    *,
    now: datetime,
) -> tuple[Unresolved, ...]:
    """Return the titles that were looked for in this run and not found.

    Each has one clean run more than before (`remembered`). A failed look-up is not an answer: what is remembered of
    that title stays, and other titles are searched before it.
    """
    before = {one.key: one for one in remembered}
    found: dict[str, Unresolved] = {}
    for result in results:
        key = unresolved_key(result.wanted.item)
        if not isinstance(result, NoMatch) or key in fresh:
            continue
        known = before.get(key)
        if result.reason in _LASTING:
            runs = known.clean_runs + 1 if known else 1
            found[key] = Unresolved(key, result.reason, result.detail, result.candidates, now, runs)
        elif known and result.reason is NoMatchReason.LOOKUP_FAILED:
            found[key] = replace(known, looked_up_at=set_back(known.looked_up_at, now=now))
    return tuple(found.values())
