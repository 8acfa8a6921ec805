"""TMDB numbers of lists that TMDB did not have: they are read again before their titles are searched by name."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.model.decisions import ItemStatus, RequestOutcome
from list_sync.model.matches import (
    ENOUGH_RUNS,
    Match,
    MatchMethod,
    MissingNumber,
    WantedItem,
    overdue_by,
    set_back,
)
from list_sync.model.titles import TitleKey
from list_sync.storage.record import Record
from list_sync.surveying.reading import Reading

ASKED_AGAIN_PER_RUN = 50


class MissingNumbers:
    """The numbers that one run counts as missing, and what it remembers of them."""

    def __init__(
        self,
        record: Record,
        read: Callable[[Collection[TitleKey]], Reading],
        watch: TmdbWatch,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._record = record
        self._read = read
        self._watch = watch
        self._now = now
        self._seen: list[MissingNumber] = []
        self._remembered: Mapping[TitleKey, MissingNumber] = {}
        self.missing: frozenset[TitleKey] = frozenset()

    def ask_again(self, titles: Sequence[WantedItem], *, is_fresh: bool) -> None:
        """Read the missing numbers that lists still state and that are due again, or with `is_fresh` all of them.

        A due number that cannot be read now counts as missing only if two clean runs saw that before. So one failure of
        TMDB does not lead to searches by name. The next run reads other numbers before it. A due number that no list
        states any more does not count as missing.
        """
        self._remembered = self._record.load_missing_numbers()
        due = list(self._remembered) if is_fresh else self._find_due()
        on_lists = frozenset(map(_find_stated, titles))
        wanted = [key for key in due if key in on_lists]
        asked = wanted if is_fresh else wanted[:ASKED_AGAIN_PER_RUN]
        reading = self._read(sorted(asked))
        self._remember(reading.unknown_to_tmdb, found=reading.details.keys())
        unreadable = [self._remembered[key] for key in reading.unreadable]
        now = self._now()
        later = [replace(one, seen_at=set_back(one.seen_at, now=now)) for one in unreadable]
        self._record.remember_missing_numbers(later, found=())
        confirmed = {one.title_key for one in unreadable if one.clean_runs >= ENOUGH_RUNS}
        believed = (self._remembered.keys() - due) | set(wanted[len(asked) :])
        self.missing = frozenset(believed | reading.unknown_to_tmdb | confirmed)

    @property
    def all_missing(self) -> frozenset[TitleKey]:
        """Return the numbers that count as missing, and those that this run found missing."""
        return self.missing | {one.title_key for one in self._seen}

    def take_out(self, titles: Sequence[WantedItem], *, pinned: Container[str]) -> list[WantedItem]:
        """Return titles without their stated numbers that do not exist, if they may be found without them.

        A pinned title keeps its number: the pin may be stored under it.
        """
        missing = self.all_missing
        return [
            _without_number(one)
            if _find_stated(one) in missing
            and _is_known_otherwise(one)
            and not any(map(pinned.__contains__, one.item.keys))
            else one
            for one in titles
        ]

    def note(self, outcomes: Sequence[RequestOutcome]) -> None:
        """Remember the numbers that outcomes show not to exist."""
        # At once: if the run ended before that, the new match would contradict the old number.
        self._remember({key for one in outcomes if _is_unknown(one) and (key := one.decision.title_key)})

    def _remember(self, missing: Collection[TitleKey], *, found: Collection[TitleKey] = ()) -> None:
        """Remember numbers that were missing just now, but not those that counted as missing before."""
        runs = {one.title_key: one.clean_runs + 1 for one in self._remembered.values()}
        seen = [MissingNumber(*key, self._now(), runs.get(key, 1)) for key in missing if key not in self.missing]
        self._seen += seen
        self._record.remember_missing_numbers(seen, found=found)

    def doubt_after_failures(self) -> None:
        """If TMDB failed at any time in this run, mark all numbers that it found missing as due in the next run."""
        if self._watch.has_failed:
            self._record.remember_missing_numbers([replace(one, clean_runs=0) for one in self._seen], found=())

    def _find_due(self) -> list[TitleKey]:
        """Return the numbers to read again, the longest overdue first."""
        now = self._now()
        waiting = {key: _overdue(one, now=now) for key, one in self._remembered.items()}
        return sorted((key for key, time in waiting.items() if time >= timedelta()), key=lambda key: -waiting[key])


def _overdue(one: MissingNumber, *, now: datetime) -> timedelta:
    key = f"tmdb:{one.media_type.value}:{one.tmdb_id}"
    return overdue_by(key, one.seen_at, clean_runs=one.clean_runs, now=now)


def find_misnumbered(outcome: RequestOutcome) -> WantedItem | None:
    """Return the title of an outcome whose TMDB id does not exist, without that id.

    Return None for other outcomes, and if nothing else is known by which the title could be found.
    """
    result = outcome.result
    if not _is_unknown(outcome) or not isinstance(result, Match):
        return None
    if result.method is MatchMethod.REMEMBERED:
        return result.wanted
    is_stated = result.method is MatchMethod.TMDB_ID and _is_known_otherwise(result.wanted)
    return _without_number(result.wanted) if is_stated else None


def _is_unknown(outcome: RequestOutcome) -> bool:
    return outcome.status is ItemStatus.NOT_FOUND


def _find_stated(wanted: WantedItem) -> TitleKey | None:
    item = wanted.item
    return (item.media_type, item.ids.tmdb) if item.ids.tmdb is not None and item.media_type is not None else None


def _is_known_otherwise(wanted: WantedItem) -> bool:
    """Return whether a title could be found without the TMDB id that its list states."""
    item = wanted.item
    return item.ids.imdb is not None or item.ids.tvdb is not None or bool(item.title and item.year)


def _without_number(wanted: WantedItem) -> WantedItem:
    return replace(wanted, item=replace(wanted.item, ids=replace(wanted.item.ids, tmdb=None)))
