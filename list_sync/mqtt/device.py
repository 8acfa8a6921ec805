"""The device: what it shows, and what its buttons do."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as clock_time

from list_sync.config import Settings
from list_sync.config.messages import find_broker
from list_sync.daemon.control import Control
from list_sync.database.store import Store
from list_sync.errors import ListSyncError, StorageError
from list_sync.main import Session
from list_sync.model.access import Deed
from list_sync.model.decisions import ItemStatus
from list_sync.model.households import HOME
from list_sync.model.mood import judge
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import Progress, RunOrder, RunWatcher
from list_sync.model.sources import ListRef
from list_sync.mqtt.connection import Connection
from list_sync.mqtt.discovery import PAUSE, RESUME, SYNC, State, Topics, build_config
from list_sync.storage.audit import note_deed
from list_sync.storage.device import find_device_number
from list_sync.storage.request_history import count_by_day
from list_sync.storage.standing import load_standing

logger = logging.getLogger(__name__)

ACTOR = "mqtt"
PAUSE_LENGTH = timedelta(days=1)
# A button that is pressed again within this time does nothing.
SECONDS_BETWEEN = 5.0


class Device:
    """What the broker is told, and what the buttons ask of the daemon."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        control: Control,
        topics: Topics,
        *,
        now: Callable[[], datetime],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._zone = settings.process.zone
        self._control = control
        self._now = now
        self._steady = steady
        self._topics = topics
        self._config = json.dumps(build_config(topics, page=settings.web.web_base_url))
        self._pressed: dict[str, float] = {}

    def find_news(self) -> Mapping[str, str]:
        """Return what each topic holds now; while the database cannot be read, only the description of the device."""
        news = {self._topics.config: self._config}
        try:
            return news | {self._topics.state: json.dumps(self._load_state().to_json())}
        except StorageError as error:
            logger.debug("the state for MQTT was not read: %s", error)
            return news

    def press(self, payload: str) -> None:
        """Do what a button asks for; other payloads, and one that comes again at once, are ignored."""
        deed = {SYNC: self._sync, PAUSE: self._pause, RESUME: self._resume}.get(payload)
        now = self._steady()
        if deed is None or now - self._pressed.get(payload, -SECONDS_BETWEEN) < SECONDS_BETWEEN:
            return
        self._pressed[payload] = now
        try:
            deed()
            outcome = "done"
        except ListSyncError as error:
            logger.warning("%s by MQTT: %s", payload, error)
            outcome = "failed"
        try:
            with self._store.writing() as connection:
                note_deed(connection, HOME, Deed(self._now(), ACTOR, "", payload, "", outcome))
        except StorageError as error:
            logger.warning("the audit log has no line about %s by MQTT: %s", payload, error)

    def _sync(self) -> None:
        self._control.ask(RunOrder(mode=SyncMode.API, asked_by=ACTOR))

    def _pause(self) -> None:
        self._control.pause(self._now() + PAUSE_LENGTH)

    def _resume(self) -> None:
        self._control.pause(None)

    def _load_state(self) -> State:
        standing, control = load_standing(self._store), self._control
        day = self._now().astimezone(self._zone).date()
        midnights = [datetime.combine(day + timedelta(days=days), clock_time(), self._zone) for days in (0, 1)]
        with self._store.reading() as connection:
            (today,) = count_by_day(connection, self._store.household, midnights)
        status = judge(
            standing.last_run,
            has_trouble=bool(control.find_trouble() or control.find_stall()),
            is_paused=control.find_pause() is not None,
            needs_you=standing.needs_you,
        )
        return State(
            status,
            standing.last_success_at,
            control.find_next_sync(),
            today.requested,
            standing.titles.get(ItemStatus.WAITING, 0),
            standing.titles.get(ItemStatus.NEEDS_REVIEW, 0),
        )


class Following:
    """Wakes the connection when a run begins or ends, and tells another watcher everything."""

    def __init__(self, wake: Callable[[], None], other: RunWatcher | None) -> None:
        self._wake = wake
        self._other = other

    def begin(self, run_id: int, mode: SyncMode, lists: Sequence[ListRef], *, dry_run: bool) -> None:
        """Take note of a run that began."""
        if self._other is not None:
            self._other.begin(run_id, mode, lists, dry_run=dry_run)
        self._wake()

    def advance(self, progress: Progress) -> None:
        """Take note of how far the run is."""
        if self._other is not None:
            self._other.advance(progress)

    def end(self, report: SyncReport | None) -> None:
        """Take note of the end of the run."""
        if self._other is not None:
            self._other.end(report)
        self._wake()

    def move(self, item_id: int, status: ItemStatus, reason: str) -> None:
        """Take note of a title whose state changed between two runs."""
        if self._other is not None:
            self._other.move(item_id, status, reason)
        self._wake()


@contextmanager
def device_running(session: Session, control: Control, url: str) -> Iterator[None]:
    """Show the daemon as a device of the broker at `url` meanwhile; the database must be open."""
    settings = session.settings
    broker = find_broker(url)
    try:
        number = find_device_number(session.store)
    except StorageError as error:
        logger.warning("MQTT_URL: the device is not shown until the next start: %s", error)
        yield
        return
    topics = Topics(number, broker.prefix)
    device = Device(session.store, settings, control, topics, now=session.now)
    connection = Connection(broker, topics, find_news=device.find_news, on_command=device.press)
    session.watcher = Following(connection.wake, session.watcher)
    connection.start()
    try:
        yield
    finally:
        connection.close()
