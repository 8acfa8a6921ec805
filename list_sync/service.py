"""Composes the service of a daemon; one-shots never import this, nor the libraries of the service."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial

from list_sync.checking import look_at_everything
from list_sync.checking.trying import try_part
from list_sync.clients import open_quick_client
from list_sync.config import Settings
from list_sync.config.changing import SettingsStore
from list_sync.daemon.control import Control
from list_sync.errors import ConfigError
from list_sync.logins import Logins, open_logins
from list_sync.main import Session, build_undo
from list_sync.model.exit_codes import ExitCode
from list_sync.model.report import SyncMode
from list_sync.previewing import Previews, find_missing, read_once
from list_sync.providers import available_providers
from list_sync.requesting.undo import UndoLine
from list_sync.sources import Sources
from list_sync.undoing import preview_undo
from list_sync.web.app import build_app
from list_sync.web.configuring.checkup import Checkup
from list_sync.web.configuring.desk import Desk
from list_sync.web.configuring.log_ins import LogIns
from list_sync.web.configuring.trials import Trials
from list_sync.web.entrance.owner import find_owner_token, name_token_place
from list_sync.web.entrance.serving import Service
from list_sync.web.parts import Parts
from list_sync.web.watching.server_watch import ServerAnswer, ServerWatch


def start_service(session: Session, control: Control) -> Service:
    """Start the service of a daemon and return it."""
    settings = session.settings
    previews = build_previews(session.sources, now=session.now)
    desk = build_desk(session, control)
    parts = Parts(
        store=session.store,
        settings=settings,
        folder=session.folder.path,
        daemon=control,
        server=ServerWatch(lambda: _check_server(settings)),
        open_client=partial(open_quick_client, settings),
        preview_undo=partial(_preview_undo, session),
        desk=desk,
        now=session.now,
        find_settings=lambda: session.settings,
        previews=previews,
    )
    session.watcher = parts.feed

    def end() -> None:
        parts.feed.close()
        previews.stop()
        desk.stop()

    token = find_owner_token(settings.web, session.folder.path)
    token_place = name_token_place(settings.web, session.folder.path) if token else ""
    service = Service(build_app(parts, token), settings.web, token_place, end_streams=end)
    service.start()
    return service


def build_desk(session: Session, control: Control) -> Desk:
    """Return what people configure with."""
    store = SettingsStore(session.settings.open_environment)

    def open_saved_logins(stop: threading.Event) -> AbstractContextManager[Logins]:
        reading = store.read(available_providers())
        if reading.settings is None:
            raise ConfigError(reading.problems)
        return open_logins(reading.settings, stop=stop)

    def look() -> Iterator[tuple[bool, str]]:
        # The check reads beside the syncs, with their clients and limits.
        findings = look_at_everything(
            session.settings, open_logins=open_logins, open_session=lambda _settings: nullcontext(session)
        )
        return ((finding.code is ExitCode.OK, finding.text) for finding in findings)

    return Desk(
        store,
        Trials(try_part, now=session.now),
        Checkup(look, now=session.now),
        LogIns(open_saved_logins, control.follow_settings, now=session.now),
    )


def build_previews(sources: Sources, *, now: Callable[[], datetime]) -> Previews:
    """Return what reads lists that may be added, by the sources of the syncs."""
    # A caller of the service names the lists, as in a sync that was asked for.
    make_context = partial(sources.make_context, is_remote=SyncMode.API.is_remote)
    read = partial(read_once, make_context=make_context, find_reuse=partial(sources.reuse, SyncMode.API), now=now)
    return Previews(read, partial(find_missing, make_context=make_context), now=now)


def _preview_undo(session: Session, run_id: int) -> tuple[UndoLine, ...]:
    """Return what an undo of a run would do; raise PlanRefused or ServiceError."""
    with closing(open_quick_client(session.settings)) as client:
        return preview_undo(replace(build_undo(session), client=client, stop=session.stop), run_id)


def _check_server(settings: Settings) -> ServerAnswer:
    """Return what the server answers; raise ServiceError if that takes long, or it refuses the key."""
    with closing(open_quick_client(settings)) as client:
        info = client.fetch_info()
        began = time.monotonic()
        client.fetch_owner()
        return ServerAnswer(info.dialect, time.monotonic() - began)
