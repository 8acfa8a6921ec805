"""What waits for a person: counts."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Attention:
    """Lists that could not be read at all, titles to review, requests that vanished from the server at once, and titles
    that the brake holds.
    """

    lists_failed: int = 0
    to_review: int = 0
    vanished: int = 0
    braked: int = 0

    @property
    def total(self) -> int:
        """Return how many there are of everything."""
        return self.lists_failed + self.to_review + self.vanished + self.braked

    @property
    def numbers(self) -> dict[str, int]:
        """Return the counts by their names; without a brake there is none of its titles."""
        return {name: number for name, number in asdict(self).items() if number or name != "braked"}


@dataclass(frozen=True, slots=True)
class FailedRequests:
    """The titles whose requests failed for one reason, and the first of them."""

    reason: str
    titles: int
    first_id: int
    first_title: str
