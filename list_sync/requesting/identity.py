"""Which request on the server is ours: the number alone is no proof, because numbers of lost rows are used again.

SQLite rolls AUTOINCREMENT back together with the rows (measured), so the number of a 201 may belong to another title
when it is read back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from list_sync.model.answers import SPECIALS
from list_sync.model.arrs import ARR_TITLES
from list_sync.model.decisions import Request
from list_sync.model.journal import JournalEntry, RequestIdentity
from list_sync.model.servers import (
    AnswerKind,
    Availability,
    MediaState,
    RequestAnswer,
    RequestStatus,
    ServerRequest,
)
from list_sync.model.terms import Approval, SentOptions
from list_sync.model.titles import TitleKey

_WORDS = {"server_id": "server", "profile_id": "profile", "root_folder": "root folder", "tags": "tags"}
_MISSING = frozenset({Availability.UNKNOWN, Availability.DELETED})
_THERE = frozenset({Availability.PARTIALLY_AVAILABLE, Availability.AVAILABLE})


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that the server answered, with its entry in the journal."""

    entry_id: int
    request: Request
    answer: RequestAnswer

    @property
    def identity(self) -> RequestIdentity:
        """Return what the request is known by; it has a number only if the server says that it made it."""
        identity = self.request.identity
        number = self.answer.request_id if self.answer.kind is AnswerKind.CREATED else None
        return replace(identity, seasons=self.answer.seasons or identity.seasons, request_id=number)


def find_own(rows: Iterable[ServerRequest], identity: RequestIdentity) -> ServerRequest | None:
    """Return the row that fits an identity in number, title, quality, seasons and requester."""
    return next(
        (
            row
            for row in rows
            if row.request_id == identity.request_id
            and _has_title(row, identity)
            and row.seasons <= identity.seasons
            and is_asked_by(row, identity.requester_id)
        ),
        None,
    )


def find_standing(entries: Iterable[JournalEntry], known: Mapping[TitleKey, MediaState]) -> frozenset[int]:
    """Return the numbers of those entries whose requests are on the server."""
    return frozenset(
        entry.entry_id
        for entry in entries
        if (state := known.get(entry.title_key)) and find_own(state.requests_in(entry.quality), entry.identity)
    )


def find_made(rows: Iterable[ServerRequest], sent: Sent) -> ServerRequest | None:
    """Return the row that the answer to `sent` meant; its seasons are exactly those that the answer named."""
    made = find_own(rows, sent.identity)
    return made if made and made.seasons == (sent.answer.seasons or made.seasons) else None


def find_request(rows: Iterable[ServerRequest], identity: RequestIdentity) -> ServerRequest | None:
    """Return the oldest of the requests that together ask for the title and all of the seasons, ours or not."""
    wanted = identity.seasons
    fitting = [row for row in rows if _has_title(row, identity) and (not wanted or row.seasons & wanted)]
    if not wanted <= frozenset().union(*(row.seasons for row in fitting)):
        return None
    return min(fitting, key=lambda row: row.request_id, default=None)


def leave_out_ended(rows: Iterable[ServerRequest]) -> list[ServerRequest]:
    """Return the requests without those beside which the servers make another one for the same."""
    return [row for row in rows if not _has_ended(row)]


def _has_ended(row: ServerRequest) -> bool:
    """Return whether a request was declined, or was completed and its files are gone since."""
    is_gone = row.availability is not None and row.availability not in _THERE
    return row.status is RequestStatus.DECLINED or (row.status is RequestStatus.COMPLETED and is_gone)


def find_live(rows: Iterable[ServerRequest], sent: Sent) -> ServerRequest | None:
    """Return the oldest of the requests that ask for all of `sent`, leaving out those that have ended."""
    return find_request(leave_out_ended(rows), sent.identity)


def find_double(rows: Collection[ServerRequest], sent: Sent) -> tuple[ServerRequest, ServerRequest] | None:
    """Return our own row and the earlier request for the same; None unless ours is identified beyond doubt."""
    made = find_made(rows, sent)
    if made is None or None in (made.requester_id, sent.request.requester_id):
        return None
    earlier = find_live([row for row in rows if row.request_id < made.request_id], sent)
    return (made, earlier) if earlier else None


def has_nothing_left(state: MediaState, sent: Sent) -> bool:
    """Return whether every season of `sent` is requested or there; specials do not count: some servers refuse them."""
    request = sent.request
    there = {number for number, found in state.seasons_in(request.quality).items() if found not in _MISSING}
    left = frozenset(request.seasons) - there - {SPECIALS}
    identity = replace(request.identity, seasons=left)
    return not left or find_request(leave_out_ended(state.requests), identity) is not None


def is_asked_by(row: ServerRequest, requester_id: int | None) -> bool:
    """Return whether a request is made in this user's name; an unknown user on either side fits."""
    return requester_id is None or row.requester_id in (requester_id, None)


def is_same(row: ServerRequest, identity: RequestIdentity) -> bool:
    """Return whether a request has the seasons and the known requester of an identity without a number."""
    return row.seasons == identity.seasons and row.requester_id == identity.requester_id is not None


def describe_adopted(row: ServerRequest) -> str:
    """Say in the journal which request counts although we did not make it."""
    user = f" of user {row.requester_id}" if row.requester_id is not None else ""
    return f"request {row.request_id}{user} counts for it"


def find_difference(row: ServerRequest, options: SentOptions | None, approval: Approval) -> str:
    """Return how the row of our request differs from what was sent, in words; empty if it does not."""
    differences = list(_differing_options(row.options, options)) if row.options and options else []
    if differences:
        rules = "; with approval: requester, the override rules of the server win"
        remedy = rules if approval is Approval.REQUESTER else ""
        return f"the server has {' and '.join(differences)}{remedy}"
    if approval is Approval.KEY and row.status is RequestStatus.PENDING:
        return "it waits for approval all the same: the key's owner may not approve it"
    if options and row.status is RequestStatus.FAILED:
        arr = ARR_TITLES[row.media_type]
        return f"it failed on its way from the server to {arr}: compare its profile and root folder with those of {arr}"
    return ""


def _differing_options(found: SentOptions, sent: SentOptions) -> Iterator[str]:
    for key, word in _WORDS.items():
        asked, there = getattr(sent, key), getattr(found, key)
        if key == "tags":
            asked, there = (None if tags is None else sorted(tags) for tags in (asked, there))
        if asked is not None and asked != there:
            yield f"{word} {_shown(there)} in place of {_shown(asked)}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def by_title(rows: Iterable[ServerRequest]) -> dict[TitleKey, MediaState]:
    """Return requests as the states of their titles."""
    titles: dict[TitleKey, list[ServerRequest]] = defaultdict(list)
    for row in rows:
        titles[(row.media_type, row.tmdb_id)].append(row)
    return {key: MediaState(*key, requests=tuple(found)) for key, found in titles.items()}


def _has_title(row: ServerRequest, identity: RequestIdentity) -> bool:
    return (row.media_type, row.tmdb_id, row.quality) == (*identity.title_key, identity.quality)
