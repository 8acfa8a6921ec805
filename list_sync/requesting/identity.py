"""Which request on the server is ours: the number alone is no proof, because numbers of lost rows are used again.

SQLite rolls AUTOINCREMENT back together with the rows (measured), so the number of a 201 may bear another title by
the time that it is read back.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from list_sync.model.decisions import TitleKey
from list_sync.model.servers import (
    AnswerKind,
    Availability,
    MediaState,
    RequestAnswer,
    RequestStatus,
    ServerRequest,
)
from list_sync.requesting.answers import SPECIALS
from list_sync.requesting.lost import find_request, is_asked_by
from list_sync.requesting.perform import Sent

_MISSING = frozenset({Availability.UNKNOWN, Availability.DELETED})


def find_made(rows: Iterable[ServerRequest], sent: Sent) -> ServerRequest | None:
    """Return the row that the answer to `sent` meant: number, title, quality, seasons and requester fit."""
    return next((row for row in rows if _is_made_by(row, sent)), None)


def _is_made_by(row: ServerRequest, sent: Sent) -> bool:
    request, answer = sent.request, sent.answer
    return (
        answer.kind is AnswerKind.CREATED
        and row.request_id == answer.request_id
        and (row.media_type, row.tmdb_id) == request.title_key
        and row.quality is request.quality
        and (row.seasons == answer.seasons if answer.seasons else row.seasons <= frozenset(request.seasons))
        and is_asked_by(row, request.requester_id)
    )


def find_live(rows: Iterable[ServerRequest], sent: Sent) -> ServerRequest | None:
    """Return the oldest of the requests that together ask for all of `sent`, ours or not, or None."""
    live = [row for row in rows if row.status is not RequestStatus.DECLINED]
    return find_request(live, quality=sent.request.quality, seasons=sent.answer.seasons or sent.request.seasons)


def find_double(rows: Collection[ServerRequest], sent: Sent) -> tuple[ServerRequest, ServerRequest] | None:
    """Return our own row and the earlier request for the same; None unless ours is identified beyond doubt."""
    made = find_made(rows, sent)
    if made is None or None in (made.requester_id, sent.request.requester_id):
        return None
    earlier = find_live([row for row in rows if row.request_id < made.request_id], sent)
    return (made, earlier) if earlier else None


def has_nothing_left(state: MediaState, sent: Sent) -> bool:
    """Tell whether every season of `sent` is requested or there; specials do not count, as some servers refuse them."""
    quality = sent.request.quality
    there = {number for number, available in state.seasons_in(quality).items() if available not in _MISSING}
    left = set(sent.request.seasons) - there - {SPECIALS}
    requests = [row for row in state.requests_in(quality) if row.status is not RequestStatus.DECLINED]
    return not left or find_request(requests, quality=quality, seasons=left) is not None


def told_number(sent: Sent) -> int | None:
    """Return the number that the server says our request has."""
    return sent.answer.request_id if sent.answer.kind is AnswerKind.CREATED else None


def as_found(sent: Sent, found: ServerRequest) -> Sent:
    """Return `sent` as answered with a request that is there already."""
    answer = RequestAnswer(AnswerKind.DUPLICATE, "", found.request_id, found.status, found.seasons)
    return Sent(sent.entry_id, sent.request, answer)


def by_title(rows: Iterable[ServerRequest]) -> dict[TitleKey, MediaState]:
    """Return requests as the states of their titles."""
    titles: dict[TitleKey, list[ServerRequest]] = defaultdict(list)
    for row in rows:
        titles[(row.media_type, row.tmdb_id)].append(row)
    return {key: MediaState(*key, requests=tuple(found)) for key, found in titles.items()}
