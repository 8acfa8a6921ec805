"""`pause`: let no sync start for a time."""

from list_sync.commands.loading import load_for_command
from list_sync.commands.printing import say
from list_sync.config import find_state_folder
from list_sync.daemon.pausing import describe_pause, end_pause, find_pause, pause
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import utc_now
from list_sync.model.pauses import parse_pause

OFF = "off"


def set_pause(length: str | None) -> ExitCode:
    """Pause for a time, end the pause, or say whether there is one."""
    process = load_for_command().process
    folder = find_state_folder(process.data_dir)
    if length is not None and length.strip().lower() == OFF:
        say("the pause is over: syncs start again" if end_pause(folder) else "there was no pause")
        return ExitCode.OK
    if length is not None:
        pause(folder, parse_pause(length, zone=process.zone, now=utc_now()))
    until = find_pause(folder.path)
    say(describe_pause(until) if until else "not paused")
    return ExitCode.OK
