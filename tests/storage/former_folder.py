"""A data folder as the version with schema 4 left it: schema_4.sql is its own script, the rows have its own forms.

It is the folder of a user with two servers, 2,000 titles in every state, requests that a killed run left open, two
lists in four spellings, and syncs that were asked for. `fill_server` gives a demo server what the folder says of it.
"""

import json
import sqlite3
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from list_sync.demo.catalogue.synthetic import synthetic_title, synthetic_tmdb_id
from list_sync.demo.server.database.rows import MediaRow, MediaStatus, RequestRow

SCHEMA = Path(__file__).with_name("schema_4.sql")
FILMS = "films.json"
# The id of the installation: the number of its owner, and when that account was created.
OWNER_CREATED_AT = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
INSTALLATION = "1 2025-01-02T03:04:05.000Z"
# The server moved to another address after the last run of the folder.
FORMER_ADDRESS = "http://192.0.2.1:5055"
OTHER_INSTALLATION = "1 2024-01-02T03:04:05.000Z"
# The place of the rows of another installation that was once at the same address.
ASIDE = f"{FORMER_ADDRESS} (installation {OTHER_INSTALLATION})"
# A server with an unknown installation.
UNKNOWN_ADDRESS = "http://192.0.2.7:5055"
LISTS = (
    ("file", FILMS),
    ("imdb", "top"),
    ("imdb", "https://www.imdb.com/chart/top/"),
    ("trakt", "joe/horror"),
    ("trakt", "https://trakt.tv/users/joe/lists/horror"),
)
OTHER_REQUESTER = 2
SHOW = 1399


@dataclass(frozen=True)
class Kind:
    """Some titles of the folder: their state, the journal's, and what the server has of them."""

    name: str
    share: int
    status: str
    journal: str | None = None
    answer: str = "created"
    on_server: str = ""
    is_listed: bool = True
    is_4k: bool = False


# The shares are of 2,000.
KINDS = (
    Kind("requested", 600, "requested", "confirmed", on_server="approved"),
    Kind("in 4K", 40, "requested", "confirmed", on_server="approved", is_4k=True),
    Kind("sent", 8, "waiting", "sent", answer="", on_server="approved"),
    Kind("lost", 4, "waiting", "sent", answer=""),
    Kind("accepted", 8, "waiting", "accepted", on_server="approved"),
    Kind("available", 680, "already_available", on_server="available"),
    Kind("asked by others", 300, "already_requested", on_server="others"),
    Kind("declined", 20, "declined", "confirmed", on_server="declined"),
    Kind("taken back", 20, "declined", "confirmed"),
    Kind("blocklisted", 8, "blocklisted", on_server="blocklisted"),
    Kind("refused", 8, "request_failed", "refused", answer="rejected"),
    Kind("vanished", 20, "requested", "vanished"),
    Kind("pinned", 20, "requested", "confirmed", on_server="approved"),
    Kind("banned", 20, "excluded"),
    Kind("to review", 32, "needs_review"),
    Kind("not found", 40, "not_found"),
    Kind("without a number", 12, "not_found"),
    Kind("filtered", 12, "filtered", is_listed=False),
    Kind("deleted", 12, "deleted", is_listed=False),
    Kind("unsupported", 12, "unsupported", is_listed=False),
    Kind("failed", 12, "error", is_listed=False),
    Kind("wished for", 20, "would_request"),
    Kind("waiting", 92, "waiting"),
)
UNMATCHED = ("banned", "to review", "not found")
NAMED = (*UNMATCHED, "pinned")
# The next sync requests these, as the version that wrote the folder does.
WANTED = ("lost", "refused", "wished for", "waiting")


@dataclass(frozen=True)
class Title:
    """One title: its number among all, its kind, and the number of its request on the server."""

    number: int
    kind: Kind
    request_id: int | None

    @property
    def tmdb_id(self):
        """Return the TMDB id, real or not; the films in 4K are the first ones once more."""
        if self.kind.name == "without a number":
            return 77_000_000 + self.number
        return synthetic_tmdb_id(self.number - FIRST_IN_4K if self.kind.is_4k else self.number)

    @property
    def title(self):
        """Return the name on the list; the films that no number names have names that no film has."""
        return f"Nowhere Film {self.number}" if self.kind.name in NAMED else synthetic_title(self.number)

    @property
    def source_key(self):
        """Return the key of the entry: its name, or its number."""
        is_named = self.kind.name in NAMED
        return f"title:movie:nowhere film {self.number}:1999" if is_named else f"tmdb:movie:{self.tmdb_id}"

    @property
    def item_key(self):
        """Return the key of the row of this title."""
        key = self.source_key if self.kind.name in UNMATCHED else f"movie:{self.tmdb_id}"
        return f"{key}:{'4k' if self.kind.is_4k else 'hd'}"

    @property
    def entry(self):
        """Return the entry in the file."""
        entry = {"title": self.title, "media_type": "movie"}
        return entry | ({"year": 1999} if self.kind.name in NAMED else {"tmdb_id": self.tmdb_id})


FIRST_IN_4K = KINDS[0].share


def build_titles(count=2_000):
    """Return the titles of a folder with about as many."""
    titles, requests = [], 0
    start = 0
    for kind in KINDS:
        for number in range(start, start + max(1, kind.share * count // 2_000)):
            has_request = kind.on_server in ("approved", "others", "declined")
            requests += has_request
            titles.append(Title(number, kind, requests if has_request else None))
        start += kind.share
    return titles


def fill_server(demo, titles):
    """Give the demo server what the folder says that the server has."""
    state = demo.backend.state
    demo.add_user("other")
    demo.settings.movie_4k_enabled = True
    state.users[1].created = OWNER_CREATED_AT.timestamp()
    statuses = {"available": MediaStatus.AVAILABLE, "approved": MediaStatus.PROCESSING, "others": MediaStatus.PENDING}
    with state.lock:
        for title in titles:
            word, is_4k = title.kind.on_server, title.kind.is_4k
            if word == "blocklisted":
                demo.blocklist("movie", title.tmdb_id)
            elif word:
                media = state.find_media("movie", title.tmdb_id) or _media_row(state, title.tmdb_id)
                media.set_quality_status(statuses.get(word, MediaStatus.UNKNOWN), is_4k=is_4k)
                state.save_media(media)
                if title.request_id:
                    state.save_request(_request_row(state, media, title))


def _media_row(state, tmdb_id):
    now = time.time()
    number = state.new_id("media")
    return MediaRow(number, "movie", tmdb_id, None, MediaStatus.UNKNOWN, MediaStatus.UNKNOWN, now, now)


def _request_row(state, media, title):
    now = time.time()
    assert state.new_id("request") == title.request_id
    status = {"approved": 2, "others": 1, "declined": 3}[title.kind.on_server]
    user = OTHER_REQUESTER if title.kind.on_server == "others" else 1
    return RequestRow(title.request_id, media.id, "movie", status, title.kind.is_4k, (), user, None, now, now)


def write_folder(folder, titles):
    """Write the database and the list into a new folder, as of an hour ago."""
    (folder / "drop").mkdir(parents=True)
    entries = [title.entry for title in titles if title.kind.is_listed and not title.kind.is_4k]
    (folder / "drop" / FILMS).write_text(json.dumps(entries))
    with closing(sqlite3.connect(folder / "list_sync.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA.read_text())
        _Writer(connection, titles, datetime.now(UTC) - timedelta(hours=1)).write()
        connection.commit()


class _Writer:
    """Writes the rows of one folder, as of one moment."""

    def __init__(self, connection, titles, at):
        self.connection = connection
        self.titles = titles
        self.at = at

    def write(self):
        self.add("alembic_version", version_num="0004")
        self.add("schema_version", version=4, applied_at=self.time())
        self.add("provider_memory", provider="media-request servers", key=INSTALLATION, value=FORMER_ADDRESS)
        self.add("provider_memory", provider="media-request servers", key=OTHER_INSTALLATION, value=ASIDE)
        self.add("provider_memory", provider="letterboxd", key="film/solaris-1972", value='{"tmdb": 593}')
        self.write_runs()
        self.write_lists()
        for row_id, title in enumerate(self.titles, 1):
            self.write_title(row_id, title)
        self.write_servers()
        self.add("cached_answers", key="a", expires_at=self.time(hours=-9), content=b"[]")

    def time(self, hours=0.0):
        return (self.at - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")

    def add(self, table, **row):
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def write_runs(self):
        """Write thirty runs in all states, the last of them cut off, and the syncs that were asked for."""
        for number in range(1, 31):
            status = {30: "running", 20: "failed", 10: "interrupted"}.get(number, "completed")
            self.add(
                "sync_history",
                id=number,
                sync_started=self.time(hours=30 - number),
                sync_completed=None if status == "running" else self.time(hours=29.5 - number),
                items_processed=len(self.titles),
                sync_mode="automated",
                status=status,
                dry_run=number == 5,
                error="the server is gone" if status == "failed" else None,
                lists_total=len(LISTS),
                counts=json.dumps({"requested": number}),
            )
            self.add(
                "run_lists", run_id=number, list_type="file", list_id=FILMS,
                state="complete", route="drop folder", items=len(self.titles), unsupported=0,
            )  # fmt: skip
        asked = {"asked_at": self.time(), "dry_run": False, "mode": "manual"}
        self.add("triggers", lists="[]", taken_at=self.time(), run_id=29, finished_at=self.time(), exit_code=0, **asked)
        self.add("triggers", lists="[]", taken_at=self.time(), **asked)
        self.add("triggers", lists="[]", **asked)
        self.add("triggers", lists=json.dumps([["imdb", "top", None]]), **asked)
        self.add("triggers", lists=json.dumps([["trakt", "joe/horror", 1]]), **asked | {"dry_run": True})

    def write_lists(self):
        for provider, list_id in LISTS:
            place = {"list_type": provider, "list_id": list_id}
            counts = {"item_count": len(self.titles), "state": "complete", "route": "api", "run_id": 29}
            self.add("lists", **place, **counts, last_synced=self.time())
            if provider != "file":
                self.add("list_copies", **place, copied_at=self.time(), content=self.pack())
                self.add(
                    "list_backoffs", **place, failures=3, until=self.time(hours=-1), stamp="x", reason="blocked"
                )  # fmt: skip

    def pack(self):
        document = {
            "items": [["The Matrix", "movie", 1999, 603, None, None, None]],
            "state": "complete", "route": "api", "fetched_at": self.at.isoformat(), "reason": None, "expected": 1,
            "is_whole": True, "unsupported": 0, "unsupported_kinds": {}, "not_understood": 0,
            "first_not_understood": [],
        }  # fmt: skip
        return zlib.compress(json.dumps(document).encode())

    def write_title(self, row_id, title):
        kind = title.kind
        is_matched = kind.name not in UNMATCHED
        lists = LISTS if kind.is_listed and row_id % 3 == 0 else LISTS[:1] if kind.is_listed else LISTS[1:]
        told = {"status": kind.status, "reason": f"was {kind.name}", "method": "tmdb_id" if is_matched else None}
        self.add(
            "synced_items", id=row_id, item_key=title.item_key, title=title.title, media_type="movie",
            year=1999 if kind.name in NAMED else None, overseerr_id=title.tmdb_id if is_matched else None,
            is_4k=kind.is_4k, last_synced=self.time(), first_seen=self.time(hours=30), run_id=29,
            provider_source=f"{lists[0][0]}:{lists[0][1]}", **told,
        )  # fmt: skip
        for place, (provider, list_id) in enumerate(lists):
            self.add("item_lists", item_id=row_id, list_type=provider, list_id=list_id, position=place, run_id=29)
        self.add("item_events", item_id=row_id, run_id=1, at=self.time(hours=30), **told | {"status": "waiting"})
        self.add("item_events", item_id=row_id, run_id=29, at=self.time(), **told)
        self.write_knowledge(row_id, title)
        if kind.journal:
            self.write_request(title, kind.journal, kind.answer)

    def write_knowledge(self, row_id, title):
        """Write what was found out, looked for in vain, or said by the user of a title."""
        name, key = title.kind.name, title.source_key
        if name in ("pinned", "banned"):
            about = ("movie", title.tmdb_id) if name == "pinned" else (None, None)
            self.add("pins", key=key, media_type=about[0], tmdb_id=about[1], pinned_at=self.time(hours=20))
        if name in ("to review", "not found"):
            found = [["movie", 603, "The Matrix", "The Matrix", 1999, 80.5]] if name == "to review" else []
            reason, detail = ("ambiguous", "too many") if found else ("not_found", "TMDB has no title of that name")
            self.add(
                "unresolved_titles", key=key, reason=reason, detail=detail, candidates=json.dumps(found),
                looked_up_at=self.time(), clean_runs=2,
            )  # fmt: skip
            for kind, tmdb_id, text, original, year, popularity in found:
                self.add(
                    "review_candidates", item_id=row_id, position=0, media_type=kind, tmdb_id=tmdb_id, title=text,
                    original_title=original, year=year, popularity=popularity,
                )  # fmt: skip
        if name == "without a number":
            self.add(
                "missing_numbers", media_type="movie", tmdb_id=title.tmdb_id, seen_at=self.time(), clean_runs=2
            )  # fmt: skip
        if name == "requested":
            self.add(
                "resolutions", key=f"imdb:tt{90_000_000 + title.number}", media_type="movie", tmdb_id=title.tmdb_id,
                method="imdb_id", resolved_at=self.time(hours=9),
            )  # fmt: skip

    def write_request(self, title, state, answer, *, server=FORMER_ADDRESS):
        is_settled = state != "sent"
        self.add(
            "sent_requests", server=server, run_id=30 if state in ("sent", "accepted") else 28, media_type="movie",
            tmdb_id=title.tmdb_id, is_4k=title.kind.is_4k, seasons="", requester_id=1, sent_at=self.time(),
            state=state, request_id=title.request_id if is_settled else None, answer=answer,
            settled_at=self.time() if is_settled else None,
        )  # fmt: skip

    def write_servers(self):
        """Write what was remembered of the servers; the other ones hold what is wished for here."""
        by_name = {
            name: [title for title in self.titles if title.kind.name == name] for name in ("waiting", "requested")
        }
        for server, known in ((ASIDE, by_name["waiting"]), (UNKNOWN_ADDRESS, by_name["waiting"][:3])):
            for title in known:
                self.write_request(title, "confirmed", "created", server=server)
                self.write_state(server, title, requests=json.dumps([[title.number, 0, 2, [], 1]]))
        for title in (title for title in self.titles if title.kind.name == "requested"):
            self.write_state(FORMER_ADDRESS, title, requests=json.dumps([[title.request_id, 0, 2, [], 1]]))
        for server in (FORMER_ADDRESS, ASIDE):
            counts = {"requests": 1, "pending": 1, "declined": 1, "media": 1, "failed": 0, "next_place": 0}
            self.add("server_fingerprints", server=server, **counts, read_at=self.time(), full_read_at=self.time())
            self.add(
                "known_shows", server=server, tmdb_id=SHOW, title="Game of Thrones", year=2011, imdb_id="tt0944947",
                tvdb_id=121361, season_numbers="0,1,2,3,4,5,6,7,8", checked_at=self.time(), status="Ended",
            )  # fmt: skip

    def write_state(self, server, title, *, requests):
        self.add(
            "known_media", server=server, media_type="movie", tmdb_id=title.tmdb_id, availability=3, availability_4k=1,
            seasons="", seasons_4k="", requests=requests, seen_at=self.time(),
        )  # fmt: skip
