"""`ban`, `pin --remove` and `accept-reset`: the user's decisions about titles."""

from collections.abc import Sequence
from datetime import UTC, datetime

from list_sync.commands.loading import load_for_command
from list_sync.commands.opening import find_own_store, open_own_store
from list_sync.commands.printing import complain, say
from list_sync.correcting.finding import Found
from list_sync.correcting.keys import keys_to_ban, keys_to_pin
from list_sync.correcting.pins import Chosen, ban, take_back
from list_sync.correcting.resets import settle_reset
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.model.titles import counted
from list_sync.storage.title_search import TitleRecord

CHOICES = (
    "--ask-again: the server lost its data; the next sync requests these titles again",
    "--keep-away: people deleted these requests; the titles are not requested again (to undo that for a title, pin it)",
)


def ban_title(title: str, *, household: str = HOME) -> ExitCode:
    """Save that a title is never requested."""
    with open_own_store(load_for_command(household)) as store:
        chosen = ban(store, title, at=datetime.now(UTC))
    if isinstance(chosen, Found):
        return complain_not_chosen(title, chosen)
    say(f"{name_of(chosen)} is never requested from now on (kept under {', '.join(chosen.keys)})")
    return ExitCode.OK


def pin_commands(record: TitleRecord) -> list[str]:
    """Return the command that pins each candidate of a title, and the one that bans it."""
    key = keys_to_pin(record)[0]
    lines = [
        f"list-sync pin {quoted(key)} tmdb:{candidate.media_type.value}:{candidate.tmdb_id}  # {candidate.label}"
        for candidate in record.candidates
    ]
    return [*lines, f"list-sync ban {quoted(key)}"]


def quoted(text: str) -> str:
    """Return a text as one word of a shell's command line."""
    if text.replace(":", "").replace("-", "").isalnum() and text.isascii():
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def complain_unknown(text: str, near: Sequence[TitleRecord]) -> None:
    """Say that no title has this name, and which ones have a similar one."""
    complain(f'no list holds a title "{text}"{", but:" if near else ""}')
    # A title that is wanted in two qualities is one of that name.
    for line in dict.fromkeys(f"  {record.label}  ({keys_to_pin(record)[0]})" for record in near):
        complain(line)


def complain_not_chosen(text: str, found: Found) -> ExitCode:
    """Say that a text means several titles, or none."""
    if found.exact:
        titles = {keys_to_ban(record) for record in found.exact}
        complain(f'"{text}" is the name of {len(titles)} titles; say which one by its key:')
    else:
        complain_unknown(text, found.near)
    for record in found.exact:
        complain(f"  {keys_to_pin(record)[0]}  {record.label}, from {', '.join(record.lists) or 'no list'}")
    return ExitCode.CONFIGURATION


def name_of(chosen: Chosen) -> str:
    """Return what people call the titles of a pin or a ban."""
    return chosen.name or f"every title with the key {chosen.keys[0]}"


def remove_correction(text: str, *, household: str = HOME) -> ExitCode:
    """Delete the pins and bans of a title."""
    with open_own_store(load_for_command(household)) as store:
        kept = take_back(store, text)
    if not kept:
        complain(f'there is no pin and no ban of "{text}"')
        return ExitCode.CONFIGURATION
    say(f"taken back: {', '.join(kept)}")
    return ExitCode.OK


def accept_reset(*, ask_again: bool, keep_away: bool, household: str = HOME) -> ExitCode:
    """Request the titles of vanished requests again, or never again."""
    if ask_again == keep_away:
        complain("accept-reset needs one of two options:")
        for choice in CHOICES:
            complain(f"  {choice}")
        return ExitCode.CONFIGURATION
    settings = load_for_command(household)
    store = find_own_store(settings)
    if store is None:
        return ExitCode.OK
    with store:
        settled = settle_reset(store, ask_again=ask_again)
    if not settled:
        say("nothing to decide: no requests vanished from the server")
    elif ask_again:
        say(f"{counted(settled, 'request')} forgotten: their titles are requested again from the next sync on")
    else:
        say(f"{counted(settled, 'request')} count as deleted by people: their titles are not requested again")
    return ExitCode.OK
