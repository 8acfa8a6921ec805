"""Which lists want a title that would be requested: those whose rules it passes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Request, Skip, Unread, Wish
from list_sync.model.facts import NO_FACTS, Ratings, TitleFacts
from list_sync.model.filters import Filters, IfUnknown, Rating, RatingSource
from list_sync.model.matches import Match
from list_sync.model.rules import RuleResult
from list_sync.model.servers import TitleDetails
from list_sync.model.sources import ListRef
from list_sync.model.terms import Order
from list_sync.model.titles import MediaType, Quality
from list_sync.model.waiting import UNTIL_CORRECTED
from list_sync.planning.filters import (
    CHANGING,
    LASTING,
    Trial,
    needs_page,
    try_list_rating,
    try_page,
    try_ratings,
    try_stated,
)

NOT_RATED_NOW = "the server could not read its ratings just now; tried again in the next run"

_NO_FILTERS = Filters()
_BY_OTHERS = frozenset({RatingSource.IMDB, RatingSource.RT})


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the rules of one list say; `status` is None if the list wants the title, `unread` is what has to be read.

    `is_blocked` is True for a list that wants it and names something that the server does not have.
    """

    results: tuple[RuleResult, ...] = ()
    status: ItemStatus | None = None
    reason: str = ""
    unread: Unread | None = None
    lasts: timedelta | None = None
    is_blocked: bool = False


def are_choosy(wish: Wish) -> bool:
    """Return whether a list of the wish has rules that its titles must pass."""
    return any(source.terms.is_choosy for source in wish.match.wanted.sources)


def choose(
    request: Request, wish: Wish, knowledge: Knowledge, decide: Callable[[Wish], Decision], *, today: date
) -> Decision:
    """Return what becomes of a request once the lists are left out whose rules the title fails.

    `decide` decides again for the lists that are left: they may want fewer seasons, for another requester.
    """
    key, sources = request.title_key, wish.match.wanted.sources
    details, facts = knowledge.details.get(key), knowledge.facts.get(key)
    verdicts = {source: _judge(source, wish.match, wish.quality, details, facts, today=today) for source in sources}
    unread = [verdict.unread for verdict in verdicts.values() if verdict.unread]
    if unread:
        return replace(request, unread=min(unread))
    results = tuple(result for verdict in verdicts.values() for result in verdict.results)
    takers = [source for source, verdict in verdicts.items() if verdict.status is None]
    wanting = [verdict for verdict in verdicts.values() if verdict.status is None or verdict.is_blocked]
    if wanting and wanting[0].is_blocked:
        # The most important list decides how a title is requested: no other one stands in for it.
        return Skip(wish.result, ItemStatus.WAITING, wanting[0].reason, wish.quality, (*request.rules, *results))
    if not takers:
        return _leave(wish, verdicts, (*request.rules, *results))
    chosen: Decision = request
    if len(takers) < len(sources):
        chosen = decide(replace(wish, result=wish.match.narrowed_to(takers)))
    return as_wished(replace(chosen, rules=(*chosen.rules, *results)), wish)


def as_wished(decision: Decision, wish: Wish) -> Decision:
    """Return a decision for some lists of a wish as one for all of them, as which it is recorded."""
    if isinstance(decision, Request):
        return replace(decision, match=wish.match)
    return replace(decision, subject=wish.result)


def _leave(wish: Wish, verdicts: Mapping[ListRef, _Verdict], results: tuple[RuleResult, ...]) -> Skip:
    """Return the skip of a title that no list wants now; if one may want it later, it waits."""
    said = list(verdicts.values())
    told = next((verdict for verdict in said if verdict.status is ItemStatus.WAITING), said[0])
    lasts = min((verdict.lasts for verdict in said if verdict.lasts is not None), default=None)
    status = told.status or ItemStatus.FILTERED
    return Skip(wish.result, status, told.reason, wish.quality, results, facts_last=lasts)


def _judge(
    source: ListRef,
    match: Match,
    quality: Quality,
    details: TitleDetails | None,
    facts: TitleFacts | None,
    *,
    today: date,
) -> _Verdict:
    """Hold a title against the rules of one list; what costs a call is held against it last."""
    terms = source.terms
    if terms.missing_list:
        return _hold_up(source, terms.missing_list)
    verdict = _judge_by_rules(source, match, details, facts, today=today) if terms.is_choosy else _Verdict()
    obstacle = terms.destination_of(match.media_type, quality).obstacle
    if not obstacle or verdict.status or verdict.unread:
        return verdict
    held_up = _hold_up(source, f"{obstacle}; {UNTIL_CORRECTED}")
    return replace(held_up, results=(*verdict.results, *held_up.results), is_blocked=True)


def _hold_up(source: ListRef, reason: str) -> _Verdict:
    stopped = RuleResult("nothing holds the list up", passed=False, value=reason, source=source.label)
    return _Verdict((stopped,), ItemStatus.WAITING, reason)


def _judge_by_rules(
    source: ListRef, match: Match, details: TitleDetails | None, facts: TitleFacts | None, *, today: date
) -> _Verdict:
    filters, most_seasons = source.terms.filters or _NO_FILTERS, source.terms.max_seasons
    rating, counts_seasons = filters.rating, most_seasons is not None and match.media_type is MediaType.TV
    trials = [*_try_limit(source, match), *try_stated(filters, match), *_try_list_rating(rating, source, match)]
    if not all(map(_passes, trials)):
        return _sum_up(trials, source)
    if needs_page(filters, match, facts) or (counts_seasons and details is None):
        return _Verdict(unread=Unread.PAGE)
    if details is not None and most_seasons is not None and counts_seasons:
        trials.append(_count_seasons(most_seasons, details))
    trials += try_page(filters, match, facts or NO_FACTS, today=today)
    if rating is None or rating.source not in _BY_OTHERS or not all(map(_passes, trials)):
        return _sum_up(trials, source)
    ratings = _find_ratings(rating, match.media_type, facts)
    if ratings is None:
        return _Verdict(unread=Unread.RATINGS)
    if not ratings.is_read:
        return _Verdict(tuple(_results(trials, source)), ItemStatus.WAITING, NOT_RATED_NOW)
    return _sum_up([*trials, *try_ratings(rating, ratings)], source)


def _try_limit(source: ListRef, match: Match) -> Iterator[Trial]:
    """Yield whether a title is among the first entries of its list; what does not fit is only not asked for."""
    limit, place = source.terms.limit, match.wanted.find_place(source.key)
    if limit is not None and place is not None:
        order = "" if source.terms.order is Order.RANK else f" by {source.terms.order.value}"
        yield Trial(f"the first {limit} of {source.label}{order}", place.rank <= limit, f"number {place.rank}")


def _find_ratings(rating: Rating, media_type: MediaType, facts: TitleFacts | None) -> Ratings | None:
    """Return the ratings elsewhere; None if they have to be read. The servers have none of IMDb for shows."""
    if media_type is MediaType.TV and rating.source is RatingSource.IMDB:
        return Ratings()
    return facts.ratings if facts else None


def _try_list_rating(rating: Rating | None, source: ListRef, match: Match) -> Iterator[Trial]:
    if rating is not None and rating.source is RatingSource.LIST:
        place = match.wanted.find_place(source.key)
        yield from try_list_rating(rating, place.rating if place else None)


def _count_seasons(most: int, details: TitleDetails) -> Trial:
    count = sum(number > 0 for number in details.season_numbers)
    return Trial(f"seasons ≤{most}", count <= most, str(count), lasts=CHANGING)


def _passes(trial: Trial) -> bool:
    return trial.unknown is IfUnknown.ACCEPT if trial.passed is None else trial.passed


def _results(trials: list[Trial], source: ListRef) -> Iterator[RuleResult]:
    for trial in trials:
        yield RuleResult(trial.rule, _passes(trial), trial.value, source.label)


def _sum_up(trials: list[Trial], source: ListRef) -> _Verdict:
    """Return the verdict by all trials: one that fails for good counts before one that waits for its value."""
    results = tuple(_results(trials, source))
    failed = [trial for trial in trials if not _passes(trial)]
    if not failed:
        return _Verdict(results)
    told = next((trial for trial in failed if trial.passed is False or trial.unknown is IfUnknown.REJECT), failed[0])
    waits = told.passed is None and told.unknown is IfUnknown.WAIT
    reason = f"{told.rule}: {told.value}{_describe_next(told, waits=waits)}"
    lasts = LASTING if any(trial.lasts is LASTING for trial in failed if trial.passed is False) else CHANGING
    return _Verdict(results, ItemStatus.WAITING if waits else ItemStatus.FILTERED, reason, lasts=lasts)


def _describe_next(trial: Trial, *, waits: bool) -> str:
    if trial.due is not None:
        return ", looked at again then"
    return "; looked at again every few days until it is" if waits else ""
