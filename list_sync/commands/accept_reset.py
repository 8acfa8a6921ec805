"""`accept-reset`: the user's decision about requests of ours that vanished from the server at once."""

from list_sync.commands.opening import find_own_store, load_for_command
from list_sync.commands.printing import complain, say
from list_sync.correcting.resets import get_server_url, settle_reset
from list_sync.model.report import ExitCode
from list_sync.model.titles import counted

CHOICES = (
    "--ask-again: the server lost its data; the next sync requests these titles again",
    "--keep-away: people deleted these requests; the titles are not requested again (to undo that for a title, pin it)",
)


def accept_reset(*, ask_again: bool, keep_away: bool) -> ExitCode:
    """Request the titles of vanished requests again, or never again."""
    if ask_again == keep_away:
        complain("accept-reset needs one of two options:")
        for choice in CHOICES:
            complain(f"  {choice}")
        return ExitCode.CONFIGURATION
    settings = load_for_command()
    address = get_server_url(settings.household)
    store = find_own_store(settings.process)
    if store is None:
        return ExitCode.OK
    with store:
        settled = settle_reset(store, address, ask_again=ask_again)
    if not settled:
        say("nothing to decide: no requests vanished from the server")
    elif ask_again:
        say(f"{counted(settled, 'request')} forgotten: their titles are requested again from the next sync on")
    else:
        say(f"{counted(settled, 'request')} count as deleted by people: their titles are not requested again")
    return ExitCode.OK
