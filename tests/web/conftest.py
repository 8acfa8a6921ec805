"""A service on loopback over a real database, asked over real sockets."""

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import requests

from list_sync.checking import look_at_everything
from list_sync.checking.trying import try_part
from list_sync.config import load_settings
from list_sync.config.changing import SettingsStore
from list_sync.config.policy.joining import reread
from list_sync.database.store import Store
from list_sync.logins import open_logins
from list_sync.model.exit_codes import ExitCode
from list_sync.model.servers import HOME, Dialect
from list_sync.providers import available_providers
from list_sync.service import build_previews
from list_sync.sources import Sources
from list_sync.storage import orders
from list_sync.web.app import PAGES, ROUTES, build_app
from list_sync.web.configuring.checkup import Checkup
from list_sync.web.configuring.desk import Desk
from list_sync.web.configuring.log_ins import LogIns
from list_sync.web.configuring.trials import Trials
from list_sync.web.entrance import passwords
from list_sync.web.entrance.passwords import Cost
from list_sync.web.entrance.serving import Service
from list_sync.web.pages import lists as lists_page
from list_sync.web.parts import Parts
from list_sync.web.routes import events, lists, sync
from list_sync.web.watching.server_watch import ServerAnswer, ServerWatch
from tests.fakes.patience import PATIENCE_SECONDS
from tests.web.late_routes import late
from tests.web.small_routes import SMALL

TOKEN = "the-token-of-the-owner-of-this-house"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@dataclass
class FakeDaemon:
    """A daemon whose loop is in our hands; its queue is the real one."""

    store: Store
    trouble: str = ""
    stall: str = ""
    file_trouble: str = ""
    backup_trouble: str = ""
    next_backup: datetime | None = None
    next_sync: datetime | None = None
    paused_until: datetime | None = None
    woken: int = 0
    followed: int = 0
    refreshed: list = field(default_factory=list)
    carried_out: tuple = ()

    def ask(self, order):
        self.woken += 1
        with self.store.writing() as connection:
            return orders.ask(connection, HOME, order, at=NOW, is_limited=True)

    def cancel(self, run_id):
        with self.store.writing() as connection:
            return orders.cancel(connection, run_id, at=NOW)

    def stop_run(self, run_id):
        return run_id in self.carried_out

    def refresh(self, key, *, is_request):
        self.refreshed.append((key, is_request))

    def follow_settings(self):
        self.followed += 1

    def find_trouble(self):
        return self.trouble

    def find_stall(self):
        return self.stall

    def find_backup_trouble(self):
        return self.backup_trouble

    def find_next_backup(self):
        return self.next_backup

    def find_file_trouble(self):
        return self.file_trouble

    def find_next_sync(self):
        return self.next_sync

    def find_next_syncs(self):
        return {"": self.next_sync} if self.next_sync else {}

    def find_pause(self):
        return self.paused_until

    def pause(self, until):
        self.paused_until = until


@dataclass
class FakeServer:
    """The key check of a media-request server: how often it was asked, and with what it fails."""

    error: Exception | None = None
    asked: int = 0
    titles: dict = field(default_factory=dict)
    undo_lines: tuple = ()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self):
        with self.lock:
            self.asked += 1
        if self.error is not None:
            raise self.error
        return ServerAnswer(Dialect.SEERR, 0.041)

    def open(self):
        self.check()
        return self

    def close(self):
        """Nothing is open."""

    def preview_undo(self, _run_id):
        self.check()
        return self.undo_lines

    def fetch_users(self):
        return []

    def find_details(self, media_type, tmdb_id):
        return self.titles.get((media_type, tmdb_id))

    def find_by_imdb(self, imdb_id):
        return [imdb_id]


def build_desk(settings, daemon):
    """Return the desk that a daemon has, whose check uses no network."""

    def look():
        findings = look_at_everything(settings, open_logins=open_logins, open_session=None)
        return ((finding.code is ExitCode.OK, finding.text) for finding in findings)

    store = SettingsStore(settings.open_environment)
    log_ins = LogIns(
        lambda stop: open_logins(store.read(available_providers()).settings, stop=stop), daemon.follow_settings
    )
    return Desk(store, Trials(try_part, now=lambda: NOW), Checkup(look, now=lambda: NOW), log_ins)


class Running:
    """A service that runs, and a client of it."""

    def __init__(self, parts, daemon, server, owner_token, routes=ROUTES, pages=PAGES, *, is_whole=False):
        self.parts, self.daemon, self.server, self.token = parts, daemon, server, owner_token
        if not is_whole:
            routes, pages = map(late, routes), map(late, pages)
        app = build_app(parts, owner_token, routes, pages)
        self.service = Service(app, parts.settings.web, "data/api_token", end_streams=parts.feed.close)
        self.service.start()
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def address(self):
        return f"http://127.0.0.1:{self.service.ports[0]}"

    def ask(self, method, path, *, token=None, **options):
        """Send a request, with the token of the owner unless another is given ("" for none)."""
        token = self.token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers.update(options.pop("headers", {}))
        return self.session.request(method, self.address + path, headers=headers, timeout=PATIENCE_SECONDS, **options)

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, **options):
        return self.ask("POST", path, **options)

    def stop(self):
        self.session.close()
        self.parts.over.set()
        self.parts.desk.stop()
        self.service.stop()


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def wait(self, **length):
        self.now += timedelta(**length)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cheap_hashes(monkeypatch):
    monkeypatch.setattr(passwords, "COST", Cost(4, 8, 1))


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "list_sync.db") as opened:
        opened.open()
        yield opened


@pytest.fixture
def start_service(store, tmp_path, monkeypatch):
    """Start a service with settings of the environment, on a port that is free."""
    started, closing = [], ExitStack()

    def start(
        *, token=TOKEN, routes=ROUTES, pages=PAGES, is_whole=False, now=lambda: NOW, reads_lists=False, **environment
    ):
        defaults = {"OVERSEERR_URL": "http://127.0.0.1:9", "OVERSEERR_API_KEY": "key-of-the-server"}
        variables = {**defaults, "DATA_DIR": str(tmp_path), "CONFIG_DIR": str(tmp_path / "config"), **environment}
        settings = opened = load_settings(variables, providers=available_providers(), dotenv=None)
        # Port 0 is any free one; people may not set it.
        web = settings.web if "WEB_PORT" in environment else settings.web.model_copy(update={"web_port": 0})
        settings = replace(settings, web=web)
        daemon, server = FakeDaemon(store), FakeServer()
        parts = Parts(
            store,
            settings,
            tmp_path,
            daemon,
            ServerWatch(server.check),
            server.open,
            server.preview_undo,
            now=now,
            # A daemon follows changes of lists.yaml.
            find_settings=lambda: reread(settings, available_providers())[0],
            desk=build_desk(opened, daemon),
        )
        if reads_lists:
            sources = Sources(settings, store, folder=tmp_path, stop=threading.Event(), now=now)
            closing.callback(sources.close)
            parts = replace(parts, previews=build_previews(sources, now=now))
        owner_token = None if settings.web.is_open else token
        running = Running(parts, daemon, server, owner_token, routes, pages, is_whole=is_whole)
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()
    closing.close()


@pytest.fixture
def start_door(start_service):
    """Start a service with few routes, which is quick: for what comes before them."""
    return partial(start_service, routes=(*SMALL, lists.routes, sync.routes, events.routes), pages=(lists_page.routes,))


@pytest.fixture
def service(start_service):
    return start_service()
