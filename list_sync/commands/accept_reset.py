"""`accept-reset`: what to do about requests of ours that vanished from the server at once."""

from list_sync.commands.exits import ExitCode
from list_sync.commands.opening import find_own_store, load_for_command
from list_sync.commands.printing import complain, say, shown_count
from list_sync.correcting.resets import get_server_url, settle_reset

CHOICES = (
    "--ask-again: the server lost its data, so the next sync asks for these titles again",
    "--keep-away: people took these requests back, so they are never asked for again (pin a title to undo that for it)",
)


def accept_reset(*, ask_again: bool, keep_away: bool) -> ExitCode:
    """Ask again for the titles whose requests vanished, or keep them away."""
    if ask_again == keep_away:
        complain("accept-reset needs one of two options:")
        for choice in CHOICES:
            complain(f"  {choice}")
        return ExitCode.CONFIGURATION
    settings = load_for_command()
    address = get_server_url(settings)
    store = find_own_store(settings)
    if store is None:
        return ExitCode.OK
    with store:
        settled = settle_reset(store, address, ask_again=ask_again)
    if not settled:
        say("nothing to settle: no requests are known to have vanished from the server")
    elif ask_again:
        say(f"{shown_count(settled, 'request')} forgotten: their titles are asked for again from the next sync on")
    else:
        say(f"{shown_count(settled, 'request')} count as taken back: their titles are not asked for again")
    return ExitCode.OK
