"""What the user wants done with titles in general."""

from dataclasses import dataclass

from list_sync.model.titles import Quality


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one run; a cap of 0 means no cap.

    `requested_today` is how many titles the requester asked for in the 24 hours before the run's requests,
    `requested_in_run` how many it has added since.
    """

    quality: Quality = Quality.HD
    requester_id: int = 1
    max_requests_per_run: int = 0
    max_requests_per_day: int = 0
    requested_today: int = 0
    requested_in_run: int = 0
    dry_run: bool = False

    def describe_full_day(self, count: int) -> str:
        """Return why a title waits after the requester asked for so many titles in 24 hours."""
        cap = f"MAX_REQUESTS_PER_DAY={self.max_requests_per_day}"
        return f"{cap} is reached: user {self.requester_id} asked for {count} in 24 hours; asked for in a later run"
