"""The files of the drop folder that may be lists, with the facts in their names and first bytes."""

import itertools
import logging
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath

from list_sync.api.saved_lists.entries import SERVICE
from list_sync.api.saved_lists.files import (
    find_members,
    is_archive,
    load_list,
    load_member,
    open_archive,
    open_list,
    read_member,
)
from list_sync.api.saved_lists.identity import HEAD_BYTES, find_account, identify, is_text
from list_sync.errors import ListSyncError, UnexpectedResponse
from list_sync.footprint import alone

logger = logging.getLogger(__name__)

MAX_FILES = 2_000
MAX_SAVED = 10_000
# The bytes of all beginnings of files that are looked at in one archive.
_LARGEST_LOOK = 64 * 1024 * 1024
_PROFILES = frozenset({"profile.csv", "user-profile.json", "profile.json"})
_DATED = re.compile(r"(?P<rest>.*?)-?(?P<date>20\d{2}-[01]\d-[0-3]\d)(?:-\d{2}-\d{2}(?:-\d{2})?)?(?:-utc)?", re.DOTALL)
_COPY = re.compile(r"\s*\(\d{1,3}\)$")
_NO_OWNERS = frozenset(
    {"", "drop", "lists", "likes", "list", "export", "exports", "data", "imdb", "trakt", "letterboxd"}
)
_FileState = tuple[Path, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Saved:
    """One file of the drop folder, or of an archive there, with the facts in its name and in its first bytes."""

    label: str
    stem: str
    owner: str
    folder: str
    origin: str | None
    addresses: tuple[str, ...]
    saved_at: datetime
    is_dated: bool
    load: Callable[[], bytes] = field(repr=False, compare=False)


# What is known of the files that the drop folder held when it was last looked at.
_known: dict[_FileState, tuple[Saved, ...]] = {}


def find_saved(folder: Path | None) -> tuple[Saved, ...]:
    """Return every file of the drop folder that may be a list, also those in archives."""
    found: dict[_FileState, tuple[Saved, ...]] = {}
    count = 0
    # Several lists are read at once; the first one looks for all of them.
    with alone():
        for path in _files(folder):
            state = _state_of(path)
            found[state] = _known[state] if state in _known else _look_into(path, folder or path)
            count += len(found[state])
            if count > MAX_SAVED:
                logger.warning("the drop folder: %s and the files after it are left out: too many files", path.name)
                break
        _known.clear()
        _known.update(found)
    return tuple(itertools.chain.from_iterable(found.values()))


def _state_of(path: Path) -> _FileState:
    try:
        status = path.stat()
    except OSError:
        return path, 0, 0, 0, 0
    return path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _look_into(path: Path, folder: Path) -> tuple[Saved, ...]:
    try:
        return tuple(_saved_in(path, folder))
    # A broken file does not hide the others. Its error is shown when a list names that file.
    except ListSyncError as error:
        logger.warning("the drop folder: %s is left out: %s", path.name, error)
        return ()


def _files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    try:
        root = folder.resolve()
        paths = sorted(path for path in root.rglob("*") if len(path.relative_to(root).parts) <= 4)
    except (OSError, RuntimeError):
        return []
    return list(itertools.islice((path for path in paths if _is_inside(path, root)), MAX_FILES))


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.is_file() and path.resolve().is_relative_to(root)
    # A link that leads to itself, or a file in a folder that is closed to us, hides no other file.
    except (OSError, RuntimeError):
        return False


def _saved_in(path: Path, folder: Path) -> Iterator[Saved]:
    place = PurePosixPath(path.relative_to(folder.resolve()).as_posix())
    with open_list(path) as file:
        saved_at = _time_of(os.fstat(file.fileno()).st_mtime)
        head = file.read(HEAD_BYTES + 1)
        if not is_archive(head):
            yield from _describe(place, head, saved_at, "", partial(load_list, path))
            return
        with open_archive(file) as archive:
            members = find_members(archive)
            profile = next((name for name in members if PurePosixPath(name).name.lower() in _PROFILES), None)
            account = find_account(profile, read_member(archive, profile, limit=HEAD_BYTES)) if profile else ""
            left = _LARGEST_LOOK
            for name in members:
                head = read_member(archive, name, limit=HEAD_BYTES + 1)
                left -= len(head)
                if left < 0:
                    raise UnexpectedResponse(SERVICE, "an archive of too many large files: unpack the lists in it")
                yield from _describe(place / name, head, saved_at, account, partial(load_member, path, name))


def _time_of(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    # A file may state any time, also one after the year 9999.
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _describe(
    place: PurePosixPath, content: bytes, saved_at: datetime, account: str, load: Callable[[], bytes]
) -> Iterator[Saved]:
    """Yield the file that begins with these bytes, unless it holds nothing or no text."""
    if not content.strip() or not is_text(content):
        return
    stem, date = split_date(_COPY.sub("", place.stem))
    folders = place.parts[:-1]
    if folders and folders[-1].lower() == "likes":
        stem = f"likes-{stem}"
    owners = [_owner_of(part) for part in reversed(folders)]
    dates = [date, *(split_date(_stem(part))[1] for part in reversed(folders))]
    named = next((one for one in dates if one is not None), None)
    identity = identify(content)
    yield Saved(
        label=place.as_posix(),
        stem=stem,
        owner=plain_name(account) or next(filter(None, owners), ""),
        folder=folders[0].lower() if folders else "",
        origin=identity.origin,
        addresses=identity.addresses,
        saved_at=named or saved_at,
        is_dated=named is not None,
        load=load,
    )


def _stem(name: str) -> str:
    return _COPY.sub("", name[:-4] if name.lower().endswith(".zip") else name)


def _owner_of(folder: str) -> str:
    """Return the user in the name of an archive or folder, as in `letterboxd-alice-2026-01-02-03-04-utc.zip`."""
    name = re.sub(r"^(?:letterboxd|trakt|imdb)-", "", split_date(_stem(folder))[0])
    return "" if name in _NO_OWNERS else name


def split_date(name: str) -> tuple[str, datetime | None]:
    """Return a plain name without the date at its end, and that date."""
    plain = plain_name(name)
    found = _DATED.fullmatch(plain)
    if found is None:
        return plain, None
    try:
        return found["rest"], datetime.fromisoformat(found["date"]).replace(tzinfo=UTC)
    except ValueError:
        return plain, None


def plain_name(text: str) -> str:
    """Return a name in lower case, with one dash for each run of characters that are neither letters nor digits."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
