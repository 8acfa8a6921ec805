"""A run: one row from the moment it is asked for, and the order that says what to sync; how far it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import FailureKind
from list_sync.model.one_time import OneTimeList
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.sources import ListRef

# Who asked for the runs that were imported.
IMPORTED_BY = "ListSync 0.6"


# How long runs are kept if nothing else is said; days without a run do not count.
RETENTION_DAYS = 400


class RunStatus(StrEnum):
    """How far a run came; the values of sync_history.status.

    A stopped run was ended by a signal or the brake, an interrupted one by the end of its process; a cancelled one
    never began.
    """

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    STOPPED = "stopped"

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will come of the run."""
        return self not in (RunStatus.QUEUED, RunStatus.RUNNING)

    @classmethod
    def of(cls, report: SyncReport) -> "RunStatus":
        """Return the status of the run with this report."""
        if report.failure in (FailureKind.STOPPED, FailureKind.BRAKE):
            return cls.STOPPED
        return cls.FAILED if report.error else cls.COMPLETED


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What was asked for: a sync, the requests of a plan, or an undo.

    A sync is that of all configured lists, of `lists`, or of one list that is synced once. `applies` is the dry run
    whose plan is applied, `undoes` the run that is undone. `asked_by` names the person or program.
    """

    lists: tuple[ListRef, ...] = ()
    dry_run: bool = False
    fresh: bool = False
    mode: SyncMode = SyncMode.MANUAL
    one_time: OneTimeList | None = None
    applies: int | None = None
    undoes: int | None = None
    asked_by: str = field(default="", compare=False)

    @property
    def is_begun_again(self) -> bool:
        """Return whether the next process begins it again after a stop: no schedule would ever do it."""
        return self.applies is not None or self.undoes is not None

    @property
    def is_everything(self) -> bool:
        """Return whether this does at least what a scheduled sync does."""
        return not (self.lists or self.dry_run or self.one_time or self.applies or self.undoes)


@dataclass(frozen=True, slots=True)
class Run:
    """One row of sync_history; `counts` says how many titles ended in each state.

    `undoes` is the run that it undid, `applies` the dry run whose plan it applied; `asked_by` names who asked for it.
    """

    run_id: int
    asked_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    mode: SyncMode
    status: RunStatus
    dry_run: bool
    error: str | None
    exit_code: int | None
    items_processed: int
    items_requested: int
    items_skipped: int
    items_errored: int
    reads: int
    writes: int
    lists_total: int
    lists_failed: int
    counts: Mapping[str, int] = field(default_factory=dict)
    undoes: int | None = None
    applies: int | None = None
    asked_by: str = ""

    @property
    def is_imported(self) -> bool:
        """Return whether ListSync 0.6 did it."""
        return self.asked_by == IMPORTED_BY

    @property
    def origin(self) -> str:
        """Return the program that did it, if that is not this one."""
        return IMPORTED_BY if self.is_imported else ""


class RunChoice(StrEnum):
    """Which runs are shown: all, those with requests, those with faults, or dry runs."""

    ALL = "all"
    REQUESTS = "requests"
    FAULTS = "faults"
    DRY = "dry"


class Stage(StrEnum):
    """The stages of a run in their order."""

    FETCHING = "fetching"
    MATCHING = "matching"
    PLANNING = "planning"
    REQUESTING = "requesting"
    VERIFYING = "verifying"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage; `note` names the unit that was just finished."""

    stage: Stage
    done: int
    total: int
    note: str = ""


ProgressListener = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """Do nothing."""


class RunWatcher(Protocol):
    """Learns from the thread of a run what the run does; every method returns at once."""

    def begin(self, run_id: int, mode: SyncMode, lists: Sequence[ListRef], *, dry_run: bool) -> None:
        """Take note of a run that began."""
        ...

    def advance(self, progress: Progress) -> None:
        """Take note of how far the run is."""
        ...

    def end(self, report: SyncReport | None) -> None:
        """Take note of the end of the run; there is no report if it broke off."""
        ...

    def move(self, item_id: int, status: ItemStatus, reason: str) -> None:
        """Take note of a title whose state changed between two runs."""
        ...
