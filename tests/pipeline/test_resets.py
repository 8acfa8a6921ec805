"""A server that lost its data is not taken for people who took their requests back; another server is another one."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from list_sync.demo.server.database.state import OWNER_ID
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.job import Job
from list_sync.model.decisions import ItemStatus
from list_sync.model.runs import Stage
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.model.users import Permission
from list_sync.pipeline import run_cycle
from list_sync.storage.journal import settle_vanished
from tests.fakes.shelf import SHELVES, Bench, synthetic

FILMS = [synthetic(number) for number in range(24)]
NEW = synthetic(100)


def settle(bench, *, ask_again):
    with bench.opened() as parts, parts.store.writing() as connection:
        return settle_vanished(connection, 1, ask_again=ask_again)


def query(bench, statement):
    with closing(sqlite3.connect(f"{bench.folder}/{bench.name}.db")) as connection:
        return connection.execute(statement).fetchall()


def reasons(report, status):
    return {outcome.reason for outcome in report.outcomes if outcome.status is status}


@pytest.fixture
def wiped(bench, demo):
    """A bench whose server lost everything since its last run."""
    bench.sync(*FILMS)
    demo.wipe()
    demo.reset_counts()
    return bench


def test_titles_whose_requests_vanished_at_once_wait_and_everything_else_goes_on(wiped, demo):
    report = wiped.sync(*FILMS, NEW)

    assert report.counts == {"requested": 1, "waiting": 24}
    assert demo.posts_by_title().keys() == {("movie", NEW.ids.tmdb, False)}
    assert all("list-sync accept-reset" in reason for reason in reasons(report, ItemStatus.WAITING))
    assert report.vanished == 24
    assert "24 of our requests vanished from the server at once" in report.closing_line
    assert report.has_failures


def test_they_wait_for_as_many_runs_as_it_takes(wiped, demo):
    counts = [wiped.sync(*FILMS, NEW).counts for _ in range(4)]

    assert counts[1:] == [{"already_requested": 1, "waiting": 24}] * 3
    assert demo.writes == 1


def test_asking_again_makes_each_request_once(wiped, demo):
    wiped.sync(*FILMS)
    assert settle(wiped, ask_again=True) == 24

    report = wiped.sync(*FILMS)
    again = wiped.sync(*FILMS)

    assert report.counts == {"requested": 24}
    assert again.counts == {"already_requested": 24}
    assert (report.vanished, report.has_failures) == (0, False)
    assert set(demo.posts_by_title().values()) == {1}


def test_keeping_away_makes_it_a_persons_word(wiped, demo):
    wiped.sync(*FILMS)
    assert settle(wiped, ask_again=False) == 24

    reports = [wiped.sync(*FILMS) for _ in range(2)]

    assert [report.counts for report in reports] == [{"declined": 24}] * 2
    assert reports[-1].vanished == 0
    assert demo.writes == 0


class Killed(BaseException):
    """The end of a process."""


def sync_and_be_killed(bench, *items, stage):
    """Run a cycle up to a stage, and leave everything as it is there."""

    def die(progress):
        if progress.stage is stage:
            raise Killed

    SHELVES["cut"] = items
    with bench.opened() as parts, pytest.raises(Killed):
        run_cycle(parts, Job((ListRef("shelf", "cut"),), bench.policy, on_progress=die))


@pytest.mark.parametrize("stage", [Stage.MATCHING, Stage.PLANNING, Stage.REQUESTING, Stage.VERIFYING])
def test_titles_of_a_reset_wait_although_the_run_that_noticed_it_was_killed(wiped, demo, stage):
    sync_and_be_killed(wiped, *FILMS, NEW, stage=stage)

    assert wiped.sync(*FILMS).counts == {"waiting": 24}
    assert settle(wiped, ask_again=True) == 24
    assert wiped.sync(*FILMS).counts == {"requested": 24}
    assert set(demo.posts_by_title().values()) == {1}


def test_a_word_that_is_given_after_a_kill_holds(wiped, demo):
    sync_and_be_killed(wiped, *FILMS, NEW, stage=Stage.VERIFYING)
    assert settle(wiped, ask_again=False) == 24

    assert [wiped.sync(*FILMS).counts for _ in range(2)] == [{"declined": 24}] * 2


@pytest.mark.parametrize(("gone", "counts"), [(12, {"waiting": 12}), (6, {"requested": 12})])
def test_what_a_cut_off_run_had_requested_waits_where_most_of_it_is_gone(bench, demo, gone, counts):
    sync_and_be_killed(bench, *FILMS[:12], stage=Stage.VERIFYING)
    assert query(bench, "SELECT state, count(*) FROM sent_requests GROUP BY state") == [("accepted", 12)]
    for row in demo.requests()[:gone]:
        demo.delete_request(row["id"])

    assert bench.sync(*FILMS[:12]).counts == counts


def test_a_dry_run_that_finds_out_first_settles_nothing(wiped, demo):
    assert wiped.sync(*FILMS, dry_run=True).counts == {"waiting": 24}
    assert wiped.sync(*FILMS, dry_run=True).counts == {"waiting": 24}
    assert wiped.sync(*FILMS).counts == {"waiting": 24}
    assert demo.writes == 0


def test_a_run_of_one_list_notices_a_reset_for_all_lists(wiped, demo):
    SHELVES["one"] = FILMS[:2]
    with wiped.opened() as parts:
        report = run_cycle(parts, Job((ListRef("shelf", "one"),), wiped.policy, is_full_run=False))

    assert (report.counts, report.vanished) == ({"waiting": 2}, 24)
    assert wiped.sync(*FILMS).counts == {"waiting": 24}


def test_requests_that_come_back_need_no_word(wiped, demo, tmp_path):
    wiped.sync(*FILMS)
    Bench(tmp_path, demo, name="restored").sync(*FILMS)

    report = wiped.sync(*FILMS)

    assert (report.vanished, report.has_failures) == (0, False)
    assert report.counts == {"already_requested": 24}


@pytest.mark.parametrize(
    ("requested", "gone", "state"),
    [(24, 13, "waiting"), (24, 12, "declined"), (10, 10, "waiting"), (9, 9, "declined"), (12, 1, "declined")],
)
def test_more_than_half_and_at_least_ten_are_a_reset_and_fewer_are_a_persons_word(bench, demo, requested, gone, state):
    films = FILMS[:requested]
    bench.sync(*films)
    for row in demo.requests()[:gone]:
        demo.delete_request(row["id"])

    assert bench.sync(*films).counts.get(state) == gone


def test_requests_that_people_took_back_one_after_the_other_are_never_a_reset(bench, demo):
    films = FILMS[:14]
    bench.sync(*films)
    for number, row in enumerate(demo.requests()[:10], 1):
        demo.delete_request(row["id"])
        assert bench.sync(*films).counts["declined"] == number


def test_titles_that_the_server_has_without_a_request_do_not_wait(wiped, demo):
    for film in FILMS[:6]:
        demo.make_available("movie", film.ids.tmdb)

    assert wiped.sync(*FILMS).counts == {"already_available": 6, "waiting": 18}


def test_4k_requests_that_vanished_with_the_others_wait_too(bench, demo):
    demo.settings.movie_4k_enabled = True
    bench.sync(*FILMS[:8])
    bench.sync(*FILMS[:8], quality=Quality.UHD)
    demo.wipe()

    assert bench.sync(*FILMS[:8]).counts == {"waiting": 8}
    assert bench.sync(*FILMS[:8], quality=Quality.UHD).counts == {"waiting": 8}


def test_a_request_in_the_other_quality_that_stands_is_not_forgotten_when_the_vanished_are_settled(tmp_path, demo):
    demo.settings.movie_4k_enabled = True
    alice = demo.add_user("alice", permissions=Permission.REQUEST | Permission.REQUEST_4K)
    bench = Bench(tmp_path, demo, terms=Terms(requester_id=alice))
    bench.sync(*FILMS[:8], quality=Quality.UHD)
    bench.sync(*FILMS[:12])
    for row in demo.requests():
        if not row["is4k"]:
            demo.delete_request(row["id"])
    bench.sync(*FILMS[:12])

    assert settle(bench, ask_again=False) == 12
    assert bench.sync(*FILMS[:8], quality=Quality.UHD).counts == {"already_requested": 8}


def test_seasons_that_vanished_wait_although_the_server_has_another_season(bench, demo):
    show = MediaItem("Breaking Bad", MediaType.TV, 2008, MediaIds(tmdb=1396))
    bench.sync(*FILMS[:10], show)
    demo.wipe()
    demo.make_available("tv", 1396, [1])

    assert bench.sync(*FILMS[:10], show).counts == {"waiting": 11}


def another_server(port, *, days=100):
    server = DemoServer(Dialect.SEERR, synthetic_films=200, port=port)
    server.backend.state.users[OWNER_ID].created += days * 86_400
    return server


@pytest.mark.parametrize("titles", [5, 24])
def test_nothing_of_the_old_installation_counts_for_another_one_at_its_address(tmp_path, titles):
    films = FILMS[:titles]
    with DemoServer(Dialect.OVERSEERR, synthetic_films=200) as old:
        bench = Bench(tmp_path, old)
        bench.sync(*films)
        old.delete_request(1)
        assert bench.sync(*films).counts["declined"] == 1
        port = int(old.url.rsplit(":", 1)[1])
    with another_server(port) as new:
        bench.server = new
        report = bench.sync(*films)

        assert report.counts == {"requested": titles}
        assert (report.vanished, report.has_failures) == (0, False)
        assert bench.sync(*films).counts == {"already_requested": titles}
        assert query(bench, "SELECT status, count(*) FROM synced_items GROUP BY status") == [("requested", titles)]


def test_the_old_installation_is_known_again_when_it_is_back_at_its_address(tmp_path):
    with DemoServer(Dialect.SEERR, synthetic_films=200) as old:
        bench = Bench(tmp_path, old)
        bench.sync(*FILMS[:3])
        old.delete_request(1)
        bench.sync(*FILMS[:3])
        owner = old.backend.state.users[OWNER_ID]
        created = owner.created
        owner.created += 86_400
        bench.sync(FILMS[5])
        owner.created = created

        assert bench.sync(*FILMS[:3]).counts == {"already_requested": 2, "declined": 1}


def test_titles_keep_no_state_that_only_the_old_installation_had(bench, demo):
    bench.sync(*FILMS[:3])
    demo.decline(1)
    bench.sync(*FILMS[:3])
    demo.wipe()
    demo.backend.state.users[OWNER_ID].created += 86_400
    bench.policy = replace(bench.policy, max_requests_per_run=1)

    assert bench.sync(*FILMS[:3]).counts == {"requested": 1, "waiting": 2}
    assert query(bench, "SELECT status, count(*) FROM synced_items GROUP BY status ORDER BY status") == [
        ("requested", 1),
        ("waiting", 2),
    ]
