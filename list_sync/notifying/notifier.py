"""Tells people what happened: stores what is to be told with each run, and sends it from a thread of its own."""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from list_sync.config.messages import Address
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, StorageError, SyncCancelled, reason_of
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import FailureKind
from list_sync.model.households import HOME
from list_sync.model.notices import MOST_TITLES, Cause, Digest, Topic, Untold, Verdict
from list_sync.model.report import SyncReport
from list_sync.model.sources import ListKey
from list_sync.model.titles import TitleKey
from list_sync.notifying.causes import (
    BACKUP,
    PAUSE,
    Findings,
    find_cause_of_backup,
    find_cause_of_error,
    find_cause_of_pause,
)
from list_sync.notifying.channels import Channel, open_channels
from list_sync.notifying.digest import build_digest
from list_sync.notifying.rendering import render
from list_sync.storage.attention import count_attention
from list_sync.storage.lists import find_lists
from list_sync.storage.notices import find_untold, forget_channels, note_causes, note_digest, note_told
from list_sync.storage.run_lists import find_expected
from list_sync.storage.server_memory import find_name
from list_sync.storage.troubled import find_troubled

logger = logging.getLogger(__name__)

# How long a process that ends waits for its last message.
LAST_MESSAGE_SECONDS = 15.0
# After each failure in a row; the last one counts for all further ones.
PAUSES_SECONDS = (60.0, 300.0, 900.0, 3600.0)
_LOOK = object()
_END = object()


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told, and of what; `base_url` is the address of the pages, "" if it is not known."""

    addresses: Sequence[Address] = ()
    topics: Sequence[Topic] = tuple(Topic)
    base_url: str = ""


class Notifier:
    """The messages of one household. Nothing that goes wrong here reaches a run.

    What is to be told is in the database before it is sent, and marked after that: a process that is killed meanwhile
    tells it once more, and loses nothing.
    """

    def __init__(
        self,
        store: Store,
        audience: Audience,
        *,
        find_names: Callable[[], Mapping[ListKey, str]],
        stop: threading.Event,
        now: Callable[[], datetime],
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        self._store = store
        self._audience = audience
        self._find_names = find_names
        self._stop = stop
        self._now = now
        self._pauses_seconds = pauses_seconds
        self._work: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send_all, name="messages", daemon=True)
        self._channels: tuple[Channel, ...] | None = None
        self._starting = threading.Lock()
        self._failing: set[str] = set()
        self._said_unstored: set[str] = set()
        # By channel: what arrived there and is not marked yet.
        self._unmarked: dict[str, Mapping[str, bool]] = {}

    @contextmanager
    def told(self, *, dry_run: bool) -> Iterator[Callable[[SyncReport], None]]:
        """Tell how a run ended: by its report, or by the error that broke it off."""
        if dry_run or not self._audience.addresses:
            yield lambda _report: None
            return
        try:
            yield self._tell_end
        except SyncCancelled:
            raise
        except BaseException as error:
            kind = FailureKind.of(error) if isinstance(error, ListSyncError) else FailureKind.OTHER
            self._note([find_cause_of_error(kind, reason_of(error))], lambda _key: Verdict.UNKNOWN)
            raise

    def note_pause(self, until: datetime | None) -> None:
        """Tell that a pause began or is over; it is the same one for all households."""
        self._note_state(PAUSE, find_cause_of_pause(until) if until else None)

    def note_backups(self, trouble: str) -> None:
        """Tell why no backup could be made; "" once one could. They are the same ones for all households."""
        self._note_state(BACKUP, find_cause_of_backup(trouble) if trouble else None)

    def _note_state(self, own: str, cause: Cause | None) -> None:
        """Store whether the cause with the key `own` is there; no other cause is judged."""
        if self._audience.addresses and self._store.household == HOME:
            self._note([cause] if cause else [], lambda key: Verdict.OVER if key == own else Verdict.UNKNOWN)

    def close(self) -> None:
        """Wait a short time for the last message, unless the process was told to stop; the next one sends the rest."""
        self._work.put(_END)
        if self._thread.is_alive() and not self._stop.is_set():
            self._thread.join(LAST_MESSAGE_SECONDS)

    def _tell_end(self, report: SyncReport) -> None:
        if report.dry_run or report.paused_until is not None:
            return
        try:
            findings, digest = self._look_at(report)
        except StorageError as error:
            logger.debug("what the run did was not looked up for messages: %s", error)
            return
        self._note(findings.find_causes(), findings.judge, digest)

    def _look_at(self, report: SyncReport) -> tuple[Findings, Digest | None]:
        household, names = self._store.household, self._find_names()
        with self._store.reading() as connection:
            findings = Findings(
                report,
                count_attention(connection, household),
                find_lists(connection, household),
                find_expected(connection, household),
                names,
            )
            troubled = find_troubled(connection, household, report.run_id)
            titles = {key: find_name(connection, key) for key in _find_untitled(report)}
        digest = build_digest(report, troubled, names=names, titles=titles)
        if digest is None:
            return findings, None
        wanted = {kind: one for kind, one in digest.titles.items() if kind.topic in self._audience.topics}
        return findings, replace(digest, titles=wanted) if wanted else None

    def _note(self, causes: Iterable[Cause], judge: Callable[[str], Verdict], digest: Digest | None = None) -> None:
        """Store what is to be told, and wake the thread."""
        household, at = self._store.household, self._now()
        wanted = [cause for cause in causes if cause.topic in self._audience.topics]
        keys = [address.key for address in self._audience.addresses]
        try:
            with self._store.writing() as connection:
                forget_channels(connection, household, but=keys)
                for key in keys:
                    note_causes(connection, household, key, wanted, judge=judge, at=at)
                    if digest is not None:
                        note_digest(connection, household, key, digest, at=at)
        except StorageError as error:
            logger.debug("what is to be told was not stored: %s", error)
            # A database that cannot be written is worth a message itself, once in the life of the process.
            unsaid = [cause for cause in wanted if cause.key not in self._said_unstored]
            self._said_unstored.update(cause.key for cause in unsaid)
            if unsaid:
                self._put(Untold(begun=unsaid))
            return
        self._put(_LOOK)

    def _put(self, work: object) -> None:
        self._work.put(work)
        # Syncs and backups have threads of their own.
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def _send_all(self) -> None:
        """Send what is untold whenever there is something, and again after a while if that failed."""
        failures, work = 0, self._work.get()
        while work is not _END:
            is_told = self._send(work if isinstance(work, Untold) else None)
            failures = 0 if is_told else failures + 1
            pause = None if is_told else self._pauses_seconds[min(failures, len(self._pauses_seconds)) - 1]
            try:
                work = self._work.get(timeout=pause)
            except queue.Empty:
                work = _LOOK

    def _send(self, unstored: Untold | None) -> bool:
        """Send to each channel what it was not told yet; return whether nothing is left."""
        are_told = [self._send_to(channel, unstored) for channel in self._open()]
        return all(are_told)

    def _send_to(self, channel: Channel, unstored: Untold | None) -> bool:
        try:
            untold, keys = (unstored, {}) if unstored else self._find_untold(channel)
            if not untold:
                return True
            message = render(untold, channel.form, base_url=self._audience.base_url, most=channel.most)
            if reason := channel.send(message):
                self._warn(channel.name, reason)
                return unstored is not None
            self._failing.discard(channel.name)
            self._unmarked |= {channel.key: keys} if keys else {}
            self._mark(channel)
        except StorageError as error:
            logger.debug("messages to %s wait: %s", channel.name, error)
            return False
        return True

    def _mark(self, channel: Channel) -> None:
        """Store what a channel was told, now or once the database can be written: it is not told again."""
        if keys := self._unmarked.get(channel.key):
            with self._store.writing() as connection:
                note_told(connection, self._store.household, channel.key, keys, at=self._now())
            del self._unmarked[channel.key]

    def _find_untold(self, channel: Channel) -> tuple[Untold, Mapping[str, bool]]:
        self._mark(channel)
        with self._store.reading() as connection:
            return find_untold(connection, self._store.household, channel.key)

    def _warn(self, name: str, reason: str) -> None:
        """Log once that a channel takes no messages, until it takes one again."""
        if name not in self._failing:
            self._failing.add(name)
            logger.warning("%s takes no message: %s; it is sent later, and syncs go on", name, reason)

    def _open(self) -> tuple[Channel, ...]:
        if self._channels is None:
            self._channels, wrong = open_channels(self._audience.addresses)
            for line in wrong:
                logger.warning("%s", line)
        return self._channels


def _find_untitled(report: SyncReport) -> Iterator[TitleKey]:
    """Yield the requested titles whose names no list states."""
    requested = (one for one in report.outcomes if one.status is ItemStatus.REQUESTED)
    untitled = (one.decision.title_key for one in requested if not one.result.wanted.item.title)
    yield from islice(filter(None, untitled), MOST_TITLES)
