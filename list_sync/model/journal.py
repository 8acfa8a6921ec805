"""The journal of sent requests: the identity of a request, and the facts of an entry."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey


class RequestState(StrEnum):
    """The state of a request that we sent; the values of sent_requests.state.

    WITHDRAWING: the server was asked to delete it, and its answer is not known.
    VANISHED: gone from the server together with most others, until the user says what that means.
    IMPORTED: sent by ListSync 0.6.
    """

    SENT = "sent"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    VANISHED = "vanished"
    RELEASED = "released"
    IMPORTED = "imported"


# The server has such a request as far as we know.
STANDING = (RequestState.ACCEPTED, RequestState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """The identity of one request; a number alone is not enough, because servers use numbers again.

    `request_id` is None as long as the server has not named one.
    """

    title_key: TitleKey
    quality: Quality
    seasons: frozenset[int]
    requester_id: int | None
    request_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedRequest:
    """What ListSync 0.6 knew of a title: it requested it, or, if that is not sure, the server knew its number."""

    media_type: MediaType
    tmdb_id: int
    quality: Quality
    at: datetime
    is_sure: bool

    @property
    def answer(self) -> str:
        """Return it as the journal has it."""
        return REQUESTED_BEFORE if self.is_sure else KNOWN_BEFORE


REQUESTED_BEFORE = "requested by ListSync 0.6"
KNOWN_BEFORE = "known to ListSync 0.6"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request as it was sent, and its result.

    `answer` is the value of an AnswerKind or free text; `note` says why its state changed later.
    `undone_in` is the run that withdrew the request so that the title stays away. `list_type` and `list_id` are the
    list that decided about the request.
    """

    entry_id: int
    run_id: int
    media_type: MediaType
    tmdb_id: int
    quality: Quality
    seasons: tuple[int, ...]
    requester_id: int | None
    sent_at: datetime
    state: RequestState
    request_id: int | None = None
    answer: str = ""
    settled_at: datetime | None = None
    note: str = ""
    undone_in: int | None = None
    list_type: str | None = None
    list_id: str | None = None

    @property
    def title_key(self) -> TitleKey:
        """Return the kind and TMDB id of the title."""
        return (self.media_type, self.tmdb_id)

    @property
    def quality_key(self) -> QualityKey:
        """Return the same and the quality."""
        return (*self.title_key, self.quality)

    @property
    def identity(self) -> RequestIdentity:
        """Return the identity of the request."""
        return RequestIdentity(
            self.title_key, self.quality, frozenset(self.seasons), self.requester_id, self.request_id
        )


# If fewer than these are gone at once, or no more than half of all, people took them back.
FEWEST_GONE_AT_ONCE = 10


def are_most_gone(gone: int, standing: int) -> bool:
    """Return whether so many requests are gone at once that the server probably lost them."""
    return gone >= FEWEST_GONE_AT_ONCE and 2 * gone > standing


def describe_vanished(requests: int) -> str:
    """Say that requests of ours vanished from the server at once, and what to do; "" if none did."""
    if not requests:
        return ""
    return (
        f"{requests} of our requests vanished from the server at once, and their titles wait:"
        " run list-sync accept-reset --ask-again or --keep-away"
    )


def describe_taken_back(at: datetime, undone_run: int | None, *, is_imported: bool = False) -> str:
    """Say why a title stays away whose request is gone from the server, because its run was undone or otherwise."""
    if is_imported:
        seen = (
            f"ListSync 0.6 knew it as requested or available on {at.date()}, and the server does not have it any more"
        )
        return f"{seen}: it counts as taken back, and is not asked for again unless you pin it"
    how = "on the server since" if undone_run is None else f"by the undo of run {undone_run}"
    return f"requested on {at.date()} and taken back {how}; not asked for again unless you pin it"
