"""Finds what still names a person: lines of settings, and files in the folders of ListSync."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from list_sync.config import Settings, find_state_folder
from list_sync.config.folders import CACHE_NAME, DATABASE_NAME
from list_sync.config.policy.schema import SCHEMA_NAME
from list_sync.files.exchange import COMPANIONS
from list_sync.files.opening import open_file
from list_sync.model.households import HOME
from list_sync.model.persons import Identity
from list_sync.model.terms import EACH

# A file of titles has fewer; what is behind is not looked at.
_MOST_BYTES = 64 * 1024 * 1024
_NUL = b"\0"
_STATED = r"(?:requester\s*:|OVERSEERR_USER_ID\s*=)\s*[\"']?{}[\"']?\s*(?:[,}}#].*)?$"


@dataclass(frozen=True, slots=True)
class Remain:
    """A file that names a person, and its first line that does; 0 for a file that is no text, or its name."""

    path: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}" if self.line else str(self.path)


def find_stating(homes: Mapping[str, Settings], identities: Mapping[str, Identity]) -> Iterator[str]:
    """Yield the settings of households by which the next sync stores the person again."""
    for name, settings in homes.items():
        identity = identities.get(name, Identity())
        household = settings.household
        where = "" if name == HOME else f"household {name}: "
        if identity.number is not None and household.overseerr_user_id == identity.number:
            yield f"{where}OVERSEERR_USER_ID is {identity.number}: lists without a requester request as this person"
        for ref in household.lists:
            requester = ref.terms.requester
            if requester == EACH and identity.accounts:
                yield f"{where}list {ref.label}: requester each; the person comes back while the account is there"
            elif identity.has_name(requester) or requester == str(identity.number):
                yield f"{where}list {ref.key.name}: this person is its requester"
            elif identity.has_list(ref.list_id):
                yield f"{where}list {ref.key.name}: it is of an account of this person"


def find_in_files(settings: Settings, identity: Identity, *, apart_from: Collection[Path]) -> Iterator[Remain]:
    """Yield the files of the user that name a person, with their lines; those of ListSync itself are left out."""
    process, folder = settings.process, find_state_folder(settings.process.data_dir).path
    own = [folder / f"{name}{ending}" for name in (DATABASE_NAME, CACHE_NAME) for ending in ("", *COMPANIONS)]
    # Its examples are our own.
    own.append(process.config_dir / SCHEMA_NAME)
    # Posters are many, and hold no words.
    own += (folder / "posters").glob("*")
    places = [process.config_dir, process.data_dir, folder, *([settings.dotenv] if settings.dotenv else [])]
    yield from _find_remains(places, identity, {path.absolute() for path in (*own, *apart_from)})


def _find_remains(folders: Collection[Path], identity: Identity, left_out: set[Path]) -> Iterator[Remain]:
    """Yield what names a person in some folders, or files; links are not followed."""
    seen = set[Path]()
    for folder in folders:
        for path in sorted(_find_files(folder)):
            if path.absolute() not in left_out | seen:
                seen.add(path.absolute())
                yield from _look_into(path, identity)


def _find_files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
    for place, _, names in os.walk(folder):
        yield from (path for name in names if (path := Path(place) / name).is_file() and not path.is_symlink())


def _look_into(path: Path, identity: Identity) -> Iterator[Remain]:
    if identity.find_in(path.name) or identity.has_list(path.stem):
        yield Remain(path)
        return
    try:
        with open_file(path) as file:
            content = file.read(_MOST_BYTES)
    except OSError:
        return
    text = content.decode("utf-8", "replace")
    if _NUL in content:
        if identity.find_in(text):
            yield Remain(path)
        return
    stated = re.compile(_STATED.format(identity.number)) if identity.number is not None else None
    for number, line in enumerate(text.splitlines(), 1):
        if identity.find_in(line) or (stated and stated.search(line)):
            yield Remain(path, number)
