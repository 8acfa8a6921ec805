"""`lists test`: reads a list by each of its routes and shows the results; nothing is stored or requested."""

import threading
from datetime import tzinfo

from list_sync.commands.naming import parse_list
from list_sync.commands.opening import load_for_command
from list_sync.commands.printing import print_table, say, shown_time
from list_sync.daemon.stopping import stopped_by_signals
from list_sync.errors import SyncCancelled
from list_sync.fetching.routes import Try, open_list, try_route
from list_sync.model.moments import utc_now
from list_sync.model.report import ExitCode
from list_sync.model.sources import FetchResult, FetchState, ListRef, describe_unsupported
from list_sync.model.titles import MediaItem, counted
from list_sync.sources import Sources, open_sources

COLUMNS = ("route", "came to", "titles", "of", "note")
FIRST_TITLES = 5


def test_list(text: str) -> int:
    """Print the result of each route of a list, its first titles, and whether it is complete."""
    settings = load_for_command()
    source = parse_list(text, settings.household.lists)
    say(f"{source}: {source.provider} accepts it")
    with stopped_by_signals() as stopping, open_sources(settings, stop=stopping.event) as sources:
        try:
            code = _try_all(source, sources, stop=stopping.event, zone=settings.process.zone)
        except SyncCancelled:
            code = ExitCode.FAILURES
        return stopping.exit_code(code)


def _try_all(source: ListRef, sources: Sources, *, stop: threading.Event, zone: tzinfo) -> ExitCode:
    opened = open_list(source, sources.make_context, now=utc_now)
    if isinstance(opened, FetchResult):
        say(opened.reason or "it cannot be read")
        return ExitCode.FAILURES
    tries = [try_route(opened, route, stop=stop) for route in opened.routes]
    print_table(COLUMNS, [_row(one, zone=zone) for one in tries])
    _say_allowances(sources, zone=zone)
    results = [one.result for one in tries if one.result is not None]
    best = max(results, key=lambda result: (result.state is FetchState.COMPLETE, result.entries), default=None)
    if best is None:
        say("no route can read this list at the moment")
        return ExitCode.FAILURES
    _say_titles(best)
    return ExitCode.OK if best.state is FetchState.COMPLETE or best.expected is None else ExitCode.FAILURES


def _row(one: Try, *, zone: tzinfo) -> tuple[object, ...]:
    attempt, result = one.attempt, one.result
    until = f"; not before {shown_time(attempt.until, zone)}" if attempt.until else ""
    count = len(result.items) if result else "-"
    total = "-" if result is None or result.expected is None else result.expected
    return (attempt.route, attempt.outcome.words, count, total, f"{attempt.reason}{until}")


def _say_titles(result: FetchResult) -> None:
    say()
    left_out = describe_unsupported(result.unsupported, result.unsupported_kinds) if result.unsupported else ""
    others = f", {left_out}" if left_out else ""
    others += f", {result.not_understood} not understood" if result.not_understood else ""
    say(f"{result.state.value} by {result.route}: {counted(len(result.items), 'title')}{others}")
    for item in result.items[:FIRST_TITLES]:
        kind = item.media_type.value if item.media_type else "kind unknown"
        season = [f"season {item.season}"] if item.season is not None else []
        say(f"  {', '.join([item.label, kind, *season, *_ids(item)])}")
    if len(result.items) > FIRST_TITLES:
        say(f"  and {len(result.items) - FIRST_TITLES} more")


def _ids(item: MediaItem) -> list[str]:
    named = (("tmdb", item.ids.tmdb), ("imdb", item.ids.imdb), ("tvdb", item.ids.tvdb))
    return [f"{name}:{value}" for name, value in named if value is not None]


def _say_allowances(sources: Sources, *, zone: tzinfo) -> None:
    for host, allowance in sources.limits.find_allowances().items():
        limit = f" of {allowance.limit}" if allowance.limit is not None else ""
        until = f" until {shown_time(allowance.until, zone)}" if allowance.until else ""
        say(f"{host} allows {allowance.remaining}{limit} more requests{until}")
