"""`login`: logs in to a service with a code that the user approves in a browser, or forgets the log-in."""

from rich.console import Console
from rich.text import Text

from list_sync.api.logins.approval import Invitation
from list_sync.commands.loading import introduce
from list_sync.commands.printing import complain, is_terminal, one_line, say
from list_sync.config import Settings
from list_sync.config.environment import Environment
from list_sync.daemon.stopping import stopped_by_signals
from list_sync.errors import SyncCancelled
from list_sync.logins import NAMES, Logins, open_logins
from list_sync.model.exit_codes import ExitCode
from list_sync.preparation import prepare_settings


def login(source: str, *, remove: bool) -> int:
    """Log in to a service, or forget the log-in with `remove`."""
    service = source.strip().lower()
    if service not in NAMES:
        complain(f'there is no log-in for "{source}": there are {", ".join(NAMES)}')
        return ExitCode.CONFIGURATION
    settings = introduce(prepare_settings())
    with stopped_by_signals() as stopping, open_logins(settings, stop=stopping.event) as logins:
        if remove:
            return _forget(logins, service)
        try:
            logins.log_in(service, show=_show_invitation, wait=stopping.event.wait)
        except SyncCancelled as error:
            complain(str(error))
            return stopping.exit_code(ExitCode.FAILURES)
        say(f"logged in to {service}; kept encrypted in {settings.process.data_dir}")
        _tell_of_token(service, settings)
        return stopping.exit_code(ExitCode.OK)


def _forget(logins: Logins, service: str) -> ExitCode:
    """Forget a log-in and print that."""
    if logins.remove(service):
        say(f"the log-in to {service} is forgotten here; to end it there too, remove ListSync in your account")
    else:
        say(f"there is no log-in to {service}")
    return ExitCode.OK


def _tell_of_token(service: str, settings: Settings) -> None:
    """Print where a token is set that is used instead of the log-in."""
    place = Environment.open().place_of(NAMES[service])
    if place is not None:
        say(f"{NAMES[service]} is set in {place}, and is used instead of the log-in: remove it there")
    elif NAMES[service] in settings.household.credentials:
        say(f"a running ListSync uses its present {NAMES[service]} until it is restarted")


def _show_invitation(invitation: Invitation) -> None:
    """Print what the person has to do."""
    code, address = one_line(invitation.code), one_line(invitation.address)
    minutes = max(1, round(invitation.expires_in / 60))
    typing = f" and type the code {code}" if code else ""
    if not is_terminal():
        print(f"open {address}{typing} (good for {minutes} min)", flush=True)
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(Text.assemble("\nOpen  ", (address, "bold cyan")))
    if code:
        console.print(Text.assemble("Type  ", (code, "bold")))
    console.print(Text(f"\nWaiting for you, up to {minutes} min; Ctrl-C gives up.", style="dim"))
