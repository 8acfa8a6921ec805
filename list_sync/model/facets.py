"""What narrows and sorts stored titles, and how many there are of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from list_sync.model.decisions import ItemStatus
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, Quality


class Mark(StrEnum):
    """What a user said of a title."""

    PINNED = "pinned"
    BANNED = "banned"
    SNOOZED = "snoozed"


class Order(StrEnum):
    """The order of titles: last changed, by name, next to go, or last seen first."""

    CHANGED = "changed"
    TITLE = "title"
    NEXT = "next"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class TitleFilter:
    """Which titles are wanted: all, or those that have one value of each kind that is given here.

    `text` is a part of the name, or an id.
    """

    statuses: tuple[ItemStatus, ...] = ()
    lists: tuple[ListKey, ...] = ()
    media_types: tuple[MediaType, ...] = ()
    qualities: tuple[Quality, ...] = ()
    requesters: tuple[int, ...] = ()
    marks: tuple[Mark, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many titles a filter finds, and how many each value would find in the place of those of its kind.

    With `are_lists_whole`, the numbers of lists are those of all their titles.
    """

    total: int = 0
    statuses: Mapping[ItemStatus, int] = field(default_factory=dict)
    media_types: Mapping[MediaType, int] = field(default_factory=dict)
    qualities: Mapping[Quality, int] = field(default_factory=dict)
    requesters: Mapping[int, int] = field(default_factory=dict)
    marks: Mapping[Mark, int] = field(default_factory=dict)
    lists: Mapping[ListKey, int] = field(default_factory=dict)
    are_lists_whole: bool = False
