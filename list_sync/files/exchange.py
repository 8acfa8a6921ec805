"""Replacing several files of a folder in one step, also if the process is killed meanwhile.

The new files are made in FOLDER/restore.unfinished. They count as soon as that folder is renamed to restore.ready.
Then the old files are moved aside and the new ones moved in. After a kill, the next process that opens the folder
completes this.
"""

import itertools
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from list_sync.errors import StorageError
from list_sync.files.lock import Claim, claim_folder, discard_abandoned, take_over
from list_sync.files.opening import read_file
from list_sync.files.written import give_to_owner_of, sync_to_disk

logger = logging.getLogger(__name__)

UNFINISHED = "restore.unfinished"
READY = "restore.ready"
NEW = "new"
PLAN = "plan.json"
# What SQLite keeps beside a database is part of it (sqlite.org/tempfiles.html).
COMPANIONS = ("-wal", "-shm", "-journal")
# Moving a few files takes no time, but the process that does it may be suspended.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The names to move aside, the names to move in, and the folder for the old files."""

    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    aside: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the plan in a file."""
        document = json.loads(read_file(path))
        return cls(tuple(document["outgoing"]), tuple(document["incoming"]), str(document["aside"]))

    def save(self, path: Path) -> None:
        """Write the plan."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


class Exchange:
    """An exchange in preparation: the new files go into the folder `new`."""

    def __init__(self, folder: Path, claim: Claim) -> None:
        self._folder = folder
        self._claim = claim

    @property
    def new(self) -> Path:
        """Return the folder for the new files."""
        return self._claim.path / NEW

    def commit(self, *, outgoing: Sequence[str], aside: str) -> Path | None:
        """Replace the old files by the new ones; move the old files and those of `outgoing` into the folder `aside`.

        Return that folder, or None if there was nothing to move there. Raise OSError if everything is as it was
        before, StorageError if the next process that opens the folder has to complete the exchange.
        """
        incoming = tuple(sorted(path.name for path in self.new.iterdir()))
        plan = Plan(tuple(dict.fromkeys((*incoming, *outgoing))), incoming, _free_name(self._folder, aside))
        plan.save(self._claim.path / PLAN)
        give_to_owner_of(self._folder, self._claim.path, *self._claim.path.rglob("*"))
        for path in (*self.new.iterdir(), self._claim.path / PLAN, self.new, self._claim.path):
            sync_to_disk(path)
        self._claim.rename(self._folder / READY)
        sync_to_disk(self._folder)
        try:
            return _complete(self._folder, self._claim)
        except OSError as error:
            is_as_before = False
            with suppress(OSError):
                is_as_before = self._undo(plan)
            if not is_as_before:
                raise _cut_off(self._folder, error) from error
            raise

    def _undo(self, plan: Plan) -> bool:
        if any(not os.path.lexists(self.new / name) for name in plan.incoming):
            return False
        aside = self._folder / plan.aside
        if aside.is_dir():
            for path in aside.iterdir():
                path.rename(self._folder / path.name)
            aside.rmdir()
        sync_to_disk(self._folder)
        self._claim.rename(self._folder / UNFINISHED)
        return True


@contextmanager
def exchanging(folder: Path) -> Iterator[Exchange]:
    """Give an exchange in a folder; without a commit, nothing changes.

    Raise FolderInUse while another one is being prepared.
    """
    settle(folder)
    claim = claim_folder(folder / UNFINISHED)
    try:
        (claim.path / NEW).mkdir()
        yield Exchange(folder, claim)
    except StorageError as error:
        inside = str(claim.path / NEW)
        if inside not in str(error):
            raise
        # That folder is gone by the time that people look for it.
        raise type(error)(f"{str(error).replace(inside, str(folder))}; nothing was changed") from error
    finally:
        _release(claim)


def is_unsettled(folder: Path) -> bool:
    """Return whether an exchange in a folder is running or was interrupted."""
    # Path.exists raises for a folder that we may not enter; os.path does not.
    return os.path.lexists(folder / READY) or os.path.lexists(folder / UNFINISHED)


def settle(folder: Path) -> None:
    """Complete an interrupted exchange if it counts already; otherwise remove its folder.

    Raise StorageError if that fails, FolderInUse if another process is doing it and takes too long.
    """
    if os.path.lexists(folder / UNFINISHED):
        discard_abandoned(folder / UNFINISHED)
    if not os.path.lexists(folder / READY):
        return
    try:
        claim = take_over(folder / READY, timeout_seconds=PATIENCE_SECONDS)
        if claim is None:
            return
        try:
            aside = _complete(folder, claim)
        finally:
            _release(claim)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _cut_off(folder, error) from error
    logger.warning(
        "a restore or import into %s that was cut off is complete now; former files: %s", folder, aside or "none"
    )


def _cut_off(folder: Path, error: Exception) -> StorageError:
    return StorageError(
        f"{folder}: a restore was cut off and cannot be completed ({error}): give the user that runs ListSync"
        f" (uid {os.geteuid()}) write access to all files there, then start again"
    )


def _release(claim: Claim) -> None:
    """Remove the folder, but keep one that counts: the next process completes it."""
    if claim.path.name == UNFINISHED:
        claim.discard()
    else:
        claim.release()


def _complete(folder: Path, claim: Claim) -> Path | None:
    """Do the remaining steps of an exchange that counts; skip those that were done before a kill."""
    plan = Plan.load(claim.path / PLAN)
    aside, new = folder / plan.aside, claim.path / NEW
    for name in plan.outgoing:
        if name not in plan.incoming or os.path.lexists(new / name):
            _move_aside(folder, name, aside)
    if aside.is_dir():
        sync_to_disk(aside)
    # An old -wal file must never lie beside a new database, not even after a power cut.
    sync_to_disk(folder)
    for name in plan.incoming:
        if os.path.lexists(new / name):
            (new / name).rename(folder / name)
    sync_to_disk(folder)
    claim.rename(folder / UNFINISHED)
    sync_to_disk(folder)
    return aside if aside.is_dir() else None


def _move_aside(folder: Path, name: str, aside: Path) -> None:
    # The database first: without it, the files beside it mean nothing.
    for former in (name, *(f"{name}{ending}" for ending in COMPANIONS)):
        if os.path.lexists(folder / former):
            aside.mkdir(mode=0o700, exist_ok=True)
            (folder / former).rename(aside / _free_name(aside, former))


def _free_name(folder: Path, name: str) -> str:
    """Return the name, or a similar one that is free: old files are never overwritten."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(free for free in names if not os.path.lexists(folder / free))
