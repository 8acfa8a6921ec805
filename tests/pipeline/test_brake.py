"""The brake over many runs: ordinary growth goes on, and a list that suddenly is another one waits for the user."""

from datetime import UTC, datetime, timedelta

import pytest

from list_sync.model.exit_codes import ExitCode
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.servers import HOME
from list_sync.model.terms import Terms
from list_sync.storage.attention import count_attention
from list_sync.storage.runs import find_runs
from tests.fakes.shelf import synthetic

TERMS = Terms()
ANOTHER = [synthetic(number) for number in range(200, 240)]


def films(first, count):
    return [synthetic(number) for number in range(first, first + count)]


@pytest.fixture
def grown(bench):
    """Return a bench with the brake on, after six runs that requested one film each."""
    bench.rules = HouseholdPolicy(brake=True)
    for count in range(1, 7):
        bench.sync_lists({"list": (films(0, count), TERMS)})
    return bench


def look(bench):
    """Return the state of the last run, and how many titles need the user because of the brake."""
    with bench.opened() as parts, parts.store.reading() as connection:
        run = find_runs(connection, HOME, limit=1)[0]
        return run.status, count_attention(connection, HOME).braked


def test_a_list_that_suddenly_is_another_one_requests_nothing_until_the_user_accepts_it(grown, demo, caplog):
    broken = {"list": (ANOTHER, TERMS)}

    with caplog.at_level("WARNING"):
        first, second = grown.sync_lists(broken), grown.sync_lists(broken)

    assert [report.counts for report in (first, second)] == [{"waiting": 40}] * 2
    assert first.calls.writes == second.calls.writes == 0
    assert (first.exit_code, look(grown)) == (ExitCode.FAILURES, ("stopped", 40))
    assert first.closing_line == "Running stopped by the brake: nothing was requested"
    (told,) = [line for line in caplog.messages if "the brake" in line]
    assert "it wanted 40 new titles, and after the last runs at most 25 are usual" in told

    assert grown.sync_lists(broken, accepts=True).counts == {"requested": 40}
    assert look(grown) == ("completed", 0)


def test_when_the_list_is_itself_again_the_sync_goes_on_and_nothing_waits_for_the_user(grown, demo):
    grown.sync_lists({"list": (ANOTHER, TERMS)})

    report = grown.sync_lists({"list": (films(0, 8), TERMS)})

    assert report.counts == {"already_requested": 6, "requested": 2}
    assert look(grown) == ("completed", 0)


def test_what_a_cap_would_hold_back_does_not_go_around_the_brake(grown, demo):
    broken = {"list": (ANOTHER, TERMS)}
    for _ in range(2):
        assert grown.sync_lists(broken, max_requests_per_run=5).counts == {"waiting": 40}

    assert grown.sync_lists(broken, max_requests_per_run=5, accepts=True).counts == {"requested": 5, "waiting": 35}
    assert grown.sync_lists(broken, max_requests_per_run=5).counts == {
        "already_requested": 5,
        "requested": 5,
        "waiting": 30,
    }


def test_a_dry_run_says_that_a_sync_would_be_stopped_and_shows_everything(grown, caplog):
    with caplog.at_level("WARNING"):
        report = grown.sync_lists({"list": (ANOTHER, TERMS)}, dry_run=True)

    assert report.counts == {"would_request": 40}
    assert "a sync would end here: the brake stopped the run" in caplog.text


def test_a_dry_run_before_or_after_releases_nothing(grown):
    broken, capped = {"list": (ANOTHER, TERMS)}, {"max_requests_per_run": 5}

    for hours, dry_run in enumerate((True, False, True, False), 1):
        grown.clock = lambda later=timedelta(hours=hours): datetime.now(UTC) + later
        report = grown.sync_lists(broken, dry_run=dry_run, **capped)

        assert report.counts == ({"would_request": 5, "waiting": 35} if dry_run else {"waiting": 40})


def test_a_new_list_is_requested_whole_and_its_backlog_and_the_growth_of_lists_go_on(grown, demo):
    lists = {"list": (films(0, 8), TERMS), "new": (films(100, 60), TERMS)}
    capped = {"max_requests_per_run": 20}

    first = grown.sync_lists(lists, **capped)
    lists["list"] = (films(0, 10), TERMS)
    others = [grown.sync_lists(lists, **capped) for _ in range(3)]

    assert first.counts == {"already_requested": 6, "requested": 20, "waiting": 42}
    assert [report.counts["requested"] for report in others] == [20, 20, 4]
    assert look(grown) == ("completed", 0)


def test_without_a_brake_everything_is_requested(grown):
    grown.rules = HouseholdPolicy()

    assert grown.sync_lists({"list": (ANOTHER, TERMS)}).counts == {"requested": 40}


def test_a_list_is_still_new_after_a_dry_run_and_after_a_run_that_did_not_go_through(grown, demo):
    lists = {"list": (films(0, 6), TERMS), "new": (films(100, 60), TERMS)}

    grown.sync_lists(lists, dry_run=True)
    demo.faults.down_status, demo.faults.only = 503, "media"
    grown.client_options = {"retry_attempts": 0}
    assert grown.sync_lists(lists).error
    demo.faults.down_status = None

    assert grown.sync_lists(lists).counts["requested"] == 60
