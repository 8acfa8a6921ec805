"""The facts of titles that filters and seasons ask for: remembered, or read in this run."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import ServiceError
from list_sync.model.facts import NO_FACTS, FactsAsked, Ratings, TitleFacts
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import TitleKey
from list_sync.workers import run_parallel, threads_for

# If so many ratings in a row cannot be read, the service behind the server is down, and the others wait.
TRIED_TOGETHER = 20


class KnownFacts:
    """What a run knows of titles; `facts` grows while the run reads, `learned` is what is stored afterwards."""

    def __init__(self, remembered: Mapping[TitleKey, tuple[TitleFacts, datetime]], asked: FactsAsked) -> None:
        self._asked = asked
        self.facts = {key: facts for key, (facts, _) in remembered.items()}
        self.learned: dict[TitleKey, TitleFacts] = {}

    def take_in(self, pages: Mapping[TitleKey, TitleDetails], *, keeps_ratings: bool) -> None:
        """Take the facts from pages that were read; ratings come from elsewhere, and are kept unless they are old."""
        for key, page in pages.items():
            ratings = self.facts[key].ratings if keeps_ratings and key in self.facts else None
            self._learn(key, replace((page.facts or NO_FACTS).only_in(self._asked.regions), ratings=ratings))

    def rate(self, keys: Sequence[TitleKey], server: OverseerrClient, *, workers: int, stop: threading.Event) -> None:
        """Read the ratings of titles elsewhere."""
        for key, ratings in read_ratings(keys, server, workers=workers, stop=stop).items():
            self._learn(key, replace(self.facts[key], ratings=ratings))

    def _learn(self, key: TitleKey, facts: TitleFacts) -> None:
        self.facts[key] = facts
        if key in self._asked.titles:
            self.learned[key] = facts


def read_ratings(
    keys: Sequence[TitleKey], server: OverseerrClient, *, workers: int, stop: threading.Event
) -> dict[TitleKey, Ratings]:
    """Return the ratings of titles; if many in a row cannot be read, no others are asked for."""
    found = dict.fromkeys(keys, Ratings(is_read=False))
    for start in range(0, len(keys), TRIED_TOGETHER):
        batch = keys[start : start + TRIED_TOGETHER]
        run_parallel(
            batch,
            lambda key: _read_one(key, server),
            found.__setitem__,
            workers=threads_for(len(batch), most=workers),
            stop=stop,
            doing="ratings were being read",
        )
        if not any(found[key].is_read for key in batch):
            break
    return found


def _read_one(key: TitleKey, server: OverseerrClient) -> Ratings:
    try:
        return server.fetch_ratings(*key)
    except ServiceError:
        return Ratings(is_read=False)
