"""Terms and policies in words, as people read them in tables and in the log."""

from collections.abc import Iterator
from datetime import timedelta

from list_sync.config.rhythms import parse_rhythm
from list_sync.model.filters import Filters, IfUnknown, Range, Words
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.terms import (
    EACH,
    UNSTATED,
    Again,
    Approval,
    Order,
    SeasonChoice,
    SeasonRule,
    ServerOptions,
    TagsMode,
    Terms,
    Withdrawal,
)
from list_sync.model.titles import counted

_SEASONS = {
    SeasonChoice.ALL: "all seasons",
    SeasonChoice.LATEST: "the latest season",
    SeasonChoice.NEXT: "one season after the other",
    SeasonChoice.FUTURE: "future seasons",
}


def describe_terms(terms: Terms, usual: Terms = UNSTATED) -> str:
    """Return what is special about terms, in a few words; empty if they are the usual ones."""
    parts = list(_describe_what(terms, usual))
    parts += _describe_how_many(terms, usual)
    parts += _describe_how(terms, usual)
    return ", ".join(parts)


def describe_policy(policy: HouseholdPolicy) -> Iterator[str]:
    """Yield what is stated for all lists together, a sentence each."""
    caps = policy.caps
    numbers = ((caps.per_run, "in a sync"), (caps.per_day, "a day"), (caps.per_requester, "a day for each requester"))
    if any(number for number, _ in numbers):
        yield f"at most {', '.join(f'{number} {when}' for number, when in numbers if number)}"
    yield from _describe_pauses(policy)
    excluded = policy.exclusions
    counts = (
        counted(len(excluded.titles) + len(excluded.names), "title") if excluded.titles or excluded.names else "",
        f"the titles of {' and '.join(excluded.lists)}" if excluded.lists else "",
    )
    if any(counts):
        yield f"never: {', '.join(filter(None, counts))}"
    yield f"the brake is {'on' if policy.brake else 'off'}"


def describe_length(length: timedelta) -> str:
    """Return a length of time as it is written in lists.yaml: `2h`, `1d 12h`."""
    minutes = length // timedelta(minutes=1)
    parts = ((minutes // 1440, "d"), (minutes % 1440 // 60, "h"), (minutes % 60, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def describe_seasons(rule: SeasonRule) -> str:
    """Return the seasons that a rule means."""
    if rule.choice is SeasonChoice.FIRST:
        return "the first season" if rule.first == 1 else f"the first {rule.first} seasons"
    if rule.choice is SeasonChoice.NUMBERS:
        numbers = ["specials" if number == 0 else str(number) for number in sorted(rule.numbers)]
        return f"seasons {', '.join(numbers)}" if numbers != ["specials"] else "specials"
    return _SEASONS[rule.choice]


def describe_filters(filters: Filters) -> Iterator[str]:
    """Yield each rule of the filters."""
    if filters.kind:
        yield f"{filters.kind.plural} only"
    for name, bounds, unit in (("year", filters.year, ""), ("runtime", filters.runtime, " minutes")):
        if bounds:
            yield f"{name} {_describe_range(bounds)}{unit}{_describe_unknown(bounds.unknown)}"
    for name, words in (("genre", filters.genres), ("language", filters.languages), ("country", filters.countries)):
        if words:
            yield f"{name} {_describe_words(words)}{_describe_unknown(words.unknown)}"
    if rating := filters.rating:
        votes = f" by {rating.votes} votes" if rating.votes else ""
        yield f"rating ≥{rating.least:g} ({rating.source}){votes}{_describe_unknown(rating.unknown)}"
    if released := filters.released:
        yield f"released ({released.needed}){_describe_unknown(released.unknown, IfUnknown.WAIT)}"
    if away := filters.not_on:
        yield f"not on {' or '.join(sorted(away.services))} in {away.region}{_describe_unknown(away.unknown)}"


def _describe_what(terms: Terms, usual: Terms) -> Iterator[str]:
    if terms.qualities != usual.qualities:
        yield " and ".join(quality.word for quality in terms.qualities)
    if terms.seasons != usual.seasons:
        yield describe_seasons(terms.seasons)
    if terms.max_seasons is not None and terms.max_seasons != usual.max_seasons:
        yield f"no shows with more than {counted(terms.max_seasons, 'season')}"
    if terms.filters is not None and terms.filters != usual.filters:
        yield from describe_filters(terms.filters)
    if terms.exclude_lists and terms.exclude_lists != usual.exclude_lists:
        yield f"without the titles of {' and '.join(terms.exclude_lists)}"


def _describe_how_many(terms: Terms, usual: Terms) -> Iterator[str]:
    if terms.limit is not None and terms.limit != usual.limit:
        yield f"at most {terms.limit} new titles"
    if terms.order is not usual.order:
        yield {Order.ADDED: "newest first", Order.RATING: "best first", Order.RANK: "in the order of the list"}[
            terms.order
        ]
    if terms.max_new_per_day is not None and terms.max_new_per_day != usual.max_new_per_day:
        yield f"at most {terms.max_new_per_day} a day"
    if terms.max_open is not None and terms.max_open != usual.max_open:
        yield f"at most {terms.max_open} open"
    if terms.hold and terms.hold != usual.hold:
        yield f"after {describe_length(terms.hold)}"


def _describe_how(terms: Terms, usual: Terms) -> Iterator[str]:
    if terms.requester and terms.requester != usual.requester:
        yield "requested by each person" if terms.requester == EACH else f"requested by {terms.requester}"
    if terms.approval is not usual.approval:
        yield f"approved as the {'owner of the API key' if terms.approval is Approval.KEY else 'requester'}"
    if terms.server and terms.server != usual.server:
        yield from _describe_server(terms.server)
    if terms.again is not usual.again:
        yield "again when readded" if terms.again is Again.WHEN_READDED else "never again"
    if terms.withdraw is not usual.withdraw:
        yield "withdrawn when it left" if terms.withdraw is Withdrawal.PENDING else "never withdrawn"
    if terms.schedule and terms.schedule != usual.schedule:
        yield _describe_schedule(terms.schedule)
    if terms.priority != usual.priority:
        yield f"priority {terms.priority}"


def _describe_schedule(schedule: str) -> str:
    return f"{'at' if parse_rhythm(schedule).crons else 'every'} {schedule}"


def _describe_server(options: ServerOptions) -> Iterator[str]:
    if options.server is not None:
        yield f"server {options.server}"
    if options.profile is not None:
        yield f"profile {options.profile}"
    if options.root_folder is not None:
        yield f"folder {options.root_folder}"
    if options.tags is not None:
        only = "only " if options.tags_mode is TagsMode.REPLACE and options.tags else ""
        yield f"{only}tags {' and '.join(map(str, options.tags))}" if options.tags else "no tags"
    if options.anime is not None:
        yield f"for anime {', '.join(_describe_server(options.anime))}"


def _describe_range(bounds: Range) -> str:
    least, most = bounds.least, bounds.most
    if least is not None and most is not None:
        return f"{least:g}" if least == most else f"{least:g}-{most:g}"
    return f"≥{least:g}" if least is not None else f"≤{most:g}"


def _describe_words(words: Words) -> str:
    parts = (" or ".join(sorted(words.wanted)), " ".join(f"not {word}" for word in sorted(words.unwanted)))
    return ", ".join(filter(None, parts))


def _describe_unknown(unknown: IfUnknown, usual: IfUnknown = IfUnknown.ACCEPT) -> str:
    return "" if unknown is usual else f" ({unknown} if unknown)"


def _describe_pauses(policy: HouseholdPolicy) -> Iterator[str]:
    pause = policy.pause_when
    if pause.pending is not None:
        yield f"nothing new while {pause.pending} requests are pending"
    if pause.free_space_bytes is not None:
        yield f"nothing new while less than {pause.free_space_bytes / 10**9:g} GB are free"
    if pause.quota_left is not None:
        yield f"nothing new while the requester has {pause.quota_left} or fewer requests left"


def describe_shortly(terms: Terms) -> str:
    """Return as which user a list asks, and how much: `alice · HD · 5 a day`."""
    said = describe_each(terms)
    more = (
        said["seasons"] if terms.seasons != SeasonRule() else "",
        f"{terms.max_new_per_day} a day" if terms.max_new_per_day else "",
        said.get("limit", ""),
        "filtered" if terms.filters else "",
    )
    return " · ".join(filter(None, (said["requester"], said["quality"], *more)))


def describe_each(terms: Terms) -> dict[str, str]:
    """Return every term of a list in words, by the keys of lists.yaml; those that say nothing are left out."""
    length = describe_length(terms.hold) if terms.hold else ""
    said = {
        "requester": "each person" if terms.requester == EACH else terms.requester or f"user {terms.requester_id}",
        "quality": " and ".join(quality.word for quality in terms.qualities),
        "seasons": describe_seasons(terms.seasons),
        "max_seasons": f"no shows with more than {counted(terms.max_seasons, 'season')}" if terms.max_seasons else "",
        "limit": f"the first {counted(terms.limit, 'title')}" if terms.limit else "",
        "order": "" if terms.order is Order.RANK else next(_describe_how_many(Terms(order=terms.order), UNSTATED)),
        "max_new_per_day": f"{terms.max_new_per_day} at most" if terms.max_new_per_day else "",
        "max_open": f"{terms.max_open} at most" if terms.max_open else "",
        "hold": f"{length} after it came" if length else "",
        "again": "when it is put on the list again" if terms.again is Again.WHEN_READDED else "",
        "withdraw": "pending requests, when a title left all lists" if terms.withdraw is Withdrawal.PENDING else "",
        "schedule": f"{'at' if parse_rhythm(terms.schedule).crons else 'every'} {terms.schedule}"
        if terms.schedule
        else "",
        "priority": str(terms.priority),
        "approval": "as the owner of the API key" if terms.approval is Approval.KEY else "",
        "filters": ", ".join(describe_filters(terms.filters)) if terms.filters else "",
        "server": ", ".join(_describe_server(terms.server)) if terms.server else "",
        "exclude_lists": " and ".join(terms.exclude_lists),
    }
    return {key: words for key, words in said.items() if words}
