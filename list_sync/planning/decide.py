"""What to do about one title, given what is known of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from list_sync.model.answers import MEANINGS
from list_sync.model.decisions import Decision, ItemStatus, Knowledge, OwnRequest, OwnState, Request, Skip, Wish
from list_sync.model.facts import NO_FACTS, TitleFacts
from list_sync.model.journal import describe_taken_back
from list_sync.model.matches import Match, MatchMethod, NoMatch, NoMatchReason
from list_sync.model.moments import is_over
from list_sync.model.rules import OwnRule, RuleResult
from list_sync.model.servers import AnswerKind, Availability, MediaState, RequestStatus, TitleDetails
from list_sync.model.titles import MediaItem, MediaType, Quality, with_year
from list_sync.planning.arrs import LIVE, find_excluded, find_refused
from list_sync.planning.choosing import are_choosy, as_wished, choose
from list_sync.planning.own_rules import fail, judge, try_rule
from list_sync.planning.seasons import describe_rules, find_next_airing, find_taken, find_there, find_wanted, need_dates

REFUSAL_IS_REMEMBERED = timedelta(days=7)
# Sources may differ so much about the year of one title.
YEARS_OFF = 2

_WITHOUT_A_MATCH = {
    NoMatchReason.NOT_FOUND: ItemStatus.NOT_FOUND,
    NoMatchReason.AMBIGUOUS: ItemStatus.NEEDS_REVIEW,
    NoMatchReason.LOOKUP_FAILED: ItemStatus.ERROR,
    NoMatchReason.BANNED: ItemStatus.EXCLUDED,
}
_LASTING_REFUSALS = frozenset({AnswerKind.TVDB_CONFLICT})
# A request that the server loses can leave the title pending although no request for it exists (measured).
_UNASKED = frozenset({Availability.UNKNOWN, Availability.PENDING})


def decide(wish: Wish, knowledge: Knowledge, *, now: datetime) -> Decision:
    """Return the request to send for one wish, or the state in which it is left alone and why."""
    if wish.excluded:
        return _decide_for_others(wish, knowledge, now=now)
    result = wish.result
    if isinstance(result, NoMatch):
        rule = OwnRule.BAN if result.reason is NoMatchReason.BANNED else OwnRule.MATCH
        return fail(rule, _skip(wish, _WITHOUT_A_MATCH[result.reason], result.detail))
    key = (result.media_type, result.tmdb_id)
    if not knowledge.info.offers(result.media_type, wish.quality):
        lacking = f"the server has no 4K server for {result.media_type.plural}"
        return fail(OwnRule.QUALITY, _skip(wish, ItemStatus.UNSUPPORTED, lacking))
    state = knowledge.states.get(key)
    own = knowledge.own.get((*key, wish.quality))
    return (
        try_rule(OwnRule.SERVER, _held_back_by_status(wish, state))
        or try_rule(OwnRule.OURS, _held_back_by_own_record(wish, state, own, now=now))
        or try_rule(OwnRule.TMDB, _held_back_by_tmdb(wish, knowledge))
        or try_rule(OwnRule.NAME, _held_back_by_doubt(wish, knowledge))
        or _decide_by_lists(wish, state, own, knowledge, today=now.date())
    )


def _decide_for_others(wish: Wish, knowledge: Knowledge, *, now: datetime) -> Decision:
    """Return the decision for those lists that do not leave the title out."""
    rules = tuple(dict.fromkeys(wish.excluded.values()))
    takers = [source for source in wish.result.wanted.sources if source not in wish.excluded]
    if not takers:
        return Skip(wish.result, ItemStatus.EXCLUDED, f"excluded: {rules[0].value}", wish.quality, rules)
    others = decide(Wish(wish.result.narrowed_to(takers), wish.quality), knowledge, now=now)
    return as_wished(replace(others, rules=(*rules, *others.rules)), wish)


def _held_back_by_status(wish: Wish, state: MediaState | None) -> Skip | None:
    if state is None:
        return None
    if Availability.BLOCKLISTED in (state.availability, state.availability_4k):
        return _skip(wish, ItemStatus.BLOCKLISTED, "blocklisted on the server")
    availability = state.availability_in(wish.quality)
    if availability is Availability.DELETED:
        return _skip(wish, ItemStatus.DELETED, "deleted on the server, so not asked for again")
    requests = state.requests_in(wish.quality)
    unknown_request = any(request.status is RequestStatus.UNRECOGNISED for request in requests)
    if availability is Availability.UNRECOGNISED or unknown_request:
        return _skip(wish, ItemStatus.UNSUPPORTED, "the server reports a status that this version does not know")
    return None


def _held_back_by_own_record(
    wish: Wish, state: MediaState | None, own: OwnRequest | None, *, now: datetime
) -> Skip | None:
    if own is None or own.state is OwnState.NOTHING_LEFT:
        return None
    if own.state is OwnState.UNSETTLED:
        return _skip(wish, ItemStatus.WAITING, "a request was sent and its answer lost; it is being looked for")
    if own.state is OwnState.RECOVERED:
        reason = f"requested on {_day(own)} before that run was cut off; found on the server"
        return _skip(wish, ItemStatus.REQUESTED, reason)
    if own.state is OwnState.REFUSED:
        return _held_back_by_refusal(wish, own, now=now)
    if _is_known(state, wish.quality):
        return None
    if own.state is OwnState.UNREAD:
        reason = f"requested by us on {_day(own)}; not read back since"
        return _skip(wish, ItemStatus.ALREADY_REQUESTED, reason)
    return _vanished(wish, own) if own.state is OwnState.VANISHED else _taken_back(wish, own)


def _held_back_by_refusal(wish: Wish, own: OwnRequest, *, now: datetime) -> Skip | None:
    if own.answer not in _LASTING_REFUSALS or is_over(own.at, REFUSAL_IS_REMEMBERED, now=now):
        return None
    meaning = MEANINGS[own.answer]
    again = (own.at + REFUSAL_IS_REMEMBERED).date().isoformat()
    return _skip(wish, meaning.status, f"{meaning.reason}, the server said on {_day(own)}; asked again after {again}")


def _taken_back(wish: Wish, own: OwnRequest) -> Skip:
    reason = describe_taken_back(own.at, own.undone_run, is_imported=own.is_imported)
    return _skip(wish, ItemStatus.DECLINED, reason)


def _vanished(wish: Wish, own: OwnRequest) -> Skip:
    reason = f"requested on {_day(own)}, and vanished from the server together with most of our requests"
    return _skip(wish, ItemStatus.WAITING, f"{reason}: settle it with list-sync accept-reset")


def _day(own: OwnRequest) -> str:
    return own.at.date().isoformat()


def _is_known(state: MediaState | None, quality: Quality) -> bool:
    if state is None:
        return False
    return state.availability_in(quality) not in _UNASKED or bool(state.requests_in(quality))


def _held_back_by_tmdb(wish: Wish, knowledge: Knowledge) -> Skip | None:
    key = (wish.match.media_type, wish.match.tmdb_id)
    if key in knowledge.unknown_to_tmdb:
        return _skip(wish, ItemStatus.NOT_FOUND, f"TMDB has no {wish.match.media_type.word} {wish.match.tmdb_id}")
    if key in knowledge.unreadable:
        return _skip(wish, ItemStatus.ERROR, "the server could not read this title from TMDB; tried again next run")
    return None


def _held_back_by_doubt(wish: Wish, knowledge: Knowledge) -> Skip | None:
    details = knowledge.details.get((wish.match.media_type, wish.match.tmdb_id))
    doubt = _find_contradiction(wish.match, details) if details else None
    return _skip(wish, ItemStatus.NEEDS_REVIEW, doubt) if doubt else None


def _find_contradiction(match: Match, details: TitleDetails) -> str | None:
    """Return why the TMDB id that a list states seems wrong, or None.

    It seems wrong if the name differs and another id as well, or the year of a film where no other id can be compared.
    Then the user is asked, because a wrong request is worse than a question.
    """
    item = match.wanted.item
    names = {_letters(name) for name in item.names if name}
    if match.method is not MatchMethod.TMDB_ID or not names or _letters(details.title) in names:
        return None
    if not _has_other_id(item, details):
        return None
    theirs = ", ".join(filter(None, [with_year(details.title, details.year), details.imdb_id]))
    return f"the list gives TMDB id {match.tmdb_id}, which is {theirs}: pin which one it is"


def _has_other_id(item: MediaItem, details: TitleDetails) -> bool:
    """Return whether the first id that both sides know differs; of films without one, whether the years do."""
    pairs = ((item.ids.imdb, details.imdb_id), (item.ids.tvdb, details.tvdb_id))
    for stated, own in pairs:
        if stated is not None and own is not None:
            return stated != own
    # Of a show, lists may state the year of a season.
    if details.media_type is MediaType.TV or item.year is None or details.year is None:
        return False
    return abs(item.year - details.year) > YEARS_OFF


def _letters(title: str) -> str:
    return "".join(character for character in title.casefold() if character.isalnum())


def _decide_by_lists(
    wish: Wish, state: MediaState | None, own: OwnRequest | None, knowledge: Knowledge, *, today: date
) -> Decision:
    """Return what the lists want of a title that nothing else speaks against, after the rules of each list."""

    def decide_for(wish: Wish) -> Decision:
        if wish.match.media_type is MediaType.MOVIE:
            return judge(find_refused(wish, state) or _settled(wish, state) or _request(wish, None))
        return judge(_decide_show(wish, state, own, knowledge, today=today))

    decision = decide_for(wish)
    if isinstance(decision, Request) and (excluded := find_excluded(wish, knowledge)):
        return replace(excluded, rules=(*decision.rules, RuleResult(f"not {excluded.reason}", passed=False)))
    if isinstance(decision, Request) and are_choosy(wish):
        return choose(decision, wish, knowledge, decide_for, today=today)
    return decision


def _request(wish: Wish, details: TitleDetails | None, seasons: tuple[int, ...] = ()) -> Request:
    source, kind = wish.match.wanted.sources[0], wish.match.media_type
    terms = source.terms
    destination = terms.destination_of(kind, wish.quality)
    return Request(
        wish.match,
        wish.quality,
        seasons,
        terms.requester_id,
        approval=terms.approval,
        options=destination.anime if details and details.is_anime else destination.options,
        source=source.key,
        is_requester_stated=bool(terms.requester),
    )


def _skip(wish: Wish, status: ItemStatus, reason: str) -> Skip:
    return Skip(wish.result, status, reason, wish.quality)


def _decide_show(
    wish: Wish, state: MediaState | None, own: OwnRequest | None, knowledge: Knowledge, *, today: date
) -> Decision:
    key = (wish.match.media_type, wish.match.tmdb_id)
    details, facts = knowledge.details.get(key), knowledge.facts.get(key)
    if details is None or (facts is None and need_dates(wish.match)):
        return _request(wish, None)
    there, taken = find_there(state, wish.quality), find_taken(state, own, wish.quality)
    wanted = find_wanted(wish.match, details.season_numbers, facts or NO_FACTS, there=there, taken=taken, today=today)
    missing = () if state and _is_wholly_there(state, wish.quality) else tuple(sorted(wanted - taken))
    if missing and details.tvdb_id is None:
        reason = "TMDB names no TVDB id for this show, and the server cannot request one without it"
        return _skip(wish, ItemStatus.UNSUPPORTED, reason)
    if missing:
        return _request(wish, details, missing)
    if own and own.state is OwnState.VANISHED and wanted - find_taken(state, None, wish.quality):
        return _vanished(wish, own)
    return (
        find_refused(wish, state, wanted)
        or _settled(wish, state)
        or _refused_seasons(wish, own)
        or _no_seasons(wish, details, facts, today=today)
    )


def _is_wholly_there(state: MediaState, quality: Quality) -> bool:
    available = state.availability_in(quality) is Availability.AVAILABLE
    return available and not state.seasons_in(quality)


def _refused_seasons(wish: Wish, own: OwnRequest | None) -> Skip | None:
    if own is None or own.state is not OwnState.NOTHING_LEFT:
        return None
    seasons = ", ".join(str(number) for number in sorted(own.seasons))
    reason = f"asked for season {seasons} on {_day(own)}; the server answered that no season was left to request"
    return _skip(wish, ItemStatus.UNSUPPORTED, reason)


def _no_seasons(wish: Wish, details: TitleDetails, facts: TitleFacts | None, *, today: date) -> Skip:
    rules = describe_rules(wish.match) if any(details.season_numbers) and wish.match.seasons is None else ""
    if rules:
        to_come = find_next_airing(facts, today)
        return _skip(wish, ItemStatus.FILTERED, f"seasons {rules}: none yet{to_come}")
    wanted = "season that the list asks for" if wish.match.seasons else "season but specials"
    return _skip(wish, ItemStatus.UNSUPPORTED, f"TMDB has no {wanted} for this show")


def _settled(wish: Wish, state: MediaState | None) -> Skip | None:
    """Return why a title that the server knows needs nothing, or None when it may be asked for."""
    if state is None:
        return None
    availability = state.availability_in(wish.quality)
    requests = state.requests_in(wish.quality)
    statuses = {request.status for request in requests}
    if availability is Availability.AVAILABLE:
        return _skip(wish, ItemStatus.ALREADY_AVAILABLE, "available on the server")
    if availability is Availability.UNKNOWN and statuses and statuses <= {RequestStatus.COMPLETED}:
        return _skip(wish, ItemStatus.DELETED, "was available once and is gone from the server; not asked for again")
    if statuses & LIVE:
        newest = max(request.request_id for request in requests if request.status in LIVE)
        return _skip(wish, ItemStatus.ALREADY_REQUESTED, f"requested on the server (request {newest})")
    if availability is Availability.PARTIALLY_AVAILABLE:
        return _skip(wish, ItemStatus.ALREADY_AVAILABLE, "partly available on the server, nothing left to ask for")
    if RequestStatus.DECLINED in statuses:
        return _skip(wish, ItemStatus.DECLINED, "its request was declined on the server; not asked for again")
    if availability is Availability.PROCESSING:
        return _skip(wish, ItemStatus.ALREADY_REQUESTED, "processing on the server")
    return None
