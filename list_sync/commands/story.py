"""The story of one title as lines with labels: who wants it, how it was found, and what each rule said."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from list_sync.model.explanations import Explanation
from list_sync.model.matches import MatchMethod
from list_sync.model.rules import RuleResult
from list_sync.model.shown import shown_reason, shown_seasons, shown_time, shown_user
from list_sync.model.terms import Approval, SentOptions
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
