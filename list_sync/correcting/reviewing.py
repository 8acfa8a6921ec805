"""The review of undecided titles one after the other: what was decided, and taking the last decision back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.correcting.keys import keys_to_ban, keys_to_pin
from list_sync.correcting.pins import ban_keys, find_pins, pin_keys, put_back
from list_sync.database.store import Store
from list_sync.model.matches import Pin
from list_sync.storage.title_search import TitleRecord


@dataclass(slots=True)
class Review:
    """The titles that wait for a decision, and how far the user came; skipped titles stay open.

    `decided` holds the keys of each decision, and the pins and bans that they had before it.
    """

    store: Store
    waiting: Sequence[TitleRecord]
    decided: list[tuple[frozenset[str], list[Pin]]] = field(default_factory=list)

    @property
    def present(self) -> TitleRecord | None:
        """Return the title to decide about now; None after the last one."""
        return self.waiting[len(self.decided)] if len(self.decided) < len(self.waiting) else None

    @property
    def still_open(self) -> int:
        """Return how many titles have no decision yet."""
        return len(self.waiting) - sum(1 for keys, _ in self.decided if keys)

    def choose(self, number: int, *, at: datetime) -> bool:
        """Pin the present title to the candidate with a number from 1 on; return False if there is no such one."""
        record = self._get_present()
        if not 1 <= number <= len(record.candidates):
            return False
        candidate, keys = record.candidates[number - 1], keys_to_pin(record)
        self._note(keys)
        pin_keys(self.store, keys, candidate.media_type, candidate.tmdb_id, at=at)
        return True

    def ban(self, *, at: datetime) -> None:
        """Never request the present title."""
        keys = keys_to_ban(self._get_present())
        self._note(keys)
        ban_keys(self.store, keys, at=at)

    def skip(self) -> None:
        """Leave the present title undecided."""
        self._note(())

    def undo(self, *, at: datetime) -> bool:
        """Take the last decision back and return to its title; return False if there is none."""
        if not self.decided:
            return False
        keys, former = self.decided.pop()
        put_back(self.store, keys, former, at=at)
        return True

    def _note(self, keys: Sequence[str]) -> None:
        self.decided.append((frozenset(keys), find_pins(self.store, keys)))

    def _get_present(self) -> TitleRecord:
        if self.present is None:
            raise LookupError("every title was reviewed")
        return self.present
