"""One cycle as it is asked for: the objects it works with, and its task."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.api.sources.tmdb import Catalogue
from list_sync.database.store import Store
from list_sync.fetching.reuse import Reuse
from list_sync.fetching.routes import FindProvider
from list_sync.model.decisions import Policy
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.report import SyncMode, SyncReport
from list_sync.model.runs import RETENTION_DAYS, ProgressListener, RunWatcher, ignore_progress
from list_sync.model.sources import ListKey, ListRef
from list_sync.model.titles import MediaType
from list_sync.providers import FetchContext, get_provider


@dataclass(frozen=True, slots=True)
class Parts:
    """The objects that all cycles of a process share.

    `catalogue` answers look-ups by id; without one, the client does. `arrs` are the user's own Radarr and Sonarr.
    """

    client: OverseerrClient
    store: Store
    make_context: Callable[[ListRef], FetchContext]
    stop: threading.Event
    now: Callable[[], datetime]
    workers: int = 5
    find_provider: FindProvider = get_provider
    catalogue: Catalogue | None = None
    arrs: Mapping[MediaType, ArrServer] = field(default_factory=dict)
    retention_days: int = RETENTION_DAYS


@dataclass(frozen=True, slots=True)
class Job:
    """The task of one cycle; `is_full_run` is True if `lists` are all lists of the user, apart from `resting` ones.

    The resting lists have other schedules, and are not due. With `is_fresh`, the whole server is read, and titles that
    were not found are searched again. With `accepts`, the brake does not stop the run. `run_id` is the number of the
    run if it was queued; `on_started` is called with its number once it has begun, `on_report` with its report before
    it counts as over. `is_ending` returns whether the process ends.
    """

    lists: tuple[ListRef, ...]
    policy: Policy
    rules: HouseholdPolicy = field(default_factory=HouseholdPolicy)
    mode: SyncMode = SyncMode.MANUAL
    is_full_run: bool = True
    resting: frozenset[ListKey] = frozenset()
    on_progress: ProgressListener = field(default=ignore_progress)
    reuse: Reuse = field(default_factory=Reuse)
    is_fresh: bool = False
    accepts: bool = False
    run_id: int | None = None
    watcher: RunWatcher | None = None
    on_started: Callable[[int], object] = field(default=lambda _run_id: None)
    on_report: Callable[[SyncReport], object] = field(default=lambda _report: None)
    is_ending: Callable[[], bool] = field(default=lambda: False)

    @property
    def has_brake(self) -> bool:
        """Return whether the brake can stop the run: not if the user accepted what it requests."""
        return self.rules.brake and not self.accepts and self.policy.planned is None
