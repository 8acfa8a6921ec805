"""The demo server's database: rows, indexes for fast look-ups, and the journal on disk."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from list_sync.demo.server.database.journal import Journal, Line
from list_sync.demo.server.database.rows import BlockRow, MediaRow, MediaStatus, RequestRow, TitleKey, UserRow
from list_sync.demo.server.users.permissions import Permission

OWNER_ID = 1


class State:
    """Every row of the server; callers hold `lock` while they read or change more than one."""

    def __init__(self, journal: Journal) -> None:
        self.lock = threading.RLock()
        self._journal = journal
        self.users: dict[int, UserRow] = {}
        self._forget_titles()
        self._load()

    def _forget_titles(self) -> None:
        self.media: dict[int, MediaRow] = {}
        self.media_ids: list[int] = []
        self.media_by_title: dict[TitleKey, list[int]] = defaultdict(list)
        self.media_by_tvdb: dict[int, list[int]] = defaultdict(list)
        self.requests: dict[int, RequestRow] = {}
        self.request_ids: list[int] = []
        self.requests_by_media: dict[int, list[int]] = defaultdict(list)
        self.requests_by_user: dict[int, list[int]] = defaultdict(list)
        self.blocks: dict[int, BlockRow] = {}
        self.blocklisted_media: set[int] = set()
        self.next_ids = {"media": 1, "request": 1, "block": 1}
        self._rolled_back: set[int] = set()

    def wipe(self) -> None:
        """Forget all media, requests and blocklist entries; users stay."""
        with self.lock:
            self._forget_titles()
            self._journal.restart(self._lines())

    def close(self) -> None:
        """Stop writing the state file."""
        with self.lock:
            self._journal.close()

    def new_id(self, table: str) -> int:
        """Return the next id of `media`, `request` or `block`."""
        with self.lock:
            number = self.next_ids[table]
            self.next_ids[table] = number + 1
            return number

    def add_user(self, user: UserRow) -> UserRow:
        """Store a user, new or changed."""
        with self.lock:
            self.users[user.id] = user
            self._journal.append("user", asdict(user))
            return user

    def remove_user(self, number: int) -> None:
        """Remove a user, who has no requests any more."""
        with self.lock:
            del self.users[number]
            self._journal.append("-user", number)

    def save_media(self, row: MediaRow) -> None:
        """Store a media row, new or changed."""
        with self.lock:
            if row.id not in self.media:
                self._index_media(row)
            self._note_blocklisted(row)
            self._journal.append("media", asdict(row))

    def save_request(self, row: RequestRow) -> None:
        """Store a request, new or changed."""
        with self.lock:
            if row.id not in self.requests:
                self._index_request(row)
            self._journal.append("request", asdict(row))

    def save_block(self, row: BlockRow) -> None:
        """Store a blocklist entry."""
        with self.lock:
            self.blocks[row.tmdb] = row
            self._journal.append("block", asdict(row))

    def remove_block(self, tmdb: int) -> BlockRow | None:
        """Remove a blocklist entry and return it, if there was one."""
        with self.lock:
            row = self.blocks.pop(tmdb, None)
            if row is not None:
                self._journal.append("-block", tmdb)
            return row

    def remove_request(self, request_id: int) -> None:
        """Remove a request, if it is there."""
        with self.lock:
            row = self.requests.pop(request_id, None)
            if row is None:
                return
            _discard_sorted(self.request_ids, request_id)
            self.requests_by_media[row.media_id].remove(request_id)
            self.requests_by_user[row.requested_by].remove(request_id)
            self._journal.append("-request", request_id)

    def roll_back_request(self, request_id: int) -> None:
        """Undo a request and free its number (measured on S): SQLite also rolls AUTOINCREMENT back.

        A number stays used while a later one exists. The number of a deleted request is never used again.
        """
        with self.lock:
            self.remove_request(request_id)
            self._rolled_back.add(request_id)
            while self.next_ids["request"] - 1 in self._rolled_back:
                self.next_ids["request"] -= 1
                self._rolled_back.discard(self.next_ids["request"])
            self._journal.append("next", dict(self.next_ids))

    def remove_media(self, media_id: int) -> None:
        """Remove a media row and, as the servers do, its requests."""
        with self.lock:
            row = self.media.get(media_id)
            if row is None:
                return
            for request_id in list(self.requests_by_media[media_id]):
                self.remove_request(request_id)
            del self.media[media_id], self.requests_by_media[media_id]
            _discard_sorted(self.media_ids, media_id)
            self.media_by_title[row.kind, row.tmdb].remove(media_id)
            if row.tvdb is not None:
                self.media_by_tvdb[row.tvdb].remove(media_id)
            self.blocklisted_media.discard(media_id)
            self._journal.append("-media", media_id)

    def find_media(self, kind: str, tmdb: int) -> MediaRow | None:
        """Return the oldest media row of a title."""
        ids = self.media_by_title.get((kind, tmdb))
        return self.media[ids[0]] if ids else None

    def media_requests(self, media_id: int) -> list[RequestRow]:
        """Return the requests of one media row, oldest first."""
        return [self.requests[number] for number in self.requests_by_media.get(media_id, ())]

    def title_requests(self, kind: str, tmdb: int, *, is_4k: bool) -> list[RequestRow]:
        """Return the requests of a title in one quality over all its media rows, oldest first."""
        found = [
            row
            for media_id in self.media_by_title.get((kind, tmdb), ())
            for row in self.media_requests(media_id)
            if row.is4k == is_4k
        ]
        return sorted(found, key=lambda row: row.id)

    def user_requests(self, user_id: int) -> list[RequestRow]:
        """Return the requests made in one user's name, oldest first."""
        return [self.requests[number] for number in self.requests_by_user.get(user_id, ())]

    def _index_media(self, row: MediaRow) -> None:
        self.media[row.id] = row
        _insert_sorted(self.media_ids, row.id)
        _insert_sorted(self.media_by_title[row.kind, row.tmdb], row.id)
        if row.tvdb is not None:
            _insert_sorted(self.media_by_tvdb[row.tvdb], row.id)

    def _index_request(self, row: RequestRow) -> None:
        self.requests[row.id] = row
        _insert_sorted(self.request_ids, row.id)
        _insert_sorted(self.requests_by_media[row.media_id], row.id)
        _insert_sorted(self.requests_by_user[row.requested_by], row.id)

    def _note_blocklisted(self, row: MediaRow) -> None:
        if row.status == MediaStatus.BLOCKLISTED:
            self.blocklisted_media.add(row.id)
        else:
            self.blocklisted_media.discard(row.id)

    def _load(self) -> None:
        for verb, value in self._journal.read():
            self._apply(verb, value)
        if OWNER_ID not in self.users:
            self.users[OWNER_ID] = UserRow(OWNER_ID, "admin", int(Permission.ADMIN), created=time.time())
        self._journal.restart(self._lines())

    def _apply(self, verb: str, value: Any) -> None:
        if verb == "next":
            self.next_ids.update(value)
        elif verb == "user":
            self.users[value["id"]] = UserRow(**value)
        elif verb == "-user":
            self.users.pop(value, None)
        elif verb == "block":
            self.blocks[value["tmdb"]] = BlockRow(**value)
            self._seen("block", value["id"])
        elif verb == "-block":
            self.blocks.pop(value, None)
        else:
            self._apply_title(verb, value)

    def _apply_title(self, verb: str, value: Any) -> None:
        if verb == "media":
            self._restore_media(value)
        elif verb == "request":
            self._restore_request(value)
        elif verb == "-media":
            self.remove_media(value)
        elif verb == "-request":
            self.remove_request(value)

    def _restore_media(self, value: dict[str, Any]) -> None:
        row = MediaRow(**value)
        row.seasons = {int(number): statuses for number, statuses in row.seasons.items()}
        if row.id in self.media:
            self.media[row.id] = row
        else:
            self._index_media(row)
        self._note_blocklisted(row)
        self._seen("media", row.id)

    def _restore_request(self, value: dict[str, Any]) -> None:
        row = RequestRow(**value)
        row.seasons = tuple(row.seasons)
        row.tags = tuple(row.tags) if row.tags is not None else None
        if row.id in self.requests:
            self.requests[row.id] = row
        else:
            self._index_request(row)
        self._seen("request", row.id)

    def _seen(self, table: str, number: int) -> None:
        self.next_ids[table] = max(self.next_ids[table], number + 1)

    def _lines(self) -> Iterator[Line]:
        yield "next", self.next_ids
        yield from (("user", asdict(row)) for row in self.users.values())
        yield from (("media", asdict(self.media[number])) for number in self.media_ids)
        yield from (("request", asdict(self.requests[number])) for number in self.request_ids)
        yield from (("block", asdict(row)) for row in self.blocks.values())


def _insert_sorted(numbers: list[int], number: int) -> None:
    if not numbers or number > numbers[-1]:
        numbers.append(number)
    else:
        numbers.insert(bisect_left(numbers, number), number)


def _discard_sorted(numbers: list[int], number: int) -> None:
    index = bisect_left(numbers, number)
    if index < len(numbers) and numbers[index] == number:
        del numbers[index]
