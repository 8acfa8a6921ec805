"""`lists test`: a list, read now by each of its routes."""

import threading
from datetime import tzinfo

from list_sync.commands.json_output import print_json
from list_sync.commands.loading import introduce
from list_sync.commands.printing import say
from list_sync.commands.report import build_list_object
from list_sync.commands.tables import print_table
from list_sync.correcting.naming import parse_list
from list_sync.daemon.stopping import stopped_by_signals
from list_sync.errors import SyncCancelled
from list_sync.fetching.routes import Try, choose, open_list, try_route
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import utc_now
from list_sync.model.report import is_short
from list_sync.model.shown import shown_time
from list_sync.model.sources import FetchResult, FetchState, ListRef, describe_unsupported
from list_sync.model.titles import MediaItem, counted
from list_sync.preparation import prepare_settings
from list_sync.sources import Sources, open_sources

ROUTE_COLUMNS = ("route", "came to", "titles", "of", "note")
FIRST_TITLES = 5


def test_list(text: str, *, as_json: bool, household: str) -> int:
    """Print the result of each route of a list, its first titles, and whether it is complete."""
    settings = introduce(prepare_settings(household))
    source = parse_list(text, settings.household.lists)
    if not as_json:
        say(f"{source}: {source.provider} accepts it")
    with stopped_by_signals() as stopping, open_sources(settings, stop=stopping.event) as sources:
        try:
            code = _try_all(source, sources, stop=stopping.event, zone=settings.process.zone, as_json=as_json)
        except SyncCancelled:
            code = ExitCode.FAILURES
        return stopping.exit_code(code)


def _try_all(source: ListRef, sources: Sources, *, stop: threading.Event, zone: tzinfo, as_json: bool) -> ExitCode:
    opened = open_list(source, sources.make_context, now=utc_now)
    if isinstance(opened, FetchResult):
        if as_json:
            print_json(build_list_object(opened))
        else:
            say(opened.reason or "it cannot be read")
        return ExitCode.FAILURES
    tries = [try_route(opened, route, stop=stop) for route in opened.routes]
    if as_json:
        best = choose(source, tries, fetched_at=utc_now())
        print_json(build_list_object(best) | {"titles": best.items})
        return ExitCode.FAILURES if best.state is FetchState.FAILED or is_short(best) else ExitCode.OK
    print_table(ROUTE_COLUMNS, [_row(one, zone=zone) for one in tries])
    _say_allowances(sources, zone=zone)
    best = choose(source, tries, fetched_at=utc_now())
    if best.state is FetchState.FAILED:
        say("no route can read this list at the moment")
        return ExitCode.FAILURES
    _say_titles(best)
    return ExitCode.FAILURES if is_short(best) else ExitCode.OK


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
