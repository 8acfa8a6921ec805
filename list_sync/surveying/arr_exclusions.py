"""The import exclusions of the user's own Radarr and Sonarr, read once in a run that has something to request."""

import logging
from collections.abc import Iterable, Mapping

from list_sync.api.sources.servarr import Server as ArrServer
from list_sync.errors import ServiceError
from list_sync.model.titles import MediaType
from list_sync.storage.record import Record

logger = logging.getLogger(__name__)


class ArrExclusions:
    """What Radarr and Sonarr exclude; `numbers` are those of films at TMDB, and of shows at TVDB, as far as read."""

    def __init__(self, arrs: Mapping[MediaType, ArrServer], record: Record) -> None:
        self._arrs = arrs
        self._record = record
        self.numbers: dict[MediaType, frozenset[int]] = {}

    def read(self, kinds: Iterable[MediaType]) -> bool:
        """Read what is excluded of these kinds of titles; return whether anything had to be read.

        While Radarr or Sonarr does not answer, what it excluded the last time counts.
        """
        due = sorted(self._arrs.keys() & set(kinds) - self.numbers.keys())
        for kind in due:
            arr = self._arrs[kind]
            try:
                self.numbers[kind] = arr.fetch_exclusions()
            except ServiceError as error:
                self.numbers[kind] = self._record.load_arr_exclusions(kind)
                logger.warning("the exclusions of %s could not be read, its last ones count: %s", arr.title, error)
            else:
                self._record.remember_arr_exclusions(kind, self.numbers[kind])
        return bool(due)
