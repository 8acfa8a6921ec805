"""The feed: what happens, as events in one ring buffer, which every stream reads at its own pace."""

import asyncio
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile

from list_sync.model.decisions import ItemStatus
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import Progress, RunStatus
from list_sync.model.sources import ListRef

KEPT_EVENTS = 500
# A stream that is further behind has lost its place, and its client reads everything anew.
MOST_WAITING = 64
STAGE_SECONDS = 0.25


class Topic(StrEnum):
    """What an event is about."""

    RUN = "run"
    STAGE = "stage"
    ATTENTION = "attention"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `data` is JSON."""

    number: int
    topic: Topic
    data: str


@dataclass(frozen=True, slots=True)
class RunNow:
    """The run of this process that works now, and how far it is."""

    run_id: int
    progress: Progress | None = None
    past: tuple[Progress, ...] = ()


class Feed:
    """Takes events from any thread, each in microseconds, and wakes the streams.

    The numbers of events begin anew with each process; `epoch` tells the processes apart.
    """

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self.epoch = secrets.token_hex(4)
        self.current: RunNow | None = None
        self.ended_runs = 0
        self.last_number = 0
        self.is_closed = False
        # How often streams were told to look whether their caller may still listen.
        self.looks = 0
        self._now = now
        self._lock = threading.Lock()
        self._ring: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._streams: set[asyncio.Event] = set()
        self._stage_at = 0.0
        self._is_stage_held = False

    def begin(self, run_id: int, mode: SyncMode, lists: Sequence[ListRef], *, dry_run: bool) -> None:
        """Tell that a run began."""
        self.current = RunNow(run_id)
        run = {"run_id": run_id, "status": RunStatus.RUNNING.value, "mode": mode.value, "dry_run": dry_run}
        self.publish(Topic.RUN, {**run, "lists": [str(ref) for ref in lists]})

    def advance(self, progress: Progress) -> None:
        """Tell how far the run is, a few times a second at most."""
        before = self.current
        if before is None:
            return
        is_new_stage = before.progress is None or before.progress.stage is not progress.stage
        past = (*before.past, before.progress) if is_new_stage and before.progress else before.past
        self.current = replace(before, progress=progress, past=past)
        self._is_stage_held = True
        if is_new_stage or self._now() - self._stage_at >= STAGE_SECONDS:
            self._tell_stage()

    def end(self, _report: SyncReport | None) -> None:
        """Note that the run is over; the streams read from the database how it ended."""
        self.current = None
        self.ended_runs += 1
        self._call(self._wake)

    def move(self, item_id: int, status: ItemStatus, reason: str) -> None:
        """Tell that the state of a title changed between two runs."""
        self.publish(Topic.ITEM, {"id": item_id, "status": status.value, "reason": reason})

    def _tell_stage(self) -> None:
        run, is_held = self.current, self._is_stage_held
        self._is_stage_held = False
        if is_held and run is not None and run.progress is not None:
            self._stage_at = self._now()
            stage, done, total = run.progress.stage.value, run.progress.done, run.progress.total
            self.publish(Topic.STAGE, {"run_id": run.run_id, "stage": stage, "done": done, "total": total})

    def publish(self, topic: Topic, data: Mapping[str, object]) -> None:
        """Add an event and wake the streams."""
        text = json.dumps(data)
        with self._lock:
            self.last_number += 1
            self._ring.append(Event(self.last_number, topic, text))
        self._call(self._wake)

    def find_after(self, number: int, topics: Collection[Topic], *, most: int) -> tuple[list[Event] | None, int]:
        """Return the events after a number, and the number of the last event.

        There is no list if there are more than `most` of them, or some are not kept any more.
        """
        with self._lock:
            last = self.last_number
            oldest = self._ring[0].number if self._ring else last + 1
            newer = list(takewhile(lambda event: event.number > number, reversed(self._ring)))
        found = [event for event in reversed(newer) if event.topic in topics]
        is_whole = oldest - 1 <= number <= last and len(found) <= most
        return found if is_whole else None, last

    @property
    def last_id(self) -> str:
        """Return the id of the last event, as clients get it."""
        return f"{self.epoch}-{self.last_number}"

    @property
    def streams(self) -> int:
        """Return how many streams are open."""
        return len(self._streams)

    def join(self, stream: asyncio.Event) -> None:
        """Set a stream's event whenever there is news; only the thread of the service calls this, and `leave`."""
        self._loop = asyncio.get_running_loop()
        self._streams.add(stream)

    def leave(self, stream: asyncio.Event) -> None:
        """Forget a stream."""
        self._streams.discard(stream)

    def look_again(self) -> None:
        """Let every stream look whether its caller may still listen, from any thread."""
        self.looks += 1
        self._call(self._wake)

    def close(self) -> None:
        """End every stream, from any thread."""
        self.is_closed = True
        self._call(self._wake)

    def _call(self, function: Callable[[], None]) -> None:
        """Call a function on the thread of the service, if there are streams."""
        if self._loop is not None and self._streams:
            # The loop may be closed in this moment.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function)

    def _wake(self) -> None:
        for stream in self._streams:
            stream.set()
        if self._loop is not None and self.current is not None:
            # What came too soon after this is told then.
            self._loop.call_later(STAGE_SECONDS, self._tell_stage)
