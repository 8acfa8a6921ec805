"""What people do on the server while a run sends: the state that the run reports is the true one."""

import pytest

from list_sync.job import Job
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.runs import Stage
from list_sync.model.sources import ListRef
from list_sync.model.terms import Approval, Destination, SentOptions, Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.pipeline import run_cycle
from tests.fakes.shelf import SHELVES, synthetic

FILMS = [synthetic(number) for number in (1, 2, 3)]


@pytest.fixture
def alice(demo):
    return demo.add_user("alice")


def sync(bench, terms, *, after_first):
    """Run one cycle in which something happens on the server after the first request was sent."""
    ref = ListRef("shelf", f"{bench.folder}/kids", terms)
    SHELVES[ref.list_id] = FILMS

    def watch(progress):
        if progress.stage is Stage.REQUESTING and progress.done == 1:
            after_first()

    with bench.opened() as parts:
        return run_cycle(parts, Job((ref,), bench.policy, HouseholdPolicy(), on_progress=watch))


def told(report):
    return [(outcome.status.value, outcome.reason) for outcome in report.outcomes]


@pytest.mark.parametrize("approval", Approval)
def test_a_requester_is_deleted_in_the_middle(bench, demo, alice, approval):
    terms = Terms(requester="alice", approval=approval)

    report = sync(bench, terms, after_first=lambda: demo.delete_user(alice))

    (_, first), *others = told(report)
    assert [status for status, _ in others] == ["waiting", "waiting"]
    assert all(
        f"user {alice}, the requester of shelf:" in reason and "is not on the server" in reason for _, reason in others
    )
    assert demo.requests() == []
    assert "made" not in first


def test_the_quota_of_a_requester_is_reached_in_the_middle(bench, demo, alice):
    demo.change_user(id=alice, movie_quota=1)

    report = sync(bench, Terms(requester="alice"), after_first=lambda: None)

    assert [status for status, _ in told(report)] == ["requested", "waiting", "waiting"]
    assert [row["requested_by"] for row in demo.requests()] == [alice]


def test_a_profile_is_deleted_in_the_middle(bench, demo):
    radarr = demo.arrs.of("movie")[0]
    destination = Destination(SentOptions(profile_id=5))
    terms = Terms(approval=Approval.KEY, destinations={(MediaType.MOVIE, Quality.HD): destination})

    report = sync(bench, terms, after_first=lambda: (demo.in_arrs(), radarr.profiles.pop(5)))

    assert [status for status, _ in told(report)] == ["requested"] * 3
    assert ["failed on its way" in reason for _, reason in told(report)] == [False, True, True]


@pytest.mark.parametrize("word", ["approve", "decline"])
def test_a_person_answers_a_request_before_it_is_read_back(bench, demo, alice, word):
    report = sync(bench, Terms(requester="alice"), after_first=lambda: getattr(demo, word)(1))

    assert [status for status, _ in told(report)] == ["requested"] * 3
    later = bench.sync_lists({"kids": (FILMS, Terms(requester="alice"))})
    expected = {"approve": {"already_requested": 3}, "decline": {"already_requested": 2, "declined": 1}}
    assert later.counts == expected[word]
    assert len(demo.requests()) == 3


def test_a_person_deletes_a_request_before_it_is_read_back(bench, demo, alice):
    report = sync(bench, Terms(requester="alice"), after_first=lambda: demo.delete_request(1))

    # A request that is absent when it is read back counts as lost by the server, and is sent again once.
    assert [status for status, _ in told(report)] == ["requested"] * 3
    assert sorted(row["tmdb_id"] for row in demo.requests()) == [5_000_001, 5_000_002, 5_000_003]
