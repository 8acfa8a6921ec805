"""The progress of a run, for a display."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """The stages of a run in their order."""

    FETCHING = "fetching"
    MATCHING = "matching"
    PLANNING = "planning"
    REQUESTING = "requesting"
    VERIFYING = "verifying"


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` units of a stage; `note` names the unit that was just finished."""

    stage: Stage
    done: int
    total: int
    note: str = ""


ProgressListener = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """Do nothing."""
