"""`snooze`: let a title wait for a time."""

from list_sync.commands.correcting import complain_not_chosen, name_of
from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import open_own_store
from list_sync.commands.printing import complain, say
from list_sync.correcting.finding import Found
from list_sync.correcting.snoozing import snooze
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.moments import utc_now
from list_sync.model.pauses import parse_pause
from list_sync.model.shown import shown_time


def snooze_title(title: str, length: str | None, *, off: bool, household: str = HOME) -> ExitCode:
    """Save that a title is not requested for a time, or end that."""
    if (length is None) != off:
        complain("snooze needs a time, as in `list-sync snooze TITLE 30d`, or --off")
        return ExitCode.CONFIGURATION
    settings = load_for_command(household)
    process = settings.process
    until = parse_pause(length, zone=process.zone, now=utc_now(), what="snooze") if length is not None else None
    with open_own_store(settings) as store:
        chosen = snooze(store, title, until, at=utc_now())
    if isinstance(chosen, Found):
        return complain_not_chosen(title, chosen)
    kept = f"is not requested until {shown_time(until, process.zone)} (kept under {', '.join(chosen.keys)})"
    say(f"{name_of(chosen)} {kept if until else 'is not snoozed any more'}")
    return ExitCode.OK
