"""Hundreds of steps of everyday life, good and bad: after each, what the design promises holds."""

import itertools
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from list_sync.database.store import open_store
from list_sync.demo.server.database.rows import MediaStatus
from list_sync.demo.server.database.state import OWNER_ID
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.demo.server.faults import Faults, change, current
from list_sync.errors import AuthenticationFailed, Blocked, ResourceNotFound, ServiceUnavailable, UnexpectedResponse
from list_sync.job import Job
from list_sync.model.decisions import ItemStatus, Policy, Request
from list_sync.model.exit_codes import FailureKind
from list_sync.model.plans import LineKind, PlanLine
from list_sync.model.runs import Stage
from list_sync.model.servers import RequestStatus
from list_sync.model.sources import FetchState, ListKey, ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import Quality
from list_sync.pipeline import run_cycle
from list_sync.requesting import lost, verify
from list_sync.undoing import UndoParts, run_undo
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.shelf import SHELVES, Bench
from tests.fakes.wishes import FILMS, HARD, PLAIN, SEASONS, SHOW_WISHES

LISTS = ("first", "second", "third")
FAILURES = (
    ServiceUnavailable("shelf", "is down"),
    ResourceNotFound("shelf", "gone"),
    Blocked("shelf", "a challenge page"),
    UnexpectedResponse("shelf", "HTML instead of JSON"),
    AuthenticationFailed("shelf", "the key was refused"),
    RuntimeError("a mistake in a provider"),
)
BAD_MOMENTS = {
    "rows lost": {"lose_rows": 2},
    "answer dropped": {"drop_after_write": 1},
    "call dropped": {"drop_before_write": 1},
    "row lost and answer dropped": {"lose_rows": 1, "drop_after_write": 1},
    "TMDB down": {"tmdb_down": True},
    "out of order": {"down_status": 503},
    "half answers to writes": {"truncate_json": True, "only": "POST"},
    "no answer to one write": {"down_status": 502, "down_calls": 1, "only": "POST"},
    "web pages": {"html_answers": True},
}
THERE = frozenset({MediaStatus.AVAILABLE, MediaStatus.PARTIALLY_AVAILABLE})
WHOLE = "whole"
QUALITIES = {False: Quality.HD, True: Quality.UHD}


def members_of(pool):
    # By number: the pools themselves would be far too long to print.
    return st.integers(min_value=0, max_value=len(pool) - 1).map(lambda number: pool[number])


wishes = st.one_of(members_of(PLAIN), members_of(SHOW_WISHES), members_of(HARD))
numbers = st.integers(min_value=0, max_value=1000)
terms_of_quality = st.sampled_from([(Quality.HD,), (Quality.UHD,), (Quality.HD, Quality.UHD)])


class World:
    """The three servers and an empty database, made once."""

    def __init__(self, folder):
        self.stack = ExitStack()
        self.servers = {
            dialect: self.stack.enter_context(DemoServer(dialect, synthetic_films=FILMS)) for dialect in Dialect
        }
        self.empty_database = Path(folder) / "empty.db"
        open_store(Path(self.empty_database)).close()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("world"))
    with world.stack, pytest.MonkeyPatch.context() as patch:
        # Looking for a lost request takes seconds by design, and hundreds of them are looked for here.
        patch.setattr(lost, "PAUSE_SECONDS", 0.001)
        patch.setattr(verify, "QUIET_SECONDS", 0.001)
        yield world


class EverydayLife(RuleBasedStateMachine):
    """One household: three lists, one server, one database, and people who do what they like."""

    world: World

    @initialize(dialect=st.sampled_from(Dialect))
    def move_in(self, dialect):
        self.server = self.world.servers[dialect]
        self.server.reset()
        self.person = self.server.add_user("alice")
        self.folder = tempfile.TemporaryDirectory()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.bench = Bench(
            Path(self.folder.name), self.server, clock=lambda: self.now, client_options={"retry_attempts": 1}
        )
        self.process = ExitStack()
        self.lists = {name: [] for name in LISTS}
        self.failing = {}
        self.forget_everything()
        self.start_process()

    def teardown(self):
        if hasattr(self, "process"):
            self.process.close()
            self.folder.cleanup()

    # What happens to lists.

    @rule(name=st.sampled_from(LISTS), gained=st.lists(wishes, min_size=1, max_size=6))
    def list_gains(self, name, gained):
        self.lists[name] += gained

    @rule(name=st.sampled_from(LISTS), number=numbers)
    def list_loses(self, name, number):
        if self.lists[name]:
            del self.lists[name][number % len(self.lists[name])]

    @rule(name=st.sampled_from(LISTS), error=st.sampled_from(FAILURES))
    def list_fails(self, name, error):
        self.failing[name] = error

    @precondition(lambda self: self.failing)
    @rule()
    def lists_are_mended(self):
        self.failing.clear()

    # What happens to our side.

    @rule()
    def process_restarts(self):
        self.start_process()

    @rule()
    def database_is_wiped(self):
        self.process.close()
        for file in Path(self.folder.name).iterdir():
            file.unlink()
        self.forget_everything()
        self.start_process()

    @rule(days=st.integers(min_value=1, max_value=10))
    def days_pass(self, days):
        self.now += timedelta(days=days)

    # What people do to the server.

    @rule(number=numbers, deed=st.sampled_from(["approve", "decline", "fail_request", "delete_request"]))
    def person_handles_a_request(self, number, deed):
        rows = self.server.requests()
        if rows:
            row = rows[number % len(rows)]
            getattr(self.server, deed)(row["id"])
            self.note_removed(rows)

    @rule(number=numbers)
    def title_becomes_available(self, number):
        rows = self.server.requests()
        if rows:
            row = rows[number % len(rows)]
            self.server.make_available(row["media_type"], row["tmdb_id"], row["seasons"] or None, is4k=row["is4k"])

    @rule(number=numbers)
    def person_deletes_a_title(self, number):
        rows, titles = self.server.requests(), self.server.media()
        if titles:
            row = titles[number % len(titles)]
            self.server.delete_media(row["media_type"], row["tmdb_id"])
            self.note_removed(rows)

    @rule(wish=wishes)
    def person_blocks_a_title(self, wish):
        if self.server.dialect is not Dialect.OVERSEERR and wish.title:
            self.server.blocklist(*wish.title)

    @rule(wish=wishes)
    def scan_finds_a_title(self, wish):
        if wish.is_requestable:
            self.server.make_available(*wish.title)

    @rule(wish=wishes)
    def person_asks_for_a_title(self, wish):
        self.ask_as_a_person(wish)

    def ask_as_a_person(self, wish):
        if wish.is_requestable:
            kind, tmdb = wish.title
            body = {"mediaType": kind, "mediaId": tmdb, "is4k": False}
            if kind == "tv":
                body["seasons"] = sorted(wish.seasons)
            headers = {"X-Api-Key": self.server.api_key, "X-API-User": str(self.person)}
            requests.post(f"{self.server.url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS)

    @rule()
    def server_is_wiped(self):
        rows = self.server.requests()
        self.server.wipe()
        self.note_removed(rows)

    @rule(is_on=st.booleans())
    def server_gets_or_loses_4k(self, is_on):
        self.server.settings.movie_4k_enabled = self.server.settings.series_4k_enabled = is_on

    # What we do.

    @rule(qualities=terms_of_quality)
    def sync(self, qualities):
        self.sync_and_check(qualities=qualities)

    @rule(qualities=terms_of_quality)
    def sync_twice(self, qualities):
        self.sync_and_check(qualities=qualities)
        states = self.titles()
        self.sync_and_check(qualities=qualities)

        assert self.server.writes == 0
        assert self.titles() == states
        others = [call for call in self.server.calls if not call.path.endswith("/search")]
        if self.is_all_known():
            assert len(self.server.calls) <= 6
        assert len(others) <= 6

    @rule(
        moment=st.sampled_from(sorted(BAD_MOMENTS)),
        gained=st.lists(wishes, max_size=3),
        qualities=terms_of_quality,
    )
    def sync_in_a_bad_moment(self, moment, gained, qualities):
        self.lists[LISTS[0]] += gained
        change(self.server.faults, BAD_MOMENTS[moment])
        self.sync_and_check(qualities=qualities, is_bad_moment=True)

    @rule(calls=st.integers(3, 20), rows_lost=st.integers(0, 2), gained=st.lists(wishes, min_size=1, max_size=4))
    def sync_while_the_server_dies(self, calls, rows_lost, gained):
        self.lists[LISTS[0]] += gained
        change(self.server.faults, {"die_in_the_middle": calls, "lose_rows": rows_lost})
        self.sync_and_check(is_bad_moment=True)

    @precondition(lambda self: self.readable())
    @rule(number=numbers)
    def sync_while_somebody_asks(self, number):
        wanted = self.readable()
        wish = wanted[number % len(wanted)]
        self.sync_and_check(rival=wish)

    @rule(cap=st.integers(min_value=1, max_value=3), setting=st.sampled_from(["run", "day"]))
    def sync_with_a_cap(self, cap, setting):
        self.sync_and_check(cap=cap, **{f"max_requests_per_{setting}": cap})

    @rule(qualities=terms_of_quality, ticked_out=numbers, gained=st.lists(wishes, max_size=2))
    def plan_and_apply(self, qualities, ticked_out, gained):
        report = self.sync_and_check(qualities=qualities, dry_run=True)
        asked = [one.decision for one in report.outcomes if one.status is ItemStatus.WOULD_REQUEST]
        lines = [plan_line(decision) for decision in asked if isinstance(decision, Request)]
        self.lists[LISTS[0]] += gained
        chosen = {line.key: line for line in lines[ticked_out % (len(lines) + 1) :]}
        self.sync_and_check(qualities=qualities, planned=chosen)

    @rule(number=numbers)
    def undo(self, number):
        runs = self.query("SELECT DISTINCT run_id FROM sent_requests ORDER BY run_id")
        if not runs:
            return
        self.now += timedelta(minutes=1)
        lists = {ListKey("shelf", self.list_id(name)) for name in LISTS}
        parts = UndoParts(self.parts.client, self.parts.store, lists, self.parts.stop, self.parts.now)
        rows = self.server.requests()

        report = run_undo(parts, runs[number % len(runs)][0], on_started=lambda _run_id: None)

        assert report.failure in (None, FailureKind.REFUSED)
        left = {row["id"] for row in self.server.requests()}
        for row in rows:
            if row["id"] not in left:
                assert row["id"] in self.ours, "a request of another was withdrawn"
                assert row["status"] in (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.FAILED)
                key = ((row["media_type"], row["tmdb_id"]), QUALITIES[row["is4k"]])
                self.taken_back[key] |= set(row["seasons"] or [WHOLE])
                self.ours.discard(row["id"])
                self.confirmed.discard(row["id"])

    @rule(qualities=terms_of_quality)
    def dry_run(self, qualities):
        self.sync_and_check(qualities=qualities, dry_run=True)

    def sync_and_check(self, *, qualities=(Quality.HD,), is_bad_moment=False, cap=None, rival=None, **policy):
        self.qualities = qualities
        self.now += timedelta(minutes=1)
        before = Look(self.server)
        titles_before, links_before = self.titles(), self.links()
        self.server.reset_counts()
        report = self.run(rival, **policy)
        if is_bad_moment:
            self.heal()
        policy = Policy(**policy)
        writes = [call for call in self.server.calls if call.method != "GET" and call.user != self.person]

        if not is_bad_moment:
            assert report.error is None
        elif report.error is not None:
            assert report.failure in (FailureKind.UNREACHABLE, FailureKind.REFUSED), report.error
        self.check_writes(writes, before, policy, cap, rival)
        after = Look(self.server)
        assert before.request_ids <= after.request_ids
        self.note_made(before, after, report, policy)
        self.check_records(report, titles_before, links_before, policy, is_bad_moment=is_bad_moment)
        if not is_bad_moment and not policy.dry_run and cap is None and policy.planned is None:
            self.check_nothing_is_forgotten(after, policy)
        return report

    def run(self, rival, **policy):
        def ask_in_between(progress):
            if rival and progress.stage is Stage.PLANNING and progress.done == progress.total:
                self.ask_as_a_person(rival)

        for name in LISTS:
            SHELVES[self.list_id(name)] = self.failing.get(name) or [wish.item for wish in self.lists[name]]
        terms = Terms(qualities=self.qualities)
        lists = tuple(ListRef("shelf", self.list_id(name), terms) for name in LISTS)
        job = Job(lists, Policy(**policy), on_progress=ask_in_between)
        return run_cycle(self.parts, job)

    def heal(self):
        has_died = self.server.faults.die_in_the_middle is None
        change(self.server.faults, current(Faults()))
        if has_died:
            self.server.revive()

    # What must hold.

    @invariant()
    def nothing_is_there_twice(self):
        seen = set()
        for row in self.server.requests() if hasattr(self, "server") else ():
            for season in row["seasons"] or [WHOLE]:
                key = (row["media_type"], row["tmdb_id"], row["is4k"], season)
                assert key not in seen or row["requested_by"] == self.person, "we asked for what was asked for"
                seen.add(key)

    def check_writes(self, writes, before, policy, cap, rival):
        assert not (writes and policy.dry_run)
        assert {(call.method, call.path) for call in writes} <= {("POST", "/api/v1/request")}
        assert cap is None or len({call.body["mediaId"] for call in writes}) <= cap
        allowed = {wish.title for wish in self.readable()}
        for call in writes:
            title, quality = (call.body["mediaType"], call.body["mediaId"]), QUALITIES[call.body["is4k"]]
            seasons = set(call.body.get("seasons", [WHOLE]))
            assert quality in self.qualities
            assert policy.planned is None or (*title, quality) in policy.planned, "not part of the plan"
            assert title in allowed, "nobody asked for this"
            assert call.status not in (409, 202) or (rival and title == rival.title), "avoidable"
            assert not seasons & before.asked[title, quality], "asked for already, or declined"
            assert not seasons & before.there[title, quality], "there already"
            assert title not in before.banned
            assert not seasons & self.taken_back[title, quality], "a person took it back"
            assert 0 not in seasons
            self.touched.add((title, quality))

    def check_records(self, report, titles_before, links_before, policy, *, is_bad_moment):
        titles, links = self.titles(), self.links()
        assert sum(report.counts.values()) == len(report.outcomes)
        totals = self.query(
            "SELECT items_processed, items_requested + items_skipped + items_errored, items_requested, status"
            " FROM sync_history WHERE id = ?",
            report.run_id,
        )
        words = "failed" if report.error else "completed"
        assert totals == [(len(report.outcomes),) * 2 + (report.counts.get("requested", 0), words)]
        matched = {key for key in titles_before if key.startswith(("movie:", "tv:"))}
        assert matched <= titles.keys(), "a title was lost"
        for name in LISTS:
            if name in self.failing or report.error:
                assert {key for key in links_before[name] if key in matched} <= links[name]
        failed = {result.source.list_id for result in report.fetched if result.state is FetchState.FAILED}
        if report.error is None:
            assert failed == {self.list_id(name) for name in self.failing}
            self.check_rows(report, policy, is_bad_moment=is_bad_moment)

    def check_rows(self, report, policy, *, is_bad_moment):
        titles = self.titles()
        seen = dict(self.query("SELECT item_key, run_id FROM synced_items"))
        matched = {
            key.rpartition(":")[0] for key in titles if key.startswith(("movie:", "tv:")) and seen[key] == report.run_id
        }
        for wish, quality in itertools.product(self.readable(), self.qualities):
            # A title without a match is one row, whatever qualities are wanted.
            if quality is not self.qualities[0] and (
                not wish.title or f"{wish.title[0]}:{wish.title[1]}" not in matched
            ):
                continue
            names = [key for key in wish.item.keys if not (wish.item.ids and key.startswith("title:"))]
            keys = {f"{name}:{quality}" for name in names}
            if wish.title:
                keys.add(f"{wish.title[0]}:{wish.title[1]}:{quality}")
            rows = [key for key in keys if key in titles and seen[key] == report.run_id]
            # While TMDB is down nobody can say that two entries are one title.
            assert len(rows) == 1 or (rows and is_bad_moment), f"{wish} is in {len(rows)} rows"
            assert all(titles[rows[0]]), "a state and a reason"

    def check_nothing_is_forgotten(self, after, policy):
        for wish, quality in itertools.product(self.readable(), self.qualities):
            title = wish.title
            if not wish.is_requestable or title in after.banned or title[1] in after.blocked_numbers:
                continue
            if (
                (title, quality) in self.exempt
                or self.taken_back[title, quality]
                or not (quality is Quality.HD or after.has_4k)
            ):
                continue
            wanted = wish.seasons if title[0] == "tv" else {WHOLE}
            assert wanted <= after.asked[title, quality] | after.there[title, quality], f"{wish} was forgotten"

    # What we know.

    def forget_everything(self):
        self.ours, self.confirmed, self.touched, self.exempt = set(), set(), set(), set()
        self.taken_back = defaultdict(set)

    def start_process(self):
        self.process.close()
        database = Path(self.folder.name) / "shelf.db"
        if not database.exists():
            shutil.copy(self.world.empty_database, database)
        self.parts = self.process.enter_context(self.bench.opened())

    def note_made(self, before, after, report, policy):
        self.ours |= after.our_request_ids - before.request_ids
        if report.error is None and not report.dry_run:
            # What a cut-off run left open stays open until a run over the title, in its quality, has told of it.
            wanted = {(wish.title, quality) for wish in self.readable() for quality in self.qualities}
            told = {number for number, title in after.titles.items() if title in wanted}
            self.confirmed |= self.ours & told

    def note_removed(self, rows):
        """Remember what a person took away of what was proven to be ours."""
        left = {row["id"] for row in self.server.requests()}
        for row in rows:
            key = ((row["media_type"], row["tmdb_id"]), QUALITIES[row["is4k"]])
            if row["id"] in left:
                continue
            if row["id"] in self.confirmed:
                self.taken_back[key] |= set(row["seasons"] or [WHOLE])
            elif key in self.touched:
                self.exempt.add(key)
            # A wiped server counts from 1 again.
            self.ours.discard(row["id"])
            self.confirmed.discard(row["id"])

    def list_id(self, name):
        return f"{self.folder.name}/{name}"

    def readable(self):
        return [wish for name in LISTS if name not in self.failing for wish in self.lists[name]]

    def is_all_known(self):
        return all(wish.is_requestable for wish in self.readable())

    def query(self, statement, *values):
        with closing(sqlite3.connect(Path(self.folder.name) / "shelf.db")) as connection:
            return connection.execute(statement, values).fetchall()

    def titles(self):
        rows = self.query("SELECT item_key, status, reason FROM synced_items")
        return {key: (status, reason) for key, status, reason in rows}

    def links(self):
        present = "WHERE absent_since IS NULL"
        rows = self.query(f"SELECT list_id, item_key FROM item_lists JOIN synced_items ON id = item_id {present}")
        links = {name: set() for name in LISTS}
        for list_id, key in rows:
            links[Path(list_id).name].add(key)
        return links


def plan_line(request):
    return PlanLine(
        LineKind.REQUEST, "", *request.quality_key, request.seasons, request.requester_id, options=request.options
    )


class Look:
    """The server's own rows at one moment."""

    def __init__(self, server):
        rows, media = server.requests(), server.media()
        self.has_4k = server.settings.movie_4k_enabled
        self.request_ids = {row["id"] for row in rows}
        self.titles = {row["id"]: ((row["media_type"], row["tmdb_id"]), QUALITIES[row["is4k"]]) for row in rows}
        self.our_request_ids = {row["id"] for row in rows if row["requested_by"] == OWNER_ID}
        self.asked, self.there = defaultdict(set), defaultdict(set)
        for row in rows:
            self.asked[(row["media_type"], row["tmdb_id"]), QUALITIES[row["is4k"]]] |= set(row["seasons"] or [WHOLE])
        self.banned = set()
        self.blocked_numbers = {block.tmdb for block in server.backend.state.blocks.values()}
        for row in media:
            title = (row["media_type"], row["tmdb_id"])
            if MediaStatus.BLOCKLISTED in (row["status"], row["status4k"]):
                self.banned.add(title)
            for quality, word in ((Quality.HD, "status"), (Quality.UHD, "status4k")):
                seasons = row["seasons" if quality is Quality.HD else "seasons4k"]
                self.there[title, quality] |= {number for number, status in seasons.items() if status in THERE}
                if row[word] == MediaStatus.AVAILABLE:
                    self.there[title, quality] |= {WHOLE} | (
                        SEASONS.get(title[1], set()) - {0} if not seasons else set()
                    )


# Everybody runs the same few hundred steps, and a failure is shown as it was found: making it smaller takes minutes.
# `--hypothesis-profile thorough` runs others, many more of them, and makes failures small.
EverydayLife.TestCase.settings = (
    settings(deadline=None, suppress_health_check=list(HealthCheck))
    if settings.get_current_profile_name() == "thorough"
    else settings(
        max_examples=25,
        stateful_step_count=60,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
)


def test_everyday_life_keeps_every_promise(world):
    EverydayLife.world = world
    EverydayLife.TestCase().runTest()
