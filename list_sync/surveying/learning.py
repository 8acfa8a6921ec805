"""Learns what the server options of lists.yaml name, outside of runs: at the start, at a change, and for `check`."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.config import Settings
from list_sync.database.store import Store
from list_sync.errors import ListSyncError
from list_sync.model.servers import ServerInfo
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType
from list_sync.storage.server_options import ServerOptions
from list_sync.storage.servers import note_server
from list_sync.surveying.agreeing import Agreement

logger = logging.getLogger(__name__)


class Arrs(Protocol):
    """What knows the user's own Radarr and Sonarr."""

    def find_arrs(self) -> Mapping[MediaType, ArrServer]:
        """Return them by the kind of their titles."""


class Agreeing(Protocol):
    """A session, as far as it agrees with the server about the terms of lists."""

    settings: Settings
    client: OverseerrClient
    store: Store
    now: Callable[[], datetime]

    @property
    def sources(self) -> Arrs:
        """Return what knows the user's own Radarr and Sonarr."""

    def with_terms(self, lists: Sequence[ListRef]) -> Iterator[ListRef]:
        """Yield lists with the terms that count for them."""


def learn_options(session: Agreeing) -> None:
    """Read what the options of lists name; a Radarr that only the server can ask, once for the content of the file.

    If this fails, the titles of these lists wait, and their reason says what to do.
    """
    settings = session.settings
    lists = [ref for ref in session.with_terms(settings.household.lists) if ref.terms.server]
    if not lists or settings.policy.file is None:
        return
    try:
        info = session.client.check_access()
        agreement = open_agreement(session, info)
        agreement.learn(lists, info, policy=settings.policy.fingerprint, again=False)
    except ListSyncError as error:
        logger.warning("the server options of %s are not known: %s", settings.policy.file, error)


def open_agreement(
    session: Agreeing, info: ServerInfo, *, on_problem: Callable[[str], object] = logger.warning
) -> Agreement:
    """Return what agrees with the server about terms of lists, outside of a run."""
    with session.store.writing() as connection:
        server_id = note_server(connection, session.store.household, info, address=session.client.url, at=session.now())
    memory = ServerOptions(session.store, find_server_id=lambda: server_id)
    arrs = session.sources.find_arrs()
    return Agreement(session.client, memory, arrs=arrs, now=session.now(), on_problem=on_problem)
