"""`backup` and `restore`: all data that cannot be created again, in one file."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from list_sync.backups import archive, restoring
from list_sync.commands.printing import complain, say
from list_sync.config.encrypted import KEY_NAME
from list_sync.config.environment import SECRETS_NAME
from list_sync.config.folders import DATABASE_NAME
from list_sync.database.schema import SCHEMA_VERSION
from list_sync.model.exit_codes import ExitCode
from list_sync.model.shown import shown_bytes, shown_time
from list_sync.model.titles import counted


def back_up(text: str) -> ExitCode:
    """Write a backup, also while ListSync runs, and print its contents."""
    target = Path(text).expanduser()
    manifest, warnings = archive.back_up(target)
    for warning in warnings:
        complain(f"warning: {warning}")
    database, *others = manifest.members
    names = ", ".join([f"{database} (schema {manifest.schema})", *others])
    verified = ", verified" if manifest.is_verified else ""
    without = "" if archive.find_dotenv() else "; .env is not here, keep a copy of it yourself"
    say(f"{target}: {names}; {shown_bytes(target.stat().st_size)}{verified}{without}")
    return ExitCode.OK


def restore(text: str, *, trust: bool) -> ExitCode:
    """Put the files of a backup into the data folder, and print what is there now."""
    source = Path(text).expanduser()
    _print_restored(source, restoring.restore(source, is_trusted=_trust if trust else _ask))
    return ExitCode.OK


def _trust(doubts: Sequence[str]) -> bool:
    """Print what the user trusts about the addresses of a backup."""
    say(*doubts)
    return True


def _ask(doubts: Sequence[str]) -> bool:
    """Ask on a terminal whether the addresses of a backup are the user's own; without a terminal they are not."""
    if not sys.stdin.isatty():
        return False
    say(*doubts)
    return typer.confirm("Your keys are sent to the addresses in it. Are they yours?")


def _print_restored(source: Path, restored: restoring.Restored) -> None:
    """Print what was restored, how old it is, and where the former files are."""
    manifest, contents = restored.manifest, restored.contents
    made_at = manifest.made_at if manifest else datetime.fromtimestamp(source.stat().st_mtime, UTC)
    maker = f", made by ListSync {manifest.program}" if manifest else ""
    names = [DATABASE_NAME, *(name for name in (SECRETS_NAME, KEY_NAME) if name in restored.names)]
    say(f"restored {', '.join(names)} from {source} of {shown_time(made_at, UTC)} UTC{maker}")
    last_sync = f", last sync {contents.last_sync} UTC" if contents.last_sync else ""
    later = f", brought to schema {SCHEMA_VERSION}" if contents.schema != SCHEMA_VERSION else ""
    say(f"the database has {counted(contents.titles, 'title')}{last_sync} (schema {contents.schema}{later})")
    if contents.strays:
        say(f"{counted(contents.strays, 'row')} that belonged to no title are left out")
    for note in restored.notes:
        say(note)
    former = f"the former data is in {restored.aside}; `list-sync restore {restored.aside}` restores it"
    say(former if restored.aside else "the folder had no data before")
