"""`health`: the container's health check. It checks the database and the daemon's heartbeat, without network."""

from list_sync.commands.printing import say
from list_sync.daemon.health import find_complaints
from list_sync.daemon.pausing import describe_pause, find_known_pause
from list_sync.model.exit_codes import ExitCode


def check_health(*, as_json: bool = False) -> ExitCode:
    """Print `healthy`, or what is wrong, and exit 0 or 1."""
    complaints = find_complaints()
    if as_json:
        from list_sync.commands.json_output import print_json

        print_json({"healthy": not complaints, "complaints": complaints, "paused_until": find_known_pause()})
        return ExitCode.FAILURES if complaints else ExitCode.OK
    for complaint in complaints:
        say(f"unhealthy: {complaint}")
    if complaints:
        return ExitCode.FAILURES
    until = find_known_pause()
    say(f"healthy, {describe_pause(until)}" if until else "healthy")
    return ExitCode.OK
