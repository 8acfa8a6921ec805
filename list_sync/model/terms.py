"""What a list wants of its titles."""

from dataclasses import dataclass

from list_sync.model.titles import Quality


@dataclass(frozen=True, slots=True)
class Terms:
    """In whose name the titles of a list are requested, and in which qualities."""

    requester_id: int = 1
    qualities: tuple[Quality, ...] = (Quality.HD,)
