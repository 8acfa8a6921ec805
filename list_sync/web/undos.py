"""What users did with pins, bans and snoozes lately, so that it can be taken back; a restart forgets it."""

import secrets
import threading
from collections import OrderedDict

from list_sync.storage.pin_rows import Change

# A large ban changes some ten thousand keys.
MOST_KEYS = 100_000


class Undos:
    """Keeps changes until they are taken back, or many others came since; safe for threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Change] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, change: Change) -> str | None:
        """Keep a change and return its name; None if it changed nothing."""
        if change.before == change.after:
            return None
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._kept[name] = change
            while len(self._kept) > 1 and sum(len(one.after) for one in self._kept.values()) > MOST_KEYS:
                self._kept.popitem(last=False)
        return name

    def find(self, name: str) -> Change | None:
        """Return a change."""
        with self._lock:
            return self._kept.get(name)

    def forget(self, name: str) -> None:
        """Forget a change that was taken back."""
        with self._lock:
            self._kept.pop(name, None)
