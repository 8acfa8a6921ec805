"""`check --sources`: which routes of which sources work, tried with public lists."""

from collections.abc import Sequence

from list_sync.checking.sources import (
    RouteReading,
    RouteState,
    is_offline,
    load_public_lists,
    look_at_sources,
    sum_up,
)
from list_sync.commands.json_output import print_json
from list_sync.commands.loading import introduce
from list_sync.commands.printing import complain, is_terminal, say
from list_sync.commands.tables import print_table
from list_sync.daemon.stopping import stopped_by_signals
from list_sync.errors import SyncCancelled
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import utc_now
from list_sync.model.titles import counted
from list_sync.preparation import prepare_settings
from list_sync.version import __version__

COLUMNS = ("list", "route", "state", "entries", "seconds", "note")
NO_NETWORK = (
    "no source answered: this machine seems to have no network, or a proxy, a DNS filter or a firewall stops ListSync"
)


def check_sources(*, as_json: bool, household: str) -> int:
    """Print the result of each route of each source; neither a server nor the data folder is used."""
    settings = introduce(prepare_settings(household))
    if is_terminal() and not as_json:
        complain("reading public lists, one at a time; this takes a minute or more")
    with stopped_by_signals() as stopping:
        try:
            readings = tuple(look_at_sources(settings, load_public_lists(), stop=stopping.event))
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        code = _find_code(readings)
        if as_json:
            _print_object(readings, code)
        elif is_offline(readings):
            say(NO_NETWORK)
        else:
            _print_readings(readings)
        return stopping.exit_code(code)


def _find_code(readings: Sequence[RouteReading]) -> ExitCode:
    if is_offline(readings):
        return ExitCode.UNREACHABLE
    return ExitCode.FAILURES if any(one.state.is_fault for one in readings) else ExitCode.OK


def _print_object(readings: Sequence[RouteReading], code: ExitCode) -> None:
    print_json(
        {
            "at": utc_now(),
            "version": __version__,
            "offline": is_offline(readings),
            "routes": sum_up(readings),
            "readings": [_build_reading(one) for one in readings],
            "exit_code": code,
        }
    )


def _build_reading(one: RouteReading) -> dict[str, object]:
    known = {name: getattr(one, name) for name in ("provider", "route", "list", "state", "entries", "reason")}
    return known | {"complete": one.is_complete, "seconds": round(one.seconds, 1)}


def _print_readings(readings: Sequence[RouteReading]) -> None:
    print_table(COLUMNS, [_row(one) for one in readings], extras=("seconds",))
    verdicts = sum_up(readings)
    tried = [one for one in verdicts if one.state is not RouteState.NOT_TRIED]
    faults = [one for one in tried if one.state.is_fault]
    say()
    say(f"{len(tried) - len(faults)} of {counted(len(tried), 'route')} that could be tried work")
    for one in faults:
        # Of one list, its row has said it.
        if sum((row.provider, row.route) == (one.provider, one.route) for row in readings) > 1:
            say(f"{one.provider}/{one.route}: {one.state.words}; {one.text}")


def _row(one: RouteReading) -> tuple[object, ...]:
    entries = "-" if one.entries is None else f"{one.entries}"
    seconds = "-" if one.state is RouteState.NOT_TRIED else f"{one.seconds:.1f}"
    return (f"{one.provider}:{one.list}", one.route, one.state.words, entries, seconds, one.reason)
