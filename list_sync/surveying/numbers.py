"""TMDB numbers of lists that TMDB did not have: they are read again before their titles are searched by name."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.model.matches import ENOUGH_RUNS, MissingNumber, overdue_by, set_back
from list_sync.model.titles import TitleKey
from list_sync.surveying.reading import Reading

ASKED_AGAIN_PER_RUN = 50


class NumberStore(Protocol):
    """Where missing numbers are remembered."""

    def load_missing_numbers(self) -> Mapping[TitleKey, MissingNumber]:
        """Return what is remembered."""
        ...

    def remember_missing_numbers(self, missing: Collection[MissingNumber], *, found: Collection[TitleKey]) -> None:
        """Remember the missing numbers and forget the found ones."""
        ...


class MissingNumbers:
    """The numbers that one run counts as missing, and what it remembers of them."""

    def __init__(
        self,
        store: NumberStore,
        read: Callable[[Collection[TitleKey]], Reading],
        watch: TmdbWatch,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._read = read
        self._watch = watch
        self._now = now
        self._seen: list[MissingNumber] = []
        self._remembered: Mapping[TitleKey, MissingNumber] = {}
        self.missing: frozenset[TitleKey] = frozenset()

    def ask_again(self, stated: Iterable[TitleKey | None], *, is_fresh: bool) -> None:
        """Read the stated numbers that are due again, or with `is_fresh` all of them.

        A due number that cannot be read now counts as missing only if two clean runs saw that before. So one failure of
        TMDB does not lead to searches by name. The next run reads other numbers before it. A due number that no list
        states any more does not count as missing.
        """
        self._remembered = self._store.load_missing_numbers()
        due = list(self._remembered) if is_fresh else self._find_due()
        on_lists = frozenset(stated)
        wanted = [key for key in due if key in on_lists]
        asked = wanted if is_fresh else wanted[:ASKED_AGAIN_PER_RUN]
        reading = self._read(sorted(asked))
        self.remember(reading.unknown_to_tmdb, found=reading.details.keys())
        unreadable = [self._remembered[key] for key in reading.unreadable]
        now = self._now()
        later = [replace(one, seen_at=set_back(one.seen_at, now=now)) for one in unreadable]
        self._store.remember_missing_numbers(later, found=())
        confirmed = {one.title_key for one in unreadable if one.clean_runs >= ENOUGH_RUNS}
        believed = (self._remembered.keys() - due) | set(wanted[len(asked) :])
        self.missing = frozenset(believed | reading.unknown_to_tmdb | confirmed)

    @property
    def all_missing(self) -> frozenset[TitleKey]:
        """Return the numbers that count as missing, and those that this run found missing."""
        return self.missing | {one.title_key for one in self._seen}

    def remember(self, missing: Collection[TitleKey], *, found: Collection[TitleKey] = ()) -> None:
        """Remember numbers that were missing just now, but not those that counted as missing before."""
        runs = {one.title_key: one.clean_runs + 1 for one in self._remembered.values()}
        seen = [MissingNumber(*key, self._now(), runs.get(key, 1)) for key in missing if key not in self.missing]
        self._seen += seen
        self._store.remember_missing_numbers(seen, found=found)

    def doubt_after_failures(self) -> None:
        """If TMDB failed at any time in this run, mark all numbers that it found missing as due in the next run."""
        if self._watch.has_failed:
            self._store.remember_missing_numbers([replace(one, clean_runs=0) for one in self._seen], found=())

    def _find_due(self) -> list[TitleKey]:
        """Return the numbers to read again, the longest overdue first."""
        now = self._now()
        waiting = {key: _overdue(one, now=now) for key, one in self._remembered.items()}
        return sorted((key for key, time in waiting.items() if time >= timedelta()), key=lambda key: -waiting[key])


def _overdue(one: MissingNumber, *, now: datetime) -> timedelta:
    key = f"tmdb:{one.media_type.value}:{one.tmdb_id}"
    return overdue_by(key, one.seen_at, clean_runs=one.clean_runs, now=now)
