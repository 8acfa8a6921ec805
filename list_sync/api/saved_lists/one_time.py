"""Lists that are synced once: an array of titles, or the name of a JSON file in DATA_DIR that holds one."""

import os
import stat
from pathlib import Path, PurePosixPath

from list_sync.api.saved_lists.files import MAX_BYTES, open_list
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import InvalidListId
from list_sync.files.opening import find_inside
from list_sync.footprint import take_turn
from list_sync.model.one_time import OneTimeList
from list_sync.model.sources import Page

# What people write for DATA_DIR, because it leads there in the container.
_DATA = PurePosixPath("/data")
_ENDING = ".json"


def name_file(text: str, data_dir: Path) -> str:
    """Return the name below DATA_DIR of the file that a text names; raise InvalidListId if it is no file for a list.

    Other files of DATA_DIR hold keys, so only JSON files are read.
    """
    path = find_inside(_below_data(text), data_dir)
    if path is None:
        raise InvalidListId("custom_list: the file is outside DATA_DIR: put it there and write its name")
    if path.suffix.lower() != _ENDING:
        raise InvalidListId("custom_list: write the name of a JSON file in DATA_DIR, as in films.json")
    try:
        _require_readable(path)
    except OSError as error:
        raise InvalidListId("custom_list: this file is not in DATA_DIR: put it there, or correct its name") from error
    return path.relative_to(data_dir.resolve()).as_posix()


def _below_data(text: str) -> str:
    path = PurePosixPath(text.strip())
    return str(path.relative_to(_DATA)) if path.is_relative_to(_DATA) else str(path)


def _require_readable(path: Path) -> None:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InvalidListId("custom_list: this is not a file: write the name of a JSON file in DATA_DIR")
    if status.st_size > MAX_BYTES:
        raise InvalidListId("custom_list: the file is larger than 32 MB: split it into several lists")
    if not os.access(path, os.R_OK):
        raise InvalidListId("custom_list: the file may not be read: make it readable for the user that runs ListSync")


def load_page(source: OneTimeList, data_dir: Path) -> Page:
    """Return the titles of a list that is synced once; a file is read now, as it is now."""
    take_turn()
    if not source.file:
        return parse_list(source.entries.encode())
    with open_list(data_dir.resolve() / name_file(source.file, data_dir)) as file:
        return parse_list(file.read(MAX_BYTES))
