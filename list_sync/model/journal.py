"""What an entry of the journal of sent requests says, whoever keeps it."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from list_sync.model.titles import MediaType


class SentRequest(Protocol):
    """One request that was about to be sent, and how far it got."""

    @property
    def entry_id(self) -> int:
        """Return the number of the entry."""
        ...

    @property
    def media_type(self) -> MediaType:
        """Return the kind of its title."""
        ...

    @property
    def tmdb_id(self) -> int:
        """Return its title."""
        ...

    @property
    def is_4k(self) -> bool:
        """Return its quality."""
        ...

    @property
    def seasons(self) -> Collection[int]:
        """Return its seasons, none for a film."""
        ...

    @property
    def state(self) -> str:
        """Return how far it got: sent, answered, proven, refused or lost."""
        ...

    @property
    def answer(self) -> str:
        """Return the server's answer, an AnswerKind or free words."""
        ...

    @property
    def sent_at(self) -> datetime:
        """Return when it was about to be sent."""
        ...


# If fewer than these are gone at once, or no more than half of all, people took them back.
FEWEST_GONE_AT_ONCE = 10


def are_most_gone(gone: int, standing: int) -> bool:
    """Tell whether so many requests are gone at once that the server probably lost them."""
    return gone >= FEWEST_GONE_AT_ONCE and 2 * gone > standing
