"""The rules of a list's filters, held against what is known of one title."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from list_sync.model.facts import Ratings, TitleFacts
from list_sync.model.filters import Filters, IfUnknown, NotOn, Range, Rating, RatingSource, Release, Released, Words
from list_sync.model.genres import find_names
from list_sync.model.matches import Match
from list_sync.model.titles import MediaType

# How long a fact is taken as it is: who made a title never changes, how it is rated and where it streams does.
LASTING = timedelta(days=60)
CHANGING = timedelta(days=6)
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule and what became of it; `passed` is None if the value is not known, and then `unknown` decides.

    `lasts` is how long the value counts before it is read again, `due` the day on which the rule will pass.
    """

    rule: str
    passed: bool | None
    value: str = NOT_KNOWN
    unknown: IfUnknown = IfUnknown.ACCEPT
    lasts: timedelta = LASTING
    due: date | None = None


def try_stated(filters: Filters, match: Match) -> Iterator[Trial]:
    """Yield the trials that need no page: kind and year, as far as the lists state them."""
    if filters.kind is not None:
        yield Trial(f"kind {filters.kind.value}", match.media_type is filters.kind, match.media_type.value)
    if filters.year is not None and match.wanted.item.year is not None:
        yield _try_range("year", filters.year, match.wanted.item.year)


def try_page(filters: Filters, match: Match, facts: TitleFacts, *, today: date) -> Iterator[Trial]:
    """Yield the trials that the page of the title decides."""
    if filters.year is not None and match.wanted.item.year is None:
        yield _try_range("year", filters.year, facts.year)
    if filters.genres is not None:
        yield from _try_words("genre", filters.genres, facts.genres)
    if filters.languages is not None:
        yield from _try_words("language", filters.languages, (facts.language,) if facts.language else ())
    if filters.countries is not None:
        yield from _try_words("country", filters.countries, facts.countries)
    if filters.runtime is not None:
        yield _try_range("runtime", filters.runtime, facts.runtime, unit=" min")
    if filters.released is not None:
        yield _try_release(filters.released, match.media_type, facts, today=today)
    if filters.not_on is not None:
        yield _try_services(filters.not_on, None if facts.services is None else facts.services[filters.not_on.region])
    if filters.rating is not None and filters.rating.source is RatingSource.TMDB:
        yield from _try_rating(filters.rating, facts.rating, facts.votes)


def needs_page(filters: Filters, match: Match, facts: TitleFacts | None) -> bool:
    """Return whether the page has to be read for these filters."""
    if facts is not None:
        known = facts.services
        return filters.not_on is not None and known is not None and filters.not_on.region not in known
    parts = (filters.genres, filters.languages, filters.countries, filters.runtime, filters.released, filters.not_on)
    is_rated = filters.rating is not None and filters.rating.source is not RatingSource.LIST
    lacks_year = filters.year is not None and match.wanted.item.year is None
    return is_rated or lacks_year or any(part is not None for part in parts)


def try_ratings(rating: Rating, ratings: Ratings) -> Iterator[Trial]:
    """Yield the trials of a rating by others than TMDB."""
    if rating.source is RatingSource.IMDB:
        yield from _try_rating(rating, ratings.imdb, ratings.imdb_votes)
    else:
        yield from _try_rating(rating, ratings.rt, None)


def try_list_rating(rating: Rating, stated: float | None) -> Iterator[Trial]:
    """Yield the trial of the rating that the list itself states."""
    yield from _try_rating(rating, stated, None)


def _try_range(name: str, limits: Range, value: float | None, *, unit: str = "") -> Trial:
    rule = f"{name} {_describe_range(limits.least, limits.most)}{unit}"
    if value is None:
        return Trial(rule, None, unknown=limits.unknown, lasts=CHANGING)
    is_enough = limits.least is None or value >= limits.least
    return Trial(rule, is_enough and (limits.most is None or value <= limits.most), f"{value:g}{unit}")


def _describe_range(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return f"≤{most:g}" if least is None else f"≥{least:g}"
    return f"{least:g}" if least == most else f"{least:g}–{most:g}"


def _try_words(name: str, words: Words, values: tuple[str, ...]) -> Iterator[Trial]:
    folded = frozenset[str]().union(*map(find_names, values))
    value = ", ".join(values) or NOT_KNOWN
    is_known = bool(values)
    lasts = LASTING if is_known else CHANGING
    if words.wanted:
        has_one = not folded.isdisjoint(map(str.casefold, words.wanted)) if is_known else None
        yield Trial(f"{name} {' or '.join(sorted(words.wanted))}", has_one, value, words.unknown, lasts)
    if words.unwanted:
        has_none = folded.isdisjoint(map(str.casefold, words.unwanted)) if is_known else None
        yield Trial(f"{name} not {' or '.join(sorted(words.unwanted))}", has_none, value, words.unknown, lasts)


def _try_release(release: Release, kind: MediaType, facts: TitleFacts, *, today: date) -> Trial:
    if kind is MediaType.TV:
        day = min((day for number, day in facts.air_dates.items() if number), default=None)
    else:
        day = facts.digital_on if release.needed is Released.DIGITAL else facts.cinema_on
    word = Released.AIRED if kind is MediaType.TV else release.needed
    rule = f"released ({word.value})"
    if day is None:
        return Trial(rule, None, unknown=release.unknown, lasts=CHANGING)
    is_out = day <= today
    return Trial(rule, is_out, day.isoformat(), lasts=CHANGING, due=None if is_out else day)


def _try_services(not_on: NotOn, services: Iterable[str] | None) -> Trial:
    rule = f"not on {' or '.join(sorted(not_on.services))} ({not_on.region})"
    if services is None:
        return Trial(rule, None, unknown=not_on.unknown, lasts=CHANGING)
    unwanted = {name.casefold() for name in not_on.services}
    there = [name for name in services if name.casefold() in unwanted]
    return Trial(rule, not there, ", ".join(there) or "not there", lasts=CHANGING)


def _try_rating(rating: Rating, value: float | None, votes: int | None) -> Iterator[Trial]:
    source = rating.source.value
    if rating.votes:
        rule = f"votes ≥{rating.votes} ({source})"
        is_enough = None if votes is None else votes >= rating.votes
        shown = NOT_KNOWN if votes is None else str(votes)
        yield Trial(rule, is_enough, shown, rating.unknown, CHANGING)
    rule = f"rating ≥{rating.least:g} ({source})"
    is_good = None if value is None else value >= rating.least
    yield Trial(rule, is_good, NOT_KNOWN if value is None else f"{value:g}", rating.unknown, CHANGING)
