"""One demo server without its sockets: all that a call may read or change."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from list_sync.demo.catalogue.catalogue import Catalogue
from list_sync.demo.catalogue.synthetic import SyntheticFilms
from list_sync.demo.server.arrs import Arrs
from list_sync.demo.server.calls.traffic import Call, Traffic
from list_sync.demo.server.database.journal import Journal
from list_sync.demo.server.database.rows import UserRow
from list_sync.demo.server.database.state import State
from list_sync.demo.server.dialects import TRAITS, Dialect, Traits
from list_sync.demo.server.faults import Faults, ServerSettings
from list_sync.demo.server.requests.creation import Creation
from list_sync.demo.server.requests.overlap import SharedTransaction
from list_sync.demo.server.requests.payloads import Payloads
from list_sync.demo.server.requests.transitions import Transitions
from list_sync.demo.server.tmdb.titles import Titles
from list_sync.demo.server.tmdb.upstream import Upstream
from list_sync.demo.server.webhooks import Webhooks

API_KEY = "demo-api-key-MTIzNDU2Nzg5MA=="


@dataclass(slots=True)
class Sessions:
    """The users that are logged in by cookie."""

    _users: dict[str, int] = field(default_factory=dict)

    def open(self, user: UserRow) -> str:
        """Return the value of a new session cookie."""
        cookie = f"s%3A{secrets.token_urlsafe(24)}"
        self._users[cookie] = user.id
        return cookie

    def close(self, cookie: str) -> None:
        """Forget a session."""
        self._users.pop(cookie, None)

    def find(self, cookie: str) -> int | None:
        """Return the user of a session."""
        return self._users.get(cookie)


@dataclass(slots=True)
class Backend:
    """The parts of one server, put together."""

    dialect: Dialect
    traits: Traits
    state: State
    titles: Titles
    upstream: Upstream
    faults: Faults
    settings: ServerSettings
    traffic: Traffic
    payloads: Payloads
    transitions: Transitions
    creation: Creation
    sessions: Sessions
    api_key: str
    pause: Callable[[float], None]
    arrs: Arrs
    arr_calls: list[Call] = field(default_factory=list)
    watchlists: dict[tuple[int, int], str] = field(default_factory=dict)

    def wipe(self) -> None:
        """Forget all media and requests, as a fresh server."""
        with self.state.lock:
            self.state.wipe()
            self.transitions.requeue()


def build_backend(
    dialect: Dialect,
    catalogue: Catalogue,
    *,
    state_file: Path | None,
    synthetic_films: int,
    pause: Callable[[float], None],
) -> Backend:
    """Build a server; `pause` waits, and raises ConnectionDropped if the server ends meanwhile."""
    traits = TRAITS[dialect]
    faults = Faults()
    settings = ServerSettings()
    state = State(Journal(state_file))
    titles = Titles(catalogue, SyntheticFilms(synthetic_films))
    upstream = Upstream(faults, titles)
    arrs = Arrs(settings)
    transitions = Transitions(dialect, traits, state, faults, Webhooks(settings).tell, arrs)
    payloads = Payloads(dialect, state)
    creation = Creation(
        dialect=dialect,
        traits=traits,
        state=state,
        titles=titles,
        upstream=upstream,
        settings=settings,
        faults=faults,
        transitions=transitions,
        transaction=SharedTransaction(state),
        payloads=payloads,
        pause=pause,
        queue=threading.Lock(),
    )
    return Backend(
        dialect=dialect,
        traits=traits,
        state=state,
        titles=titles,
        upstream=upstream,
        faults=faults,
        settings=settings,
        traffic=Traffic(),
        payloads=payloads,
        transitions=transitions,
        creation=creation,
        sessions=Sessions(),
        api_key=API_KEY,
        pause=pause,
        arrs=arrs,
    )
