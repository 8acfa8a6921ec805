"""What is known of a title without a look-up: pins, its own TMDB id, resolutions, and that it was not found."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from list_sync.matching.ranking import Ambiguous
from list_sync.model.matches import (
    Candidate,
    Match,
    MatchMethod,
    MatchResult,
    NoMatch,
    NoMatchReason,
    Pin,
    Resolution,
    Unresolved,
    WantedItem,
    overdue_by,
    set_back,
)
from list_sync.model.titles import MediaItem, MediaType, TitleKey, with_year
from list_sync.storage.record import Record

BANNED = "banned by the user"
LOOKED_UP_AGAIN_PER_RUN = 50

_LASTING = frozenset({NoMatchReason.NOT_FOUND, NoMatchReason.AMBIGUOUS})


@dataclass(frozen=True, slots=True)
class KnownTitles:
    """The user's pins and our resolutions, by key, and the titles that were not found before.

    `unresolved` are those that this run does not search, `remembered` all of them. `contested` are the IMDb ids of
    entries that contradict each other.
    """

    pins: Mapping[str, Pin] = field(default_factory=dict)
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    unresolved: Mapping[str, Unresolved] = field(default_factory=dict)
    remembered: tuple[Unresolved, ...] = ()
    contested: frozenset[str] = frozenset()


def load_known(
    record: Record,
    wanted: Collection[WantedItem],
    pins: Mapping[str, Pin],
    *,
    missing: Collection[TitleKey],
    is_fresh: bool,
    now: datetime,
) -> KnownTitles:
    """Load what is known of wanted titles, except the `missing` numbers.

    With `is_fresh`, the run searches every title that was not found before.
    """
    resolutions, remembered = record.load_lookups(
        keys={key for one in wanted for key in one.item.keys}, entries=[unresolved_key(one.item) for one in wanted]
    )
    # A title that was resolved to a number that TMDB does not have may have another one.
    valid = {key: one for key, one in resolutions.items() if (one.media_type, one.tmdb_id) not in missing}
    known = KnownTitles(pins, valid, remembered=remembered, contested=find_contested(wanted))
    return known if is_fresh else with_unresolved(known, remembered, wanted=wanted, now=now)


def find_contested(wanted: Iterable[WantedItem]) -> frozenset[str]:
    """Return the IMDb ids that have several TMDB numbers, and those of several titles that have one number.

    One of these entries is wrong, so that their IMDb ids are looked up instead of trusting the numbers.
    """
    by_imdb_id: dict[str, MediaItem] = {}
    by_number: dict[TitleKey, MediaItem] = {}
    contested = set[str]()
    for item in (one.item for one in wanted):
        imdb_id, number = item.ids.imdb, item.ids.tmdb
        if imdb_id is None or number is None or item.media_type is None:
            continue
        same, alike = by_imdb_id.setdefault(imdb_id, item), by_number.setdefault((item.media_type, number), item)
        if (same.media_type, same.ids.tmdb) != (item.media_type, number):
            contested.add(imdb_id)
        if alike.ids.imdb not in (None, imdb_id) and alike.keys[-1] != item.keys[-1]:
            contested |= {imdb_id, str(alike.ids.imdb)}
    return frozenset(contested)


def recall(wanted: WantedItem, knowledge: KnownTitles) -> MatchResult | None:
    """Return what is known of a title, most trustworthy first, or None if it has to be looked up."""
    return (
        _find_pinned(wanted, knowledge.pins)
        or _find_stated(wanted, knowledge)
        or _find_remembered(wanted, knowledge.resolutions)
        or _find_unresolved(wanted, knowledge.unresolved)
    )


def with_unresolved(
    knowledge: KnownTitles, remembered: Iterable[Unresolved], *, wanted: Iterable[WantedItem], now: datetime
) -> KnownTitles:
    """Add the titles that were not found before and are not searched again in this run.

    Only wanted titles that need a look-up count: those without a pin, a stated id and an earlier resolution.
    """
    remembered = tuple(remembered)
    if not remembered:
        return knowledge
    open_keys = {unresolved_key(one.item) for one in wanted if recall(one, knowledge) is None}
    return replace(knowledge, unresolved=choose_fresh(remembered, wanted=open_keys, now=now))


def as_pinned(result: MatchResult, pins: Mapping[str, Pin]) -> MatchResult:
    """Return a result, or the user's pin or ban of the TMDB title that it led to.

    A pin of another entry does not count here, except one of the same TMDB number, whose kind was unknown before.
    """
    if not isinstance(result, Match) or result.method is MatchMethod.PIN:
        return result
    pin = pins.get(f"tmdb:{result.media_type.value}:{result.tmdb_id}")
    if pin is None:
        return result
    if pin.tmdb_id is None:
        return NoMatch(result.wanted, NoMatchReason.BANNED, BANNED)
    item = result.wanted.item
    is_of_its_number = item.has_number_without_kind and item.ids.tmdb == result.tmdb_id
    kind = pin.media_type or result.media_type
    return Match(result.wanted, kind, pin.tmdb_id, MatchMethod.PIN) if is_of_its_number else result


def contradiction(item: MediaItem, media_type: MediaType, tmdb_id: int) -> str | None:
    """Return why a title cannot be the item, from what the item states."""
    if item.media_type is not None and item.media_type is not media_type:
        return f"its id belongs to a {media_type.word}, the list says {item.media_type.word}"
    if item.ids.tmdb not in (None, tmdb_id):
        return f"the list says TMDB id {item.ids.tmdb}, the rest of what it says leads to {tmdb_id}"
    return None


def for_review(wanted: WantedItem, doubt: Ambiguous) -> NoMatch:
    """Return a title that waits for a decision of the user."""
    return NoMatch(wanted, NoMatchReason.AMBIGUOUS, doubt.detail, doubt.candidates)


def unresolved_key(item: MediaItem) -> str:
    """Return the key of everything that a list states about a title."""
    return "\n".join(item.keys)


def choose_fresh(remembered: Iterable[Unresolved], *, wanted: Collection[str], now: datetime) -> dict[str, Unresolved]:
    """Return, by key, the titles that this run does not search: all but the fifty that are longest overdue."""
    remembered = [one for one in remembered if one.key in wanted]
    overdue = {one.key: overdue_by(one.key, one.looked_up_at, clean_runs=one.clean_runs, now=now) for one in remembered}
    due = sorted((key for key, time in overdue.items() if time >= timedelta()), key=lambda key: -overdue[key])
    looked_for = frozenset(due[:LOOKED_UP_AGAIN_PER_RUN])
    return {one.key: one for one in remembered if one.key not in looked_for}


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


def _find_pinned(wanted: WantedItem, pins: Mapping[str, Pin]) -> MatchResult | None:
    for key in wanted.item.keys if pins else ():
        pin = pins.get(key)
        if pin is None or _is_of_another_entry(wanted.item, pin, pins):
            continue
        if pin.tmdb_id is None:
            return NoMatch(wanted, NoMatchReason.BANNED, BANNED)
        media_type = pin.media_type or wanted.item.media_type
        if media_type is not None:
            return Match(wanted, media_type, pin.tmdb_id, MatchMethod.PIN)
    return None


def _is_of_another_entry(item: MediaItem, pin: Pin, pins: Mapping[str, Pin]) -> bool:
    """Return whether a pin corrects the wrong number of an entry with another IMDb id than the item's.

    The pin of such an entry is kept under its IMDb id as well.
    """
    if item.ids.imdb is None or f"imdb:{item.ids.imdb}" in pins or not pin.key.startswith("tmdb:"):
        return False
    target = (pin.media_type, pin.tmdb_id)
    if pin.tmdb_id is None or target == (item.media_type, item.ids.tmdb):
        return False
    return any(one.key.startswith("imdb:") and (one.media_type, one.tmdb_id) == target for one in pins.values())


def _find_stated(wanted: WantedItem, knowledge: KnownTitles) -> MatchResult | None:
    item = wanted.item
    if item.ids.tmdb is None or item.media_type is None:
        return None
    known = knowledge.resolutions.get(f"imdb:{item.ids.imdb}") if item.ids.imdb else None
    if known is None and item.ids.imdb in knowledge.contested:
        return None
    if known is not None and known.method is MatchMethod.IMDB_ID:
        doubt = _find_doubt(item, known)
        if doubt is not None:
            return for_review(wanted, doubt)
    return Match(wanted, item.media_type, item.ids.tmdb, MatchMethod.TMDB_ID)


def _find_remembered(wanted: WantedItem, resolutions: Mapping[str, Resolution]) -> MatchResult | None:
    item = wanted.item
    known = (resolutions[key] for key in item.keys if key in resolutions and _holds_for(item, key, resolutions))
    resolution = next(known, None)
    if resolution is None:
        return None
    doubt = _find_doubt(item, resolution)
    if doubt is not None and not _is_checked(item, resolution, resolutions):
        return for_review(wanted, doubt)
    name = "" if item.title or not resolution.title else with_year(resolution.title, resolution.year)
    return Match(wanted, resolution.media_type, resolution.tmdb_id, MatchMethod.REMEMBERED, name=name)


def _find_unresolved(wanted: WantedItem, unresolved: Mapping[str, Unresolved]) -> MatchResult | None:
    known = unresolved.get(unresolved_key(wanted.item)) if unresolved else None
    return NoMatch(wanted, known.reason, known.detail, known.candidates) if known else None


def _holds_for(item: MediaItem, key: str, resolutions: Mapping[str, Resolution]) -> bool:
    found = resolutions[key]
    if key.startswith("title:"):
        # Two titles of one year may share a name: what is known of one by its id is not true of the other.
        has_other_ids = item.ids.imdb is not None or item.ids.tvdb is not None
        return found.method is MatchMethod.TITLE_AND_YEAR and not has_other_ids
    if not key.startswith("tvdb:") or item.media_type is MediaType.TV:
        return True
    # TVDB has separate numbers for films and shows: without a kind, a number counts only with a checked name.
    return item.media_type is None and (not item.title or _is_checked(item, found, resolutions))


def _is_checked(item: MediaItem, found: Resolution, resolutions: Mapping[str, Resolution]) -> bool:
    """Return whether the resolution of an id was remembered together with the item's very title, year and kind."""
    named = resolutions.get(item.keys[-1]) if item.title else None
    return named is not None and (named.media_type, named.tmdb_id) == (found.media_type, found.tmdb_id)


def _find_doubt(item: MediaItem, resolution: Resolution) -> Ambiguous | None:
    detail = contradiction(item, resolution.media_type, resolution.tmdb_id)
    if detail is None:
        return None
    claims = [(resolution.media_type, resolution.tmdb_id)]
    if item.ids.tmdb is not None and item.media_type is not None:
        claims.append((item.media_type, item.ids.tmdb))
    return Ambiguous(detail, tuple(Candidate(kind, tmdb_id, item.title, year=item.year) for kind, tmdb_id in claims))
