"""Composes the service of a daemon; one-shots never import this, nor the libraries of the service."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from list_sync.checking import look_at_everything
from list_sync.checking.trying import try_part
from list_sync.clients import open_quick_client
from list_sync.config import Settings, has_secrets
from list_sync.config.changing import SettingsStore
from list_sync.daemon.control import Control
from list_sync.database.store import Store
from list_sync.errors import ConfigError
from list_sync.logins import Logins, open_logins
from list_sync.main import Session, build_undo
from list_sync.model.exit_codes import ExitCode
from list_sync.model.moments import utc_now
from list_sync.model.report import SyncMode
from list_sync.previewing import Previews, find_missing, read_once
from list_sync.providers import available_providers
from list_sync.requesting.undo import UndoLine
from list_sync.sources import Sources
from list_sync.undoing import preview_undo
from list_sync.web.app import PAGES, ROUTES, SET_UP_PAGES, SET_UP_ROUTES, Routes, build_app
from list_sync.web.configuring.checkup import Checkup
from list_sync.web.configuring.desk import Desk
from list_sync.web.configuring.log_ins import LogIns
from list_sync.web.configuring.trials import Trials
from list_sync.web.entrance.claiming import offer_claim
from list_sync.web.entrance.owner import find_owner_token, name_token_place
from list_sync.web.entrance.serving import Service
from list_sync.web.pages.rendering import PageRoutes
from list_sync.web.parts import Daemon, Parts
from list_sync.web.watching.server_watch import ServerAnswer, ServerWatch

NO_SERVER = "no server is set yet: set OVERSEERR_URL and OVERSEERR_API_KEY"


def start_service(session: Session, control: Control, sockets: Sequence[socket.socket] = ()) -> Service:
    """Start the service of a daemon, with the ports that the set-up left open if there are any, and return it."""
    settings = session.settings
    previews = build_previews(session.sources, now=session.now)
    desk = build_desk(settings, control, partial(_look, session), now=session.now)
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
    parts.log.attach()

    def end() -> None:
        parts.feed.close()
        parts.log.detach()
        previews.stop()
        desk.stop()

    return _start(parts, ROUTES, PAGES, end=end, sockets=sockets)


def serve_set_up(settings: Settings, store: Store, folder: Path, daemon: Daemon) -> Service:
    """Start the service of a daemon that has no server yet and return it: it has the pages of the set-up alone."""
    desk = build_desk(settings, daemon, lambda: iter([(False, NO_SERVER)]), now=utc_now)
    parts = Parts(
        store=store,
        settings=settings,
        folder=folder,
        daemon=daemon,
        server=ServerWatch(lambda: _check_server(settings)),
        open_client=partial(open_quick_client, settings),
        preview_undo=lambda _run_id: (),
        desk=desk,
    )

    def end() -> None:
        parts.feed.close()
        desk.stop()

    return _start(parts, SET_UP_ROUTES, SET_UP_PAGES, end=end)


def _start(
    parts: Parts,
    routes: Sequence[Routes],
    pages: Sequence[PageRoutes],
    *,
    end: Callable[[], None],
    sockets: Sequence[socket.socket] = (),
) -> Service:
    web, folder = parts.settings.web, parts.folder
    token = find_owner_token(web, folder)
    token_place = name_token_place(web, folder) if token else ""

    def end_all() -> None:
        parts.over.set()
        end()

    service = Service(build_app(parts, token, routes, pages), web, token_place, end_streams=end_all)
    service.start(sockets)
    if service.ports:
        offer_claim(web, parts.store, folder)
    return service


def build_desk(
    settings: Settings, daemon: Daemon, look: Callable[[], Iterator[tuple[bool, str]]], *, now: Callable[[], datetime]
) -> Desk:
    """Return what people configure with; `look` checks everything."""
    store = SettingsStore(settings.open_environment)

    def open_saved_logins(stop: threading.Event) -> AbstractContextManager[Logins]:
        reading = store.read(available_providers())
        if reading.settings is None:
            raise ConfigError(reading.problems)
        known = store.open() if has_secrets(reading.settings.process) else None
        return open_logins(reading.settings, stop=stop, store=known)

    return Desk(
        store,
        Trials(try_part, now=now),
        Checkup(look, now=now),
        LogIns(open_saved_logins, daemon.follow_settings, now=now),
    )


def _look(session: Session) -> Iterator[tuple[bool, str]]:
    """Check everything beside the syncs, with their clients and limits."""
    findings = look_at_everything(
        session.settings, open_logins=open_logins, open_session=lambda _settings: nullcontext(session)
    )
    return ((finding.code is ExitCode.OK, finding.text) for finding in findings)


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
