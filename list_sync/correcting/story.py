"""The story of one title as lines with labels, as `why` and the page of the title tell it."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from list_sync.correcting.advice import advise
from list_sync.correcting.finding import TitleKnowledge
from list_sync.model.explanations import Explanation
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import MatchMethod, Pin
from list_sync.model.rules import RuleResult
from list_sync.model.servers import MediaState
from list_sync.model.shown import shown_reason, shown_seasons, shown_time, shown_user
from list_sync.model.terms import Approval, SentOptions
from list_sync.model.titles import Quality
from list_sync.storage.item_links import Link
from list_sync.storage.title_search import TitleRecord

# The label, and what it says.
Line = tuple[str, str]

_SURE = {
    MatchMethod.PIN: "you pinned {entry} to it",
    MatchMethod.TMDB_ID: "its list states {entry}",
    MatchMethod.IMDB_ID: "its list states {entry}, and TMDB has one title with that id",
    MatchMethod.TVDB_ID: "its list states {entry}, and TMDB has one show with that id",
    MatchMethod.REMEMBERED: "{entry} was matched to it in an earlier sync",
}


def tell(record: TitleRecord, known: TitleKnowledge, zone: tzinfo) -> Iterator[Line]:
    """Yield the story of a title, from its state to what would change it."""
    yield "state", f"{record.status.value}: {shown_reason(record.reason, zone) or 'no reason given'}"
    if record.events:
        yield "since", shown_time(record.events[-1].at, zone)
    yield from tell_wish(record, zone, known.users)
    yield "matched", _describe_match(record, known.matched_name)
    yield from tell_finding(record.explanation)
    yield from (("pin", _describe_pin(pin)) for pin in known.pins)
    if known.snoozed_until:
        yield "snoozed", f"until {shown_time(known.snoozed_until, zone)}"
    yield from tell_rules(record.explanation, zone)
    yield from tell_server(record, known, zone)
    for place in record.lists or ("none any more",):
        yield "list", f"{place}{f', {known.doubts[place]}' if place in known.doubts else ''}"
    yield "seen", f"first {shown_time(record.first_seen, zone)}, last {shown_time(record.last_synced, zone)}"
    for event in record.events:
        teller = f"run {event.run_id}" if event.run_id else "told by the server"
        yield (
            "history",
            f"{shown_time(event.at, zone)}, {teller}: {event.status.value}, {shown_reason(event.reason, zone)}",
        )
    yield "next", advise(record)


def tell_wish(record: TitleRecord, zone: tzinfo, users: Mapping[int, str]) -> Iterator[Line]:
    """Yield which lists want a title since when, which did, and which list and user it is decided for."""
    wanted = [_describe_place(name, record.places[name], zone) for name in record.lists if name in record.places]
    if wanted:
        yield "wanted", f"by {', by '.join(wanted)}"
    for name, link in record.places.items():
        if link.absent_since:
            yield "left", f"{name}, seen without it on {shown_time(link.absent_since, zone)}"
    told = record.explanation
    if told and told.source:
        yield (
            "wish",
            "; ".join([f"{told.source} decides: for {shown_user(told.requester_id, users)}", *_describe_wish(told)]),
        )


def _describe_place(name: str, link: Link, zone: tzinfo) -> str:
    since = f" since {shown_time(link.first_seen, zone)}" if link.first_seen else ""
    added = f" (there since {shown_time(link.added_at, zone)})" if link.added_at else ""
    return f"{name}{since}{added}"


def _describe_wish(told: Explanation) -> Iterator[str]:
    if told.priority:
        yield f"its priority is {told.priority}"
    if told.approval is Approval.KEY:
        yield "approved by the owner of the API key"
    if told.seasons:
        yield shown_seasons(told.seasons)
    if told.options:
        yield from _describe_options(told.options)


def _describe_options(options: SentOptions) -> Iterator[str]:
    if options.server_id is not None:
        yield f"server {options.server_id}"
    if options.profile_id is not None:
        yield f"profile {options.profile_id}"
    if options.root_folder is not None:
        yield f"folder {options.root_folder}"
    if options.tags is not None:
        yield f"tags {', '.join(map(str, options.tags)) or 'none'}"


def tell_finding(told: Explanation | None) -> Iterator[Line]:
    """Yield how sure a match is, and what else was considered."""
    if told is None:
        return
    count = len(told.considered)
    if told.method is MatchMethod.TITLE_AND_YEAR:
        offered = f", the only one that fits of {count} that TMDB offered" if count > 1 else ""
        yield "sure", f"it has the name and the year of {told.entry}{offered}"
    elif told.method is not None:
        yield "sure", _SURE[told.method].format(entry=told.entry)
    else:
        yield "sure", f"nothing fits {told.entry} beyond doubt"
    if count > 1:
        yield "among", ", ".join(told.considered)


def tell_rules(told: Explanation | None, zone: tzinfo) -> Iterator[Line]:
    """Yield what each rule said; those that passed without a value share a line."""
    if told is None:
        return
    plain = [rule.rule for rule in told.rules if rule.passed and not (rule.value or rule.source)]
    if plain:
        yield "rule", f"PASS {'; '.join(plain)}"
    for rule in told.rules:
        if not rule.passed or rule.value or rule.source:
            yield "rule", shown_reason(_describe_rule(rule), zone)
    if told.rules_left_out:
        yield "rule", f"and {told.rules_left_out} more"


def _describe_rule(rule: RuleResult) -> str:
    value = f": {rule.value}" if rule.value else ""
    source = f" ({rule.source})" if rule.source else ""
    return f"{'PASS' if rule.passed else 'FAIL'} {rule.rule}{value}{source}"


def _describe_match(record: TitleRecord, name: str) -> str:
    """Return the TMDB title of an entry, and how it was matched."""
    if record.tmdb_id is None:
        return "to nothing"
    kind = record.media_type.value if record.media_type else "title"
    how = f"by {record.method.value.replace('_', ' ')}" if record.method else "earlier"
    ids = [record.imdb_id, f"tvdb {record.tvdb_id}" if record.tvdb_id else None]
    named = f", {name}," if name else ""
    return ", ".join([f"to tmdb {kind} {record.tmdb_id}{named} {how}", *filter(None, ids)])


def _describe_pin(pin: Pin) -> str:
    """Say what the user said of a title."""
    if pin.tmdb_id is None:
        return f"{pin.key}: banned"
    return f"{pin.key} is {pin.media_type.value if pin.media_type else ''} {pin.tmdb_id}"


def tell_server(record: TitleRecord, known: TitleKnowledge, zone: tzinfo) -> Iterator[Line]:
    """Yield what was read of a title on the server and, separately, what we requested."""
    server = known.server
    if server.state:
        read = f" (read {shown_time(server.seen_at, zone)})" if server.seen_at else ""
        yield "server", f"{_describe_state(server.state, record.quality)}{read}"
    for entry in server.sent:
        yield "ours", _describe_entry(entry, zone)


def _describe_state(state: MediaState, quality: Quality) -> str:
    """Return the state of a title on the server as text."""
    availability = state.availability_in(quality).name.lower().replace("_", " ")
    requests = [f"request {request.request_id} {request.status.name.lower()}" for request in state.requests_in(quality)]
    return ", ".join([f"knows it as {availability}", *requests])


def _describe_entry(entry: JournalEntry, zone: tzinfo) -> str:
    """Return when we requested a title and with what result, unless it was read back from the server."""
    seasons = f" for {shown_seasons(entry.seasons)}" if entry.seasons else ""
    if entry.state is RequestState.ACCEPTED:
        name = f" (request {entry.request_id})" if entry.request_id else ""
        return f"requested by us on {shown_time(entry.sent_at, zone)}{seasons}{name}; not read back since"
    number = f", request {entry.request_id}" if entry.request_id else ""
    answer = f": {entry.note or entry.answer}" if entry.note or entry.answer else ""
    return f"asked {shown_time(entry.sent_at, zone)}{seasons}, {entry.state.value}{number}{answer}"
