"""What waits for a person: counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attention:
    """Lists that could not be read at all, titles to review, and requests that vanished from the server at once."""

    lists_failed: int = 0
    to_review: int = 0
    vanished: int = 0

    @property
    def total(self) -> int:
        """Return how many there are of everything."""
        return self.lists_failed + self.to_review + self.vanished
