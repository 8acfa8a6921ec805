"""Finds what still names a person: lines of settings, and files in the folders of ListSync."""

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from list_sync.files.opening import open_file
from list_sync.model.persons import Identity

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


def find_remains(folders: Collection[Path], identity: Identity, *, apart_from: Collection[Path]) -> Iterator[Remain]:
    """Yield the lines of files in some folders, or files, that name a person; links are not followed."""
    left_out, seen = {path.absolute() for path in apart_from}, set[Path]()
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
