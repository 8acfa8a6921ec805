"""The loop of the daemon: wait until a sync is due or asked for, run it, go on after any error."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from list_sync.daemon.changes import Configured, Files
from list_sync.daemon.heartbeat import HEARTBEAT_SECONDS, Heartbeat
from list_sync.daemon.pausing import describe_pause
from list_sync.daemon.run_queue import RunQueue
from list_sync.daemon.timetable import WORTH_RETRYING, Timetable
from list_sync.daemon.title_queue import TitleQueue
from list_sync.errors import ListSyncError, PlanRefused, StorageError, is_shortage
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import RunOrder
from list_sync.model.sources import ListRef
from list_sync.model.titles import TitleKey, counted

logger = logging.getLogger(__name__)

# How often the wake file is checked: that is a stat, which neither reads nor writes the disk.
TICK_SECONDS = 2.0
# How often the queue is read without the wake file, whose time a network share may show late.
LOOK_SECONDS = 60.0
# How often the memory that pages took is freed.
REST_SECONDS = 600.0
# Within this time and that of one exchange, every sync gets on: the longest wait is that for the limit of a source.
STALL_SECONDS = 300.0
SCHEDULED = RunOrder(mode=SyncMode.AUTOMATED)


class Syncing(Configured, Protocol):
    """A session, as the loop uses it."""

    @property
    def progress(self) -> object:
        """Return a value that changes whenever the present sync gets on; None between syncs."""
        ...

    @property
    def paused_until(self) -> datetime | None:
        """Return the end of the present pause; None if there is none."""
        ...

    def note_pause(self, until: datetime | None) -> None:
        """Tell people that a pause began or is over."""
        ...

    def refresh(self, titles: Mapping[TitleKey, bool]) -> bool:
        """Read what the server has of titles that it told of; return False while another process syncs."""
        ...

    def rest(self) -> None:
        """Release memory until the next sync."""
        ...


# Carries out an order, as the queued run of that number if there is one.
CarryOut = Callable[[RunOrder, int | None], SyncReport]


class Loop:
    """The steps of the loop: one thread watches the clock and the wake file, the main thread runs the syncs.

    `carry_out` does what is asked for. After `stall_seconds` without progress, the heartbeat says so.
    """

    def __init__(
        self,
        session: Syncing,
        queue: RunQueue,
        timetable: Timetable,
        heartbeat: Heartbeat,
        *,
        stop: threading.Event,
        files: Files,
        carry_out: CarryOut,
        titles: TitleQueue | None = None,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._session = session
        self._queue = queue
        self._timetable = timetable
        self._heartbeat = heartbeat
        self._stop = stop
        self._files = files
        self._do = carry_out
        self._titles = titles or TitleQueue()
        self._wake = threading.Event()
        self._stall_seconds = stall_seconds
        self._progress: object = None
        self._beats_without_progress = 0
        self._paused_until: datetime | None = None
        self._was_regular = False
        self._rest_wanted = threading.Event()

    def run(self) -> None:
        """Sync at once, and then whenever the timetable or an order says so, until the end."""
        clock = threading.Thread(target=self.keep_time, name="clock", daemon=True)
        self.begin()
        self._timetable.repeat("rest", REST_SECONDS, self._rest_wanted.set)
        clock.start()
        self.work()
        clock.join(timeout=1.0)
        self.end()

    def begin(self) -> None:
        """Write the first heartbeat and set the jobs that repeat."""
        self._heartbeat.beat()
        self._timetable.repeat("heartbeat", HEARTBEAT_SECONDS, self.beat)
        self._timetable.repeat("look", LOOK_SECONDS, self._wake.set)

    def beat(self) -> None:
        """Write the heartbeat, and that the present sync makes no progress, if it makes none for too long."""
        progress = self._session.progress
        is_still = progress is not None and progress == self._progress
        self._progress = progress
        self._beats_without_progress = self._beats_without_progress + 1 if is_still else 0
        seconds = self._beats_without_progress * HEARTBEAT_SECONDS
        stall = ""
        if seconds >= self._stall_seconds:
            minutes = counted(int(self._stall_seconds / 60), "minute")
            stall = f"the sync has made no progress for more than {minutes}: a source or the server keeps it waiting"
        if stall and seconds - HEARTBEAT_SECONDS < self._stall_seconds:
            logger.warning("%s", stall)
        self._heartbeat.beat(stall)

    def keep_time(self) -> None:
        """Wake the main thread when it has something to do, until the end."""
        while not self._stop.wait(TICK_SECONDS):
            try:
                self.tick()
            except Exception:
                # Without this thread, nothing would ever be due.
                logger.exception("the times of the next tasks could not be checked; please report this")
        self._wake.set()

    def tick(self) -> bool:
        """Run the jobs whose time has come; wake the main thread if something is due or asked for, and return that."""
        is_due = self._timetable.tick()
        has_changed = self._files.check() or self._titles.is_filled
        if has_work := self._queue.was_woken() or is_due or has_changed or not self._queue.is_readable:
            self._wake.set()
        return has_work

    def work(self) -> None:
        """Sync, and then wait for the next task, until the end."""
        self.sync_and_rest()
        # A sync may have been asked for before the start, or be asked for again after a kill.
        self._wake.set()
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            self.do_tasks()

    def sync_and_rest(self) -> None:
        """Sync all lists now, or after the pause."""
        if self._is_paused():
            self._timetable.set_syncs_due()
            return
        self._sync_and_plan(self._timetable.schedules)
        self._session.rest()

    def do_tasks(self) -> None:
        """Run every sync that is due or asked for, also by files that changed."""
        try:
            self._files.apply()
        except Exception:
            # The code of providers may fail in any way, and the loop goes on.
            logger.exception("changed files could not be read again; please report this")
        while not self._stop.is_set() and self._step(is_paused=self._is_paused()):
            self._session.rest()
        has_read = self._titles.is_filled and not self._stop.is_set() and self._refresh_titles()
        if has_read or self._rest_wanted.is_set():
            self._rest_wanted.clear()
            self._session.rest()

    def _refresh_titles(self) -> bool:
        """Read what the server has of titles that it told of; return False if they wait for another process's sync.

        The next sync reads those that cannot be read now.
        """
        titles = self._titles.take()
        try:
            if not self._session.refresh(titles):
                self._titles.add(titles)
                return False
        except ListSyncError as error:
            logger.debug("what the server told of could not be read: %s", error)
        except Exception:
            # A fault in what a message of the server leads to must not end the daemon.
            logger.exception("what the server told of could not be read; please report this")
        return True

    def _is_paused(self) -> bool:
        """Return whether only dry runs may start now; what else is due or asked for waits. A change is logged."""
        until = self._session.paused_until
        if until != self._paused_until:
            logger.info("%s", describe_pause(until) if until else "the pause is over")
            self._paused_until = until
            self._session.note_pause(until)
        return until is not None

    def end(self) -> None:
        """Remove the heartbeat."""
        self._heartbeat.end()

    def _step(self, *, is_paused: bool) -> bool:
        """Run one sync if one is due or asked for, in a pause only a dry run; return whether there was one."""
        found = self._queue.find_order(only_dry=is_paused)
        if found is not None:
            self._carry_out(*found)
        elif is_paused:
            return False
        elif self._queue.take_recovered():
            self._sync_and_plan(self._timetable.schedules)
        elif due := self._timetable.take_due_syncs():
            self._sync_and_plan(due)
        elif self._timetable.take_due_backoffs():
            if lists := self._queue.find_ended_backoffs():
                self._plan_after_trouble(self._sync(RunOrder(lists, mode=SyncMode.AUTOMATED)), lists)
            self.tell_times()
        else:
            return False
        return True

    def _carry_out(self, run_id: int, order: RunOrder) -> None:
        # If scheduled syncs are due as well, this is those, too.
        due = self._timetable.take_due_syncs() if order.is_everything else frozenset()
        if due:
            self._timetable.begin(due)
        report = self._sync(order, run_id=run_id)
        if due:
            self._plan_regular(report, due)
        else:
            self._plan_after_trouble(report, order.lists)
        self.tell_times()

    def _plan_after_trouble(self, report: SyncReport | None, lists: Collection[ListRef]) -> None:
        # Health reports the trouble until a sync goes through, and the regular one may be a day away.
        if self._heartbeat.trouble:
            self._plan(report, {ref.terms.schedule for ref in lists} & self._timetable.schedules or None)

    def _sync_and_plan(self, schedules: frozenset[str]) -> None:
        """Sync the lists of some schedules."""
        self._timetable.begin(schedules)
        is_everything = schedules == self._timetable.schedules
        order = SCHEDULED if is_everything else replace(SCHEDULED, lists=self._queue.find_scheduled(schedules))
        self._plan_regular(self._sync(order), schedules)
        self.tell_times()

    def _plan_regular(self, report: SyncReport | None, schedules: Collection[str]) -> None:
        self._plan(report, schedules)
        if report is not None and report.paused_until is not None:
            # The pause began after the loop looked.
            self._timetable.set_syncs_due(schedules)

    def _plan(self, report: SyncReport | None, schedules: Collection[str] | None) -> None:
        following = self._timetable.plan_next(report, schedules)
        is_regular = report is not None and report.failure not in WORTH_RETRYING
        # The next time is news only at first, and before or after an irregular one.
        level = logging.DEBUG if is_regular and self._was_regular else logging.INFO
        self._was_regular = is_regular
        if following is not None and not self._stop.is_set():
            logger.log(level, "next sync at %s", following.strftime("%Y-%m-%d %H:%M:%S"))

    def tell_times(self) -> None:
        """Write when the next tasks are due, also for `status` and `lists`."""
        self._timetable.plan_backoff_end(self._queue.find_backoff_end())
        self._heartbeat.plan(self._timetable.next_times(), self._timetable.next_syncs())

    def _sync(self, order: RunOrder, *, run_id: int | None = None) -> SyncReport | None:
        trouble, refusal = "", ""
        report = None
        try:
            self._files.apply_settings()
            with self._files.suspended():
                report = self._do(order, run_id)
            trouble = (report.error or "") if report.failure is FailureKind.STORAGE else ""
        except StorageError as error:
            trouble = str(error)
        except PlanRefused as error:
            refusal = str(error)
            logger.warning("run %s is not carried out: %s", run_id, refusal)
        except ListSyncError as error:
            # The log of the run has been closed with it; the loop goes on.
            logger.debug("the sync ended early: %s", error)
        except Exception as error:
            # A shortage of memory or threads is in the closing line already, and is no defect.
            if not is_shortage(error):
                logger.exception("the sync broke off in a way that it should not; please report this")
        self._heartbeat.report(trouble)
        if report is None and run_id is not None and not self._stop.is_set():
            code = ExitCode.REFUSED if refusal else ExitCode.FAILURES
            self._queue.fail_order(run_id, refusal or trouble or "the sync could not be started: see the log", code)
        return report
