"""The rules of a run as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one run; a cap of 0 means no cap.

    `requested_today` is how many titles each requester asked for in the 24 hours before the run's requests,
    `requested_in_run` how many the run has added since.
    """

    max_requests_per_run: int = 0
    max_requests_per_day: int = 0
    requested_today: Mapping[int, int] = field(default_factory=dict)
    requested_in_run: Mapping[int, int] = field(default_factory=dict)
    dry_run: bool = False

    def describe_full_day(self, requester_id: int, count: int) -> str:
        """Return why a title waits after the requester asked for so many titles in 24 hours."""
        cap = f"MAX_REQUESTS_PER_DAY={self.max_requests_per_day}"
        return f"{cap} is reached: user {requester_id} asked for {count} in 24 hours; asked for in a later run"
