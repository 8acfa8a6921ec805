"""The lines of the audit log about commands."""

import os
import pwd
from collections.abc import Sequence

from list_sync.commands.printing import complain
from list_sync.config import StateFolder, load_settings
from list_sync.config.folders import find_known_folder
from list_sync.errors import ConfigError, StorageError
from list_sync.model.access import Deed
from list_sync.model.households import HOME
from list_sync.model.masking import mask_address
from list_sync.model.moments import utc_now

_LONGEST = 300
_BUSY_TIMEOUT_SECONDS = 3.0


def note_command(name: str, words: Sequence[str], *, code: int, household: str | None) -> None:
    """Add a line about a command; where there is no database of this version yet, none is made for it."""
    try:
        folder = find_known_folder(load_settings(providers={}).process.data_dir)
        if folder is not None and folder.database.exists():
            where = [] if household in (None, HOME) else [f"household {household}:"]
            target = " ".join([*where, *map(mask_address, words)])[:_LONGEST]
            outcome = "done" if code == 0 else f"exit code {code}"
            _write(folder, Deed(utc_now(), f"list-sync ({_user()})", "", name, target, outcome))
    except ConfigError:
        # The command said what is wrong with the settings.
        return
    except StorageError as error:
        complain(f"warning: the audit log has no line about {name}: {error}")


def _write(folder: StateFolder, deed: Deed) -> None:
    # Imported here, because some commands need no database.
    from list_sync.database.looking import load_version
    from list_sync.database.schema import SCHEMA_VERSION
    from list_sync.database.store import open_store
    from list_sync.storage.audit import note_deed

    # An older database is migrated by its next use, and not for a line.
    if load_version(folder.database) != SCHEMA_VERSION:
        return
    with (
        open_store(folder.database, busy_timeout_seconds=_BUSY_TIMEOUT_SECONDS) as store,
        store.writing() as connection,
    ):
        note_deed(connection, HOME, deed)


def _user() -> str:
    """Return the user of the system, by number where it has no name, as in many containers."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
