"""The review of undecided titles one after the other: what was decided, and taking the last decision back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.correcting.acting import change_keys, take_back
from list_sync.correcting.keys import keys_to_ban, keys_to_pin
from list_sync.correcting.pins import ban_keys, pin_keys
from list_sync.database.store import Store
from list_sync.storage.pin_rows import Change
from list_sync.storage.title_search import TitleRecord


@dataclass(slots=True)
class Review:
    """The titles that wait for a decision, and how far the user came; skipped titles stay open.

    `decided` holds what each decision changed, None for a title that was skipped.
    """

    store: Store
    waiting: Sequence[TitleRecord]
    decided: list[Change | None] = field(default_factory=list)

    @property
    def present(self) -> TitleRecord | None:
        """Return the title to decide about now; None after the last one."""
        return self.waiting[len(self.decided)] if len(self.decided) < len(self.waiting) else None

    @property
    def still_open(self) -> int:
        """Return how many titles have no decision yet."""
        return len(self.waiting) - sum(1 for change in self.decided if change)

    def choose(self, number: int, *, at: datetime) -> bool:
        """Pin the present title to the candidate with a number from 1 on; return False if there is no such one."""
        record = self._get_present()
        if not 1 <= number <= len(record.candidates):
            return False
        candidate, keys = record.candidates[number - 1], keys_to_pin(record)
        self.decided.append(
            change_keys(
                self.store,
                keys,
                lambda: pin_keys(self.store, keys, candidate.media_type, candidate.tmdb_id, at=at),
            )
        )
        return True

    def ban(self, *, at: datetime) -> None:
        """Never request the present title."""
        keys = keys_to_ban(self._get_present())
        self.decided.append(change_keys(self.store, keys, lambda: ban_keys(self.store, keys, at=at)))

    def skip(self) -> None:
        """Leave the present title undecided."""
        self.decided.append(None)

    def undo(self) -> bool:
        """Take the last decision back and return to its title; return False if there is none."""
        if not self.decided:
            return False
        if change := self.decided.pop():
            take_back(self.store, change)
        return True

    def _get_present(self) -> TitleRecord:
        if self.present is None:
            raise LookupError("every title was reviewed")
        return self.present
