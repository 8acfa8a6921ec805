"""Opening the database of the data folder for a command."""

from list_sync.commands.printing import complain, say
from list_sync.config import Settings, find_state_folder
from list_sync.config.folders import DATABASE_NAME, find_known_folder
from list_sync.database.looking import require_unlost
from list_sync.database.store import Store, open_store


def open_own_store(settings: Settings) -> Store:
    """Return the database of the data folder for the household of the settings; create it if there never was one."""
    folder = find_state_folder(settings.process.data_dir)
    require_unlost(folder.database, daemon_lock=folder.daemon_lock)
    return open_store(folder.database, household=settings.household.name)


def find_own_store(settings: Settings, *, as_json: bool = False) -> Store | None:
    """Return the database of the data folder for the household of the settings.

    Print a message and return None if there was no sync yet.
    """
    process = settings.process
    folder = find_known_folder(process.data_dir)
    if folder is None or not folder.database.exists():
        demo = process.data_dir / "demo"
        hint = f"; the demo's is in {demo}: DATA_DIR={demo}" if (demo / DATABASE_NAME).exists() else ""
        tell = complain if as_json else say
        tell(f"nothing has been synced yet: there is no database in {process.data_dir} (DATA_DIR){hint}")
        return None
    return open_store(folder.database, household=settings.household.name)
