"""The facts of the candidates of one review: stored ones, and those that the server tells, which are then stored."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime

from list_sync.correcting.targets import OpenServer
from list_sync.database.store import Store
from list_sync.errors import ConfigError, ServiceError
from list_sync.model.facts import TitleFacts
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import TitleKey
from list_sync.storage.server_memory import save_details
from list_sync.storage.title_facts import load_facts, save_facts

logger = logging.getLogger(__name__)

# A page waits no longer for the pages of candidates than about this.
LONGEST_SECONDS = 3.0
# What the server does not know, or did not answer, is not asked for again for this time.
REST_SECONDS = 300.0


class CandidateFacts:
    """The facts of candidates; remembers for a while which of them the server did not tell."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._resting: dict[TitleKey, float] = {}

    def find(
        self, store: Store, open_server: OpenServer, keys: Sequence[TitleKey], *, at: datetime
    ) -> Mapping[TitleKey, TitleFacts]:
        """Return what is known of these titles, after asking the server once for each that was never read."""
        with store.reading() as connection:
            known = {key: facts for key, (facts, _) in load_facts(connection, keys).items()}
        now = self._clock()
        with self._lock:
            self._resting = {key: until for key, until in self._resting.items() if until > now}
            missing = [key for key in keys if key not in known and key not in self._resting]
            self._resting |= dict.fromkeys(missing, now + REST_SECONDS)
        found = {(one.media_type, one.tmdb_id): one for one in self._ask(open_server, missing)}
        facts = {key: one.facts for key, one in found.items() if one.facts}
        if found:
            with store.writing() as connection:
                save_details(connection, found.values(), at=at)
                save_facts(connection, facts, at=at)
        return known | facts

    def _ask(self, open_server: OpenServer, keys: Sequence[TitleKey]) -> list[TitleDetails]:
        found: list[TitleDetails] = []
        if not keys:
            return found
        until = self._clock() + LONGEST_SECONDS
        try:
            with closing(open_server()) as client:
                for key in keys:
                    if self._clock() > until:
                        break
                    if details := client.find_details(*key):
                        found.append(details)
        except (ConfigError, ServiceError) as error:
            logger.debug("facts of candidates were not read: %s", error)
        return found
