"""The terms of the lists of a run, completed by what only the run knows, and what they ask for."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from list_sync.model.decisions import Wish
from list_sync.model.facts import FactsAsked
from list_sync.model.sources import FetchResult, FetchState, ListKey, ListRef
from list_sync.model.terms import Order, SeasonChoice, Terms
from list_sync.model.titles import TitleKey
from list_sync.model.waiting import FIRST_UNKNOWN
from list_sync.wishing.exclusions import Excluded


def order_by_priority(lists: Iterable[ListRef]) -> tuple[ListRef, ...]:
    """Return lists with the most important first; those of one priority keep their order."""
    return tuple(sorted(lists, key=lambda source: -source.terms.priority))


def settle_terms(
    results: Iterable[FetchResult],
    excluded: Excluded,
    *,
    first_read: Callable[[], Mapping[ListKey, date]],
    today: date,
) -> tuple[FetchResult, ...]:
    """Return readings, each with the terms of its list that count in this run.

    A list waits while one of the lists that it leaves out cannot be read, or while it is not known which are its first
    entries. A list that wants future seasons was added on
    the day of its first complete reading, or today; these days are asked for only if a list needs them.
    """
    results = tuple(results)
    choices = {result.source.terms.seasons.choice for result in results}
    days = first_read() if SeasonChoice.FUTURE in choices else {}

    def settle(result: FetchResult) -> ListRef:
        source = result.source
        terms = _since(source.terms, min(days.get(source.key, today), today))
        if reason := _find_missing(result, excluded):
            terms = replace(terms, missing_list=reason)
        return source if terms is source.terms else replace(source, terms=terms)

    settled = ((result, settle(result)) for result in results)
    return tuple(result if source is result.source else replace(result, source=source) for result, source in settled)


def _find_missing(result: FetchResult, excluded: Excluded) -> str:
    """Return why the titles of a list wait: a list was not read, or not in full."""
    source, terms = result.source, result.source.terms
    if missing := excluded.find_unreadable(source):
        return f"{missing}, whose titles are left out, cannot be read: requested once it can be"
    is_cut = result.state is FetchState.PARTIAL and not result.is_good
    if is_cut and terms.limit is not None and terms.order is not Order.RANK:
        # What was not read may be newer, or rated better.
        return f"{source.label} was not read in full: {FIRST_UNKNOWN} {terms.limit} by {terms.order.value} is not known"
    return ""


def _since(terms: Terms, day: date) -> Terms:
    if terms.seasons.choice is not SeasonChoice.FUTURE:
        return terms
    return replace(terms, seasons=replace(terms.seasons, since=day))


def find_facts_asked(wishes: Iterable[Wish], lists: Iterable[ListRef]) -> FactsAsked:
    """Return the titles of which lists want facts that only their pages state, and the countries that matter."""
    lists = tuple(lists)
    if not any(source.terms.needs_facts for source in lists):
        return FactsAsked()
    filters = [source.terms.filters for source in lists]
    regions = {one.not_on.region for one in filters if one is not None and one.not_on is not None}
    return FactsAsked(frozenset(_find_asked(wishes)), frozenset(regions))


def _find_asked(wishes: Iterable[Wish]) -> Iterator[TitleKey]:
    for wish in wishes:
        if wish.key is not None and any(source.terms.needs_facts for source in wish.result.wanted.sources):
            yield wish.key[:2]
