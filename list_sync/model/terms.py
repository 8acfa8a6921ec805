"""The terms of a list: who requests its titles, and in which qualities."""

from dataclasses import dataclass

from list_sync.model.titles import Quality


@dataclass(frozen=True, slots=True)
class Terms:
    """The requester of a list's titles, and the qualities in which they are requested."""

    requester_id: int = 1
    qualities: tuple[Quality, ...] = (Quality.HD,)
