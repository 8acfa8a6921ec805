"""`notify test`: a test message to each service of NOTIFY_URLS and DISCORD_WEBHOOK_URL."""

from list_sync.commands.json_output import print_json
from list_sync.commands.loading import load_for_command
from list_sync.commands.printing import complain, say
from list_sync.errors import ConfigError
from list_sync.model.exit_codes import ExitCode
from list_sync.notifying.trying import UNSET, try_channels
from list_sync.telling import find_audience


def send_test(*, as_json: bool) -> ExitCode:
    """Send the message, and print which service took it; raise ConfigError if there is none."""
    addresses = find_audience(load_for_command()).addresses
    if not addresses:
        raise ConfigError(UNSET)
    tried = try_channels(addresses)
    if as_json:
        print_json({"channels": tried})
    else:
        for one in tried:
            (complain if one.reason else say)(f"{one.service}: {one.reason or 'the message was taken'}")
    return ExitCode.FAILURES if any(one.reason for one in tried) else ExitCode.OK
