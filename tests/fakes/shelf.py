"""A provider whose lists are plain Python values, and a bench that runs whole cycles with it against a server."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from list_sync.api.http.client import HttpClient
from list_sync.api.overseerr import OverseerrClient
from list_sync.database.store import open_store
from list_sync.errors import ServiceUnavailable
from list_sync.fetching.reuse import Reuse
from list_sync.job import Job, Parts
from list_sync.model.decisions import Policy
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.servers import HOME
from list_sync.model.sources import ListRef, Page
from list_sync.model.terms import UNSTATED, Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.pipeline import run_cycle
from list_sync.providers import FetchContext, register_provider
from list_sync.storage.list_memory import ListMemory

SHELVES = {}


@dataclass(frozen=True)
class Cut:
    """The entries of a list that fails after them."""

    items: tuple


@register_provider("shelf", description="lists that a test holds in its hands")
def fetch(list_id, *, context):
    content = SHELVES[list_id]
    if isinstance(content, Exception):
        raise content
    if isinstance(content, Cut):
        yield Page(content.items, total=len(content.items) + 1)
        raise ServiceUnavailable("shelf", "is down")
    yield Page(tuple(content), total=len(content))


def synthetic(number, *, imdb_only=False):
    """Return the demo server's synthetic film with this number."""
    ids = MediaIds(imdb=f"tt9{number:07d}") if imdb_only else MediaIds(tmdb=5_000_000 + number)
    return MediaItem(f"Synthetic Film {number:06d}", MediaType.MOVIE, None, ids)


@dataclass
class Bench:
    """One installation: its own database and client, one shelf as its list."""

    folder: object
    server: object
    name: str = "shelf"
    policy: Policy = field(default_factory=Policy)
    rules: HouseholdPolicy = field(default_factory=HouseholdPolicy)
    terms: Terms = field(default_factory=Terms)
    stop: threading.Event = field(default_factory=threading.Event)
    clock: object = None
    client_options: dict = field(default_factory=dict)
    arrs: dict = field(default_factory=dict)

    def sync(self, *items, dry_run=False, fresh=False, quality=None, **policy):
        """Run one cycle over these items, opening and closing everything as a process would."""
        terms = replace(self.terms, qualities=(quality,)) if quality else self.terms
        return self.sync_lists({self.name: (items, terms)}, dry_run=dry_run, fresh=fresh, **policy)

    def sync_lists(
        self, lists, *, fresh=False, rules=None, remembers=False, accepts=False, resting=(), cache=None, **policy
    ):
        """Run one cycle over several lists, each with its items and terms; the `resting` ones are not due."""
        refs = [self.put(name, items, terms) for name, (items, terms) in lists.items()]
        policy, rules = replace(self.policy, **policy), rules or self.rules
        with self.opened() as parts:
            max_age = timedelta(minutes=30 if cache else 0)
            reuse = Reuse(ListMemory(parts.store, HOME) if remembers else None, cache, max_age)
            job = Job(tuple(refs), policy, rules, is_fresh=fresh, accepts=accepts, reuse=reuse)
            keys = frozenset(ListRef("shelf", f"{self.folder}/{name}").key for name in resting)
            return run_cycle(parts, replace(job, resting=keys))

    def put(self, name, items, terms=UNSTATED):
        """Fill a shelf, and return it as a list."""
        ref = ListRef("shelf", f"{self.folder}/{name}", terms)
        SHELVES[ref.list_id] = items
        return ref

    @contextmanager
    def opened(self):
        store = open_store(self.folder / f"{self.name}.db")
        user_id = self.terms.requester_id
        client = OverseerrClient(self.server.url, self.server.api_key, user_id, stop=self.stop, **self.client_options)
        http = HttpClient("shelf")
        try:
            now = self.clock or (lambda: datetime.now(UTC))
            yield Parts(client, store, lambda source: FetchContext(http), self.stop, now, arrs=self.arrs)
        finally:
            http.close()
            client.close()
            store.close()
