"""What was imported before: a line that the user removed since stays away when the import is repeated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.config import Settings, find_state_folder
from list_sync.config.folders import find_known_folder
from list_sync.database.looking import require_unlost
from list_sync.database.store import open_store
from list_sync.importing.report import Thing
from list_sync.model.households import HOME
from list_sync.storage import imports

REMOVED = "imported before, and removed since: add its line yourself, if you want it back"
_THINGS = (Thing.LIST, Thing.EXCLUSION)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of lists and exclusions: of earlier imports, and of those that are there after this one."""

    before: Mapping[Thing, frozenset[str]] = field(default_factory=dict)
    present: dict[Thing, set[str]] = field(default_factory=dict)

    def has(self, thing: Thing, name: str) -> bool:
        """Return whether a thing was imported before."""
        return name in self.before.get(thing, ())

    def note(self, thing: Thing, name: str) -> None:
        """Note a thing that is there already, or is written now."""
        self.present.setdefault(thing, set()).add(name)


def load_names(settings: Settings) -> Names:
    """Return what earlier imports brought; nothing is created for it."""
    folder = find_known_folder(settings.process.data_dir)
    if folder is None or not folder.database.exists():
        return Names()
    with open_store(folder.database) as store, store.reading() as connection:
        return Names({thing: imports.load_names(connection, HOME, thing) for thing in _THINGS})


def remember_names(settings: Settings, names: Names, *, now: datetime) -> None:
    """Store what is there after an import."""
    if not names.present:
        return
    folder = find_state_folder(settings.process.data_dir)
    require_unlost(folder.database, daemon_lock=folder.daemon_lock)
    with open_store(folder.database) as store, store.writing() as connection:
        for thing, found in names.present.items():
            imports.remember_names(connection, HOME, thing, found, at=now)
