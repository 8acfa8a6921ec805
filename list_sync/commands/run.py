"""`run`, the command of the container: a daemon, or one sync if AUTOMATED_MODE is false or SYNC_INTERVAL is 0."""

import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

from list_sync import log
from list_sync.carrying import carry_out
from list_sync.commands.sessions import stoppable_session
from list_sync.config import Settings, find_container, find_state_folder
from list_sync.config.household_files import find_files
from list_sync.config.policy.joining import describe_joining
from list_sync.daemon.control import Control
from list_sync.daemon.leading import run_daemon
from list_sync.daemon.restarts import Restarts
from list_sync.daemon.stopping import Stopping, stopped_by_signals
from list_sync.errors import ListSyncError, SyncCancelled, reasons_of
from list_sync.main import Session, find_further, open_session, prepare_settings
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.report import SyncMode
from list_sync.surveying.learning import learn_options
from list_sync.updates import looking_for_updates
from list_sync.workers import Stop

logger = logging.getLogger(__name__)


def run() -> int:
    """Run as a daemon, or sync once and end; only the log is printed."""
    # Wrong settings are also printed on stdout, because `docker logs … | grep` reads only stdout.
    log.configure_logging("INFO", "text")
    try:
        while (code := _run_as_set()) is None:
            pass
    except ListSyncError as error:
        log.fail(*reasons_of(error))
        return FailureKind.of(error).exit_code
    return code


def _run_as_set() -> int | None:
    """Do what the settings ask for; return None if another daemon worked here, after which they are read again."""
    settings = prepare_settings()
    log.configure_logging(settings.process.log_level, settings.process.log_format, zone=settings.process.zone)
    for warning in settings.warnings:
        logger.warning("%s", warning)
    for line in describe_joining(settings):
        logger.info("%s", line)
    if settings.needs_set_up:
        return set_up_and_stay(settings)
    return stay(settings) if settings.is_daemon else sync_once(settings)


def sync_once(settings: Settings) -> int:
    """Sync once and return the exit code; a container that is restarted again and again waits first."""
    restarts = Restarts(find_state_folder(settings.process.data_dir).path, find_container())
    if restarts.are_a_loop:
        with stopped_by_signals() as stopping:
            if not restarts.wait(settings.process, stopping.event):
                return stopping.exit_code(ExitCode.OK)
    with stoppable_session(settings) as (stopping, session):
        report = None
        try:
            # A timer of the machine starts such containers, so this is a scheduled sync, too.
            report = session.sync(mode=SyncMode.MANUAL, is_scheduled=True)
        except SyncCancelled:
            return stopping.exit_code(ExitCode.FAILURES)
        finally:
            restarts.note_end(report.failure if report else None, is_stopped=stopping.event.is_set())
        code = _sync_others(settings, stopping)
        return stopping.exit_code(report.exit_code or code)


def _sync_others(settings: Settings, stopping: Stopping) -> int:
    """Sync the further households once; return the exit code of the first that failed."""
    codes = []
    for name in find_files(settings.process.config_dir):
        if stopping.event.is_set():
            break
        try:
            with open_session(find_further(settings, name), stop=stopping.event) as session:
                stopping.on_giving_up = session.abandon
                codes.append(session.sync(mode=SyncMode.MANUAL, is_scheduled=True).exit_code)
        except ListSyncError as error:
            codes.append(FailureKind.of(error).exit_code)
            for reason in reasons_of(error):
                logger.warning("household %s: %s", name, reason)
    return next(filter(None, codes), ExitCode.OK)


def set_up_and_stay(settings: Settings) -> int | None:
    """Wait until a server is set, then sync until a signal, as `stay` does."""
    # Only a daemon with the service takes the memory for its libraries.
    from list_sync.setting_up import wait_for_server

    with stopped_by_signals(exit_code=ExitCode.OK) as stopping:
        stopping.take_hangups()
        found = wait_for_server(settings, stopping.event)
        if found is None or stopping.event.is_set():
            return stopping.exit_code(ExitCode.OK)
    settings, sockets = found
    logger.info("the server is set: syncing begins")
    code = stay(settings, sockets)
    for one in sockets if code is None else ():
        one.close()
    return code


def stay(settings: Settings, sockets: Sequence[socket.socket] = ()) -> int | None:
    """Sync until a signal, as the only daemon of this data folder; the service uses ports that are open already.

    Return None after another daemon of this folder ended.
    """
    with stoppable_session(settings, exit_code=ExitCode.OK, is_patient=True) as (stopping, session):
        stopping.take_hangups()
        is_over = run_daemon(
            session,
            session.store,
            session.folder,
            serving=partial(serving, session, sockets=sockets),
            stopping=stopping,
            open_household=partial(_open_household, session, stopping.event),
            carry_out=carry_out,
        )
    return ExitCode.OK if is_over or stopping.event.is_set() else None


def _open_household(home: Session, stop: Stop, name: str) -> Session:
    """Return the session of a further household in a daemon, which learns what its lists name.

    Raise ConfigError with all problems of its file, or StorageError.
    """
    session = open_session(find_further(home.settings, name), stop=stop, is_patient=True)
    learn_options(session)
    return session


@contextmanager
def serving(session: Session, control: Control, *, sockets: Sequence[socket.socket] = ()) -> Iterator[None]:
    """Serve HTTP, be a device at a broker of MQTT, and look for updates meanwhile, each if it is set."""
    updates = looking_for_updates(session.settings, session.store, stop=session.stop, now=session.now)
    with _serving_http(session, control, sockets), _showing_device(session, control), updates:
        # A server that answers late delays no page.
        learn_options(session)
        yield


@contextmanager
def _serving_http(session: Session, control: Control, sockets: Sequence[socket.socket]) -> Iterator[None]:
    if not session.settings.web.web_enabled:
        yield
        return
    # Only a daemon with the service takes the memory for its libraries.
    from list_sync.service import start_service

    service = start_service(session, control, sockets)
    control.tell_service(service.description)
    try:
        yield
    finally:
        service.stop()


def _showing_device(session: Session, control: Control) -> AbstractContextManager[None]:
    url = session.settings.process.mqtt_url
    if url is None:
        return nullcontext()
    from list_sync.mqtt.device import device_running

    return device_running(session, control, url.get_secret_value())
