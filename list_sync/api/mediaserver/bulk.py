"""Bulk reads of the server: its counts, its users, and its titles and requests, one page of them or all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.connection import OverseerrConnection
from list_sync.api.mediaserver.paging import PAGE_SIZE, count_pages, read_rows
from list_sync.api.mediaserver.payloads import parse_fingerprint, parse_media_page, parse_request_page, parse_timed_page
from list_sync.api.mediaserver.users import parse_user_page
from list_sync.model.limits import EVERYONE
from list_sync.model.servers import Availability, Fingerprint, Glance, MediaState, RequestStatus, ServerRequest
from list_sync.model.titles import MediaType, QualityKey, TitleKey
from list_sync.model.users import ServerUser

# Reading this many requests more than needed lets messages nearly always state the full number.
MARGIN = 50

States = dict[TitleKey, MediaState]


class BulkReader:
    """Everything that is read of one server in bulk; safe to use from several threads."""

    def __init__(self, connection: OverseerrConnection) -> None:
        self._connection = connection

    def fetch_users(self) -> tuple[ServerUser, ...]:
        """Return every user of the server."""
        users: list[ServerUser] = []
        read_rows(
            partial(self._read_page, "user"), parse_user_page, users.append, workers=1, stop=self._connection.stop
        )
        return tuple(users)

    def fetch_fingerprint(self) -> Fingerprint:
        """Return the counts that change when people change something; Radarr and Sonarr are not involved."""
        counts = self._connection.read("request/count").json()
        media = parse_media_page(self._connection.read("media", take=1, skip=0).json())
        return parse_fingerprint(counts, media=media.total)

    def count_requests(self) -> int:
        """Return the number of requests of all users; fast even if Radarr or Sonarr hangs."""
        return parse_fingerprint(self._connection.read("request/count").json(), media=0).requests

    def fetch_glance(self, place: int) -> Glance:
        """Return the same counts as fetch_fingerprint, and the page of titles that begins at `place`."""
        counts = self._connection.read("request/count").json()
        page = parse_media_page(self._read_page("media", place).json())
        following = place + PAGE_SIZE
        next_place = following if following < page.total else 0
        return Glance(parse_fingerprint(counts, media=page.total), collect_media(page.rows), next_place)

    def fetch_newest_states(self) -> States:
        """Return the titles that the server added last, without their requests."""
        return collect_media(parse_media_page(self._read_page("media", 0).json()).rows)

    def fetch_states(self, *, workers: int = 5) -> States:
        """Return the state of every title on the server, in pages that `workers` threads read."""
        states: States = {}
        read_rows(
            partial(self._read_page, "media"),
            parse_media_page,
            partial(add_media, states),
            workers=workers,
            stop=self._connection.stop,
        )
        self._read_requests(states, workers)
        return states

    def fetch_requests(self, *, workers: int = 5) -> States:
        """Return every title that has requests, with its requests only; slow if Radarr or Sonarr hangs."""
        states: States = {}
        self._read_requests(states, workers)
        return states

    def fetch_recent_requests(self, take: int) -> tuple[ServerRequest, ...]:
        """Return the newest `take` requests, newest first."""
        found: dict[int, ServerRequest] = {}
        for skip in range(0, take, PAGE_SIZE):
            size = min(PAGE_SIZE, take - skip)
            page = parse_request_page(self._connection.read("request", take=size, skip=skip, sort="added").json())
            found.update((request.request_id, request) for request in page.rows)
            if skip + size >= page.total:
                break
        return tuple(sorted(found.values(), key=lambda request: -request.request_id))

    def fetch_asked(
        self, requester_id: int, *, since: datetime, until: datetime, enough: int
    ) -> dict[QualityKey, datetime]:
        """Return the titles that a user requested between two moments, and when, newest first, up to `enough`.

        EVERYONE stands for all users. Several requests for seasons of one show are one title, as old as the newest. It
        does not matter which program or person sent them.
        """
        asked: dict[QualityKey, datetime] = {}
        for rows in self._read_newest(requester_id, size=min(PAGE_SIZE, enough + MARGIN)):
            for request, created in rows:
                if created is not None and created < since:
                    return asked
                if request and created is not None and created <= until:
                    asked.setdefault((request.media_type, request.tmdb_id, request.quality), created)
            if len(asked) >= enough:
                break
        return asked

    def fetch_quota_uses(self, requester_id: int, kind: MediaType, *, since: datetime) -> list[datetime]:
        """Return when each film or season was requested since a moment that counts in a user's quota, oldest first."""
        uses: list[datetime] = []
        for rows in self._read_newest(requester_id, size=PAGE_SIZE):
            for request, created in rows:
                if created is not None and created < since:
                    return uses[::-1]
                is_counted = request and request.media_type is kind and request.status is not RequestStatus.DECLINED
                if request and is_counted and created is not None:
                    uses += [created] * max(1, len(request.seasons))
        return uses[::-1]

    def _read_newest(
        self, requester_id: int, *, size: int
    ) -> Iterator[Sequence[tuple[ServerRequest | None, datetime | None]]]:
        """Yield the pages of a user's requests, newest first."""
        of_user = {} if requester_id == EVERYONE else {"requestedBy": requester_id}
        skip, total = 0, 1
        while skip < total:
            answer = self._connection.read("request", take=size, skip=skip, sort="added", **of_user)
            page = parse_timed_page(answer.json())
            yield page.rows
            total = page.total
            skip += size

    def count_pending(self) -> int:
        """Return the number of pending requests of all users."""
        return parse_fingerprint(self._connection.read("request/count").json(), media=0).pending

    @staticmethod
    def count_state_pages(fingerprint: Fingerprint) -> int:
        """Return the number of reads that fetch_states needs."""
        return count_pages(fingerprint.media) + count_pages(fingerprint.requests)

    def _read_requests(self, states: States, workers: int) -> None:
        read_rows(
            partial(self._read_page, "request"),
            parse_request_page,
            partial(add_request, states),
            workers=workers,
            stop=self._connection.stop,
        )

    def _read_page(self, path: str, skip: int) -> HttpAnswer:
        return self._connection.read(path, take=PAGE_SIZE, skip=skip)


def collect_media(rows: Iterable[MediaState]) -> States:
    """Return one state for each title of some media rows."""
    states: States = {}
    for row in rows:
        add_media(states, row)
    return states


def add_media(states: States, row: MediaState) -> None:
    """Add one media row; races can create several of them for one title."""
    key = (row.media_type, row.tmdb_id)
    known = states.get(key)
    states[key] = row if known is None else merge_states(known, row)


def add_request(states: States, request: ServerRequest) -> None:
    """Add one request row, even if the media row of its title was not read."""
    key = (request.media_type, request.tmdb_id)
    state = states.get(key) or MediaState(*key)
    states[key] = state.with_requests((*state.requests, request))


def merge_states(first: MediaState, second: MediaState) -> MediaState:
    """Merge two rows of one title: the highest state wins, season by season, HD and 4K apart."""
    known = {request.request_id: request for request in (*second.requests, *first.requests)}
    return replace(
        first,
        availability=highest(first.availability, second.availability),
        availability_4k=highest(first.availability_4k, second.availability_4k),
        seasons=_merge_seasons(first.seasons, second.seasons),
        seasons_4k=_merge_seasons(first.seasons_4k, second.seasons_4k),
        media_rows=first.media_rows + second.media_rows,
    ).with_requests(known.values())


def _merge_seasons(first: Mapping[int, Availability], second: Mapping[int, Availability]) -> dict[int, Availability]:
    more = {number: highest(first.get(number, availability), availability) for number, availability in second.items()}
    return {**first, **more}


def highest(first: Availability, second: Availability) -> Availability:
    """Return the higher of two states. An unknown number counts as the highest, so that it causes no request."""
    if Availability.UNRECOGNISED in (first, second):
        return Availability.UNRECOGNISED
    return max(first, second)
