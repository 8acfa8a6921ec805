"""Exchanging files of a folder all at one moment, however the process that does it ends.

New files are made in FOLDER/restore.unfinished. From its renaming to restore.ready on they count: the former files
are moved aside and the new ones in, and if we are killed then, whoever opens the folder next does what is left.
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
from list_sync.files.claims import Claim, claim_folder, discard_abandoned, take_over
from list_sync.files.durable import sync_to_disk
from list_sync.files.owners import give_to_owner_of

logger = logging.getLogger(__name__)

UNFINISHED = "restore.unfinished"
READY = "restore.ready"
NEW = "new"
PLAN = "plan.json"
# What SQLite keeps beside a database is part of it (sqlite.org/tempfiles.html).
COMPANIONS = ("-wal", "-shm", "-journal")
# Moving a few files takes no time; somebody may have stopped the process that does it.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The names that are moved out of the way, those that come in, and the folder for the former files."""

    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    aside: str

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return a plan that was written earlier."""
        document = json.loads(path.read_bytes())
        return cls(tuple(document["outgoing"]), tuple(document["incoming"]), str(document["aside"]))

    def save(self, path: Path) -> None:
        """Write the plan."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


class Exchange:
    """An exchange that is being prepared: the new files go into the folder `new`."""

    def __init__(self, folder: Path, claim: Claim) -> None:
        self._folder = folder
        self._claim = claim

    @property
    def new(self) -> Path:
        """Return the folder that the new files are made in."""
        return self._claim.path / NEW

    def commit(self, *, outgoing: Sequence[str], aside: str) -> Path | None:
        """Put the new files in the place of the old ones, which go with those of `outgoing` into the folder `aside`.

        Return that folder, None if there was nothing to move there. An OSError leaves everything as it was; where that
        cannot be, StorageError says that the next to open the folder goes on.
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
                is_as_before = self._take_back(plan)
            if not is_as_before:
                raise _cut_off(self._folder, error) from error
            raise

    def _take_back(self, plan: Plan) -> bool:
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
    """Give an exchange in a folder; unless it is committed, everything stays as it is.

    Raise FolderInUse while another one is being prepared.
    """
    settle(folder)
    claim = claim_folder(folder / UNFINISHED)
    try:
        (claim.path / NEW).mkdir()
        yield Exchange(folder, claim)
    finally:
        _let_go(claim)


def is_unsettled(folder: Path) -> bool:
    """Tell whether an exchange is under way in a folder, or was cut off there."""
    # os.path, because Path.exists raises for a folder that is closed to us.
    return os.path.lexists(folder / READY) or os.path.lexists(folder / UNFINISHED)


def settle(folder: Path) -> None:
    """Complete the exchange that was cut off after it counted, and remove what one left that was cut off before.

    Raise StorageError if that cannot be done, FolderInUse if another process takes too long over it.
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
            _let_go(claim)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _cut_off(folder, error) from error
    logger.warning("a restore into %s that was cut off is complete now; former files: %s", folder, aside or "none")


def _cut_off(folder: Path, error: Exception) -> StorageError:
    return StorageError(
        f"{folder}: a restore was cut off and cannot be completed ({error}): give the user that runs ListSync"
        f" (uid {os.geteuid()}) write access to all files there, then start again"
    )


def _let_go(claim: Claim) -> None:
    """Remove what does not count, or no longer; what counts is left to whoever comes next."""
    if claim.path.name == UNFINISHED:
        claim.discard()
    else:
        claim.release()


def _complete(folder: Path, claim: Claim) -> Path | None:
    """Do what is left of an exchange that counts; whatever was done of it before a kill is found done."""
    plan = Plan.load(claim.path / PLAN)
    aside, new = folder / plan.aside, claim.path / NEW
    for name in plan.outgoing:
        if name not in plan.incoming or os.path.lexists(new / name):
            _move_aside(folder, name, aside)
    if aside.is_dir():
        sync_to_disk(aside)
    # A former -wal must not come to lie beside a new database, not even after a power cut.
    sync_to_disk(folder)
    for name in plan.incoming:
        if os.path.lexists(new / name):
            (new / name).rename(folder / name)
    sync_to_disk(folder)
    claim.rename(folder / UNFINISHED)
    sync_to_disk(folder)
    return aside if aside.is_dir() else None


def _move_aside(folder: Path, name: str, aside: Path) -> None:
    # The database first: what lies beside it means nothing to anybody without it.
    for former in (name, *(f"{name}{ending}" for ending in COMPANIONS)):
        if os.path.lexists(folder / former):
            aside.mkdir(mode=0o700, exist_ok=True)
            (folder / former).rename(aside / _free_name(aside, former))


def _free_name(folder: Path, name: str) -> str:
    """Return the name, or one like it that nothing in the folder has: former files are never written over."""
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(free for free in names if not os.path.lexists(folder / free))
