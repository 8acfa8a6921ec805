"""What one run did: run_sync returns it, storage records it, commands show it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from list_sync.model.decisions import ItemStatus, RequestOutcome
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.journal import describe_vanished
from list_sync.model.leaving import LeftTitle
from list_sync.model.servers import CallCounts
from list_sync.model.sources import FetchResult, FetchState
from list_sync.model.titles import counted


class SyncMode(StrEnum):
    """Who started a run; the values of sync_history.sync_mode."""

    AUTOMATED = "automated"
    MANUAL = "manual"
    WEBHOOK = "webhook"
    API = "api"
    FILE = "file"

    @property
    def tells_of_a_change(self) -> bool:
        """Return whether the run began because a list changed, so that no copy of it is used."""
        return self in (SyncMode.WEBHOOK, SyncMode.FILE)

    @property
    def is_remote(self) -> bool:
        """Return whether a caller of the service began the run, who may name any address."""
        return self in (SyncMode.WEBHOOK, SyncMode.API)


def is_short(result: FetchResult) -> bool:
    """Return whether a list gave fewer entries than its source says it has; "unproven" alone is not short."""
    return result.state is FetchState.STALE or (result.state is FetchState.PARTIAL and result.expected is not None)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One run from start to end; `error` and `failure` are set if the run failed.

    `vanished` counts the requests that are gone from the server at once and wait for the user's decision. `problems`
    say what the terms of lists name that the server does not have.
    `left` are the titles that left all lists while our request was pending, as far as that led to anything. `undoes` is
    the run that this one took back.
    During a pause, which ends at `paused_until`, nothing is done, and the run has no number.
    """

    run_id: int
    started_at: datetime
    finished_at: datetime
    dry_run: bool
    mode: SyncMode = SyncMode.MANUAL
    fetched: tuple[FetchResult, ...] = ()
    outcomes: tuple[RequestOutcome, ...] = ()
    calls: CallCounts = field(default_factory=CallCounts)
    error: str | None = None
    failure: FailureKind | None = None
    vanished: int = 0
    paused_until: datetime | None = None
    problems: tuple[str, ...] = ()
    left: tuple[LeftTitle, ...] = ()
    undoes: int | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many titles ended in each state, without the states that no title has."""
        numbers = Counter([outcome.status for outcome in self.outcomes])
        return {status.value: number for status, number in sorted(numbers.items())}

    @property
    def failed_lists(self) -> tuple[FetchResult, ...]:
        """Return the lists that could not be read at all."""
        return tuple(result for result in self.fetched if result.state is FetchState.FAILED)

    @property
    def has_failures(self) -> bool:
        """Return whether anything in the run calls for exit code 1."""
        return (
            self.error is not None
            or self.vanished > 0
            or bool(self.problems)
            or any(result.state is FetchState.FAILED or is_short(result) for result in self.fetched)
            or any(outcome.is_failure for outcome in self.outcomes)
        )

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code that `list-sync sync` has for this run (PUBLIC)."""
        if self.failure is not None:
            return self.failure.exit_code
        return ExitCode.FAILURES if self.has_failures else ExitCode.OK

    @property
    def closing_line(self) -> str:
        """Return the line that ends the log of a run."""
        if self.error is not None and self.failure is FailureKind.STOPPED:
            return f"Running stopped: {self.error.removeprefix('stopped ')}"
        if self.error is not None and self.failure is FailureKind.BRAKE:
            return "Running stopped by the brake: nothing was requested"
        if self.error is not None:
            return f"Error: the {'undo' if self.undoes else 'sync'} could not go through: {self.error}"
        if self.paused_until is not None:
            end = f"{self.paused_until:%Y-%m-%d %H:%M:%S}"
            return f"Sync completed: nothing was done, paused until {end} (list-sync pause off ends the pause)"
        failed = f", {len(self.failed_lists)} not read" if self.failed_lists else ""
        lists = "" if self.undoes else f"{counted(len(self.fetched), 'list')}{failed}; "
        kind = " (dry run)" if self.dry_run else f" (undo of run {self.undoes})" if self.undoes else ""
        calls = f"{counted(self.calls.reads, 'read')} and {counted(self.calls.writes, 'write')}"
        withdrawn = sum(title.is_withdrawn for title in self.left)
        left = f", {counted(withdrawn, 'request')} withdrawn" if withdrawn else ""
        vanished = f"; {describe_vanished(self.vanished)}" if self.vanished else ""
        return f"Sync completed{kind}: {lists}{self._describe_counts() or 'no titles'}{left}; {calls}{vanished}"

    def _describe_counts(self) -> str:
        # Outside of a dry run, only an applied plan leaves out what a sync would request.
        words = {} if self.dry_run else {ItemStatus.WOULD_REQUEST.value: "left to the next sync"}
        words |= {ItemStatus.DECLINED.value: "taken back"} if self.undoes else {}
        said = ((number, words.get(status, status.replace("_", " "))) for status, number in self.counts.items())
        return ", ".join(f"{number} {word}" for number, word in said)
