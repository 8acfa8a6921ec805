"""Changes of settings that were shown and not saved yet: kept here, so that no page carries a secret."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from list_sync.config.changing import Changes

MOST_DRAFTS = 50
KEPT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked change of a setting; `version` is that of the value which it replaces."""

    name: str
    changes: Changes = field(repr=False)
    version: str
    made_at: datetime


class Drafts:
    """Keeps the last drafts by random ids; a restart forgets them. Safe for threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Draft] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, draft: Draft) -> str:
        """Keep a draft and return its id."""
        draft_id = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[draft_id] = draft
            while len(self._kept) > MOST_DRAFTS:
                self._kept.popitem(last=False)
        return draft_id

    def find(self, draft_id: str, name: str, *, now: datetime) -> Draft | None:
        """Return the draft of a setting, None if it is too old or not known."""
        with self._lock:
            draft = self._kept.get(draft_id)
        return draft if draft and draft.name == name and now - draft.made_at < KEPT else None

    def forget(self, draft_id: str) -> None:
        """Forget a draft that was saved."""
        with self._lock:
            self._kept.pop(draft_id, None)
