"""The titles that the server told of, each once, until the loop reads what the server has of them."""

import threading
from collections.abc import Mapping

from list_sync.model.titles import TitleKey

# A server that tells of more between two looks is read by the next sync.
MOST_TITLES = 1000
# A sync that is asked for does not wait for more.
READ_TOGETHER = 50


class TitleQueue:
    """Filled by threads of the service, and emptied by the loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._titles: dict[TitleKey, bool] = {}

    @property
    def is_filled(self) -> bool:
        """Return whether there is a title to read."""
        return bool(self._titles)

    def add(self, titles: Mapping[TitleKey, bool]) -> None:
        """Add titles; True says that one was only requested or approved, which is no news of one that we requested."""
        with self._lock:
            for key, is_request in titles.items():
                if key in self._titles or len(self._titles) < MOST_TITLES:
                    self._titles[key] = is_request and self._titles.get(key, True)

    def take(self) -> Mapping[TitleKey, bool]:
        """Return the titles that were added first, and forget these."""
        with self._lock:
            return {key: self._titles.pop(key) for key in list(self._titles)[:READ_TOGETHER]}
