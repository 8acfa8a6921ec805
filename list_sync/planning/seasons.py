"""Which seasons of a show are wanted, and which of them are neither on the server nor requested."""

from collections.abc import Iterable, Mapping
from datetime import date

from list_sync.model.answers import SPECIALS
from list_sync.model.decisions import OwnRequest, OwnState
from list_sync.model.facts import TitleFacts
from list_sync.model.matches import Match
from list_sync.model.servers import Availability, MediaState
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import Quality

_REQUESTABLE = frozenset({Availability.UNKNOWN})
ALL = SeasonChoice.ALL.value

_BY_DATE = frozenset({SeasonChoice.LATEST, SeasonChoice.FUTURE})


def need_dates(match: Match) -> bool:
    """Return whether a list asks for seasons by the day on which they air."""
    return any(_goes_by_date(source.terms) for source in match.wanted.sources)


def find_wanted(
    match: Match,
    in_tmdb: Iterable[int],
    facts: TitleFacts,
    *,
    there: frozenset[int],
    taken: frozenset[int],
    today: date,
) -> frozenset[int]:
    """Return the seasons that the lists want and TMDB has; specials only if a list names them.

    The servers accept a season that TMDB does not have (measured), so it is left out here. `there` are the available
    seasons, `taken` all that are on the server or were requested.
    """
    numbers = frozenset(in_tmdb)
    regular = sorted(numbers - {SPECIALS})
    sources = match.wanted.sources
    if all(source.terms.seasons.choice is SeasonChoice.ALL and not _goes_by_date(source.terms) for source in sources):
        return frozenset(regular) if match.seasons is None else match.seasons & numbers
    wanted: set[int] = set()
    aired = _aired(facts, today)
    for source in sources:
        named = match.wanted.find_named_seasons(source.key)
        if named is None:
            asked = _choose(source.terms.seasons, regular, facts, there=there, taken=taken, today=today)
        else:
            asked = named
        # Of a show that has not begun, the filter says what becomes of it.
        wanted |= asked & aired if aired and _only_aired(source.terms) else asked
    return frozenset(wanted) & numbers


def describe_rules(match: Match) -> str:
    """Return the rules by which the lists choose some seasons of a show, as people read them; "" if they want all."""
    found = {
        _describe_rule(source.terms, match.wanted.find_named_seasons(source.key)) for source in match.wanted.sources
    }
    return "" if found == {ALL} else " or ".join(sorted(found))


def _describe_rule(terms: Terms, named: frozenset[int] | None) -> str:
    words = _describe(terms.seasons) if named is None else ", ".join(map(str, sorted(named)))
    return f"{words} (aired)" if _only_aired(terms) else words


def find_next_airing(facts: TitleFacts | None, today: date) -> str:
    """Return which season airs next, as people read it; "" if that is not known."""
    dates = facts.air_dates.items() if facts else ()
    day, number = min(((day, number) for number, day in dates if number and day > today), default=(None, 0))
    return f"; season {number} airs on {day.isoformat()}" if day else ""


def find_there(state: MediaState | None, quality: Quality) -> frozenset[int]:
    """Return the seasons that are available."""
    seasons = state.seasons_in(quality).items() if state else ()
    return frozenset(number for number, status in seasons if status is Availability.AVAILABLE)


def find_taken(state: MediaState | None, own: OwnRequest | None, quality: Quality) -> frozenset[int]:
    """Return the seasons that are on the server or were requested, by us or by others."""
    asked_for = own.seasons if own and own.state is not OwnState.REFUSED else frozenset()
    if state is None:
        return asked_for
    present = {number for number, status in state.seasons_in(quality).items() if status not in _REQUESTABLE}
    requested = {number for request in state.requests_in(quality) for number in request.seasons}
    return asked_for | present | requested


def _choose(
    rule: SeasonRule,
    regular: list[int],
    facts: TitleFacts,
    *,
    there: frozenset[int],
    taken: frozenset[int],
    today: date,
) -> frozenset[int]:
    match rule.choice:
        case SeasonChoice.ALL:
            return frozenset(regular)
        case SeasonChoice.FIRST:
            return frozenset(regular[: rule.first])
        case SeasonChoice.LATEST:
            return frozenset(sorted(_aired(facts, today).intersection(regular))[-1:])
        case SeasonChoice.NEXT:
            return _find_next(regular, there=there, taken=taken)
        case SeasonChoice.NUMBERS:
            return rule.numbers
        case SeasonChoice.FUTURE:
            return _find_future(regular, facts.air_dates, since=rule.since or today, today=today)


def _find_next(regular: list[int], *, there: frozenset[int], taken: frozenset[int]) -> frozenset[int]:
    """Return the season after the last available one; while another one is open, only that."""
    open_seasons = taken.difference(there, {SPECIALS})
    if open_seasons:
        return open_seasons
    last = max(there, default=0)
    return frozenset([number for number in regular if number > last][:1])


def _find_future(regular: list[int], air_dates: Mapping[int, date], *, since: date, today: date) -> frozenset[int]:
    """Return the seasons that air from a day on; one without a date counts if all that aired come before it."""
    last_aired = max((number for number, day in air_dates.items() if day <= today), default=None)
    dated = {number for number in regular if number in air_dates and air_dates[number] >= since}
    undated = {number for number in regular if number not in air_dates and number > (last_aired or max(regular))}
    return frozenset(dated | undated)


def _aired(facts: TitleFacts, today: date) -> frozenset[int]:
    return frozenset(number for number, day in facts.air_dates.items() if day <= today)


def _goes_by_date(terms: Terms) -> bool:
    return terms.seasons.choice in _BY_DATE or _only_aired(terms)


def _only_aired(terms: Terms) -> bool:
    return terms.filters is not None and terms.filters.released is not None


def _describe(rule: SeasonRule) -> str:
    match rule.choice:
        case SeasonChoice.FIRST:
            return "first" if rule.first == 1 else f"first {rule.first}"
        case SeasonChoice.NUMBERS:
            return ", ".join(map(str, sorted(rule.numbers)))
        case SeasonChoice.FUTURE if rule.since:
            return f"future, since {rule.since.isoformat()}"
    return rule.choice.value
