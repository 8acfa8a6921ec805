"""What people are told by messages: what a run did, and causes that last until they are over."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

MOST_TITLES = 10


class Topic(StrEnum):
    """What people can be told of; the words of NOTIFY_ON."""

    NEW = "new"
    LEFT = "left"
    FAILED = "failed"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that lasts: it is told once, and its end in the words of `over`; `path` is the page that helps."""

    key: str
    topic: Topic
    text: str
    over: str
    path: str = "/"


class Verdict(StrEnum):
    """What is known of a cause that is not there any more; of one that is gone, there is nothing to tell."""

    UNKNOWN = "unknown"
    OVER = "over"
    GONE = "gone"


class Kind(StrEnum):
    """What became of titles in a run, in the order of a message; each has a topic and a page."""

    REQUESTED = "requested"
    LEFT = "left"
    FAILED = "failed"
    REVIEW = "review"

    @property
    def topic(self) -> Topic:
        """Return what of NOTIFY_ON lets people be told."""
        return _TOPICS[self]


_TOPICS = {
    Kind.REQUESTED: Topic.NEW,
    Kind.LEFT: Topic.LEFT,
    Kind.FAILED: Topic.FAILED,
    Kind.REVIEW: Topic.ATTENTION,
}


@dataclass(frozen=True, slots=True)
class Titles:
    """The first titles of one kind, and how many there are."""

    shown: tuple[str, ...]
    total: int

    def with_more(self, other: "Titles") -> "Titles":
        """Return these and others together."""
        shown = (*self.shown, *other.shown)[:MOST_TITLES]
        return Titles(shown, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Digest:
    """What a run did that is news; several digests that were not told in time become one, of the last run."""

    run_id: int
    titles: Mapping[Kind, Titles] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the key under which it waits to be told."""
        return f"run {self.run_id}"

    def with_more(self, other: "Digest") -> "Digest":
        """Return this digest and a later one together."""
        kinds = {kind: self.titles.get(kind, other.titles.get(kind)) for kind in Kind}
        both = {kind: self.titles[kind].with_more(other.titles[kind]) for kind in self.titles if kind in other.titles}
        return Digest(other.run_id, {kind: found for kind, found in (kinds | both).items() if found})

    def to_json(self) -> dict[str, Any]:
        """Return the digest for the database."""
        return {"run_id": self.run_id, "titles": {kind.value: asdict(one) for kind, one in self.titles.items()}}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return a digest of the database."""
        titles = {Kind(kind): Titles(tuple(one["shown"]), one["total"]) for kind, one in document["titles"].items()}
        return cls(document["run_id"], titles)


@dataclass(frozen=True, slots=True)
class Untold:
    """What one channel was not told yet; `household` is "" for the one that most people have."""

    digest: Digest | None = None
    begun: Sequence[Cause] = ()
    ended: Sequence[Cause] = ()
    household: str = ""

    def __bool__(self) -> bool:
        return bool(self.digest or self.begun or self.ended)
