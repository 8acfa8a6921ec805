"""The cap of a day is counted on the server, only where something is to be requested and others asked meanwhile."""

from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus, Policy, Request, Skip
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.daily import DailyCount
from tests.builders import NOON, a_match

POLICY = Policy(max_requests_per_day=3)
ASK, LEAVE = (
    Request(a_match(), Quality.HD, requester_id=4),
    Skip(a_match(), ItemStatus.DECLINED, "declined", Quality.HD),
)
HD, UHD, OTHER = (MediaType.MOVIE, 1, Quality.HD), (MediaType.MOVIE, 1, Quality.UHD), (MediaType.TV, 1, Quality.HD)


class Server:
    def __init__(self, *held):
        self.held = held
        self.asked = []
        self.of_others = 0

    def count_requests(self):
        return len(self.held) + self.of_others

    def fetch_asked(self, requester_id, *, since, until, enough):
        self.asked.append((requester_id, since, enough))
        return dict.fromkeys(self.held, NOON)


def a_count(server, *own, policy=POLICY):
    return DailyCount(server, lambda _since, _user: dict.fromkeys(own, NOON), policy, lambda: NOON)


def counts_planned_with(daily, *decisions):
    seen = []

    def make(capped):
        seen.append(capped.requested_today.get(4, 0))
        return decisions

    daily.plan(make, requested_in_run={})
    return seen


def test_what_the_server_holds_and_what_is_gone_from_it_are_counted_together_and_read_once():
    server = Server(HD, UHD)
    daily = a_count(server, HD, OTHER)

    assert counts_planned_with(daily, ASK) == [0, 3]
    assert counts_planned_with(daily, ASK) == [3]
    assert server.asked == [(4, NOON - timedelta(hours=24), 4)]


@pytest.mark.parametrize(("policy", "decision"), [(Policy(), ASK), (POLICY, LEAVE)], ids=["no cap", "no request"])
def test_nothing_is_read_without_a_cap_or_a_request(policy, decision):
    server = Server(HD)
    daily = a_count(server, policy=policy)

    assert counts_planned_with(daily, decision) == [0]
    daily.warn_of_overshoot([4])
    assert server.asked == []


@pytest.mark.parametrize(("held", "made", "is_told"), [(4, [4], True), (3, [4], False), (4, [], False)])
def test_a_cap_that_was_passed_by_what_we_made_is_told_of(caplog, held, made, is_told):
    server = Server()
    daily = a_count(server)
    counts_planned_with(daily, ASK)
    server.held = [(MediaType.MOVIE, number, Quality.HD) for number in range(held)]

    with caplog.at_level("WARNING"):
        daily.warn_of_overshoot(made)

    assert bool(caplog.records) is is_told


def test_a_title_waits_once_the_cap_was_reached_since_the_plan_and_nothing_more_is_read():
    server = Server()
    daily = a_count(server)
    assert daily.find_reason_to_wait(ASK) is None
    counts_planned_with(daily, ASK)
    assert daily.find_reason_to_wait(ASK) is None
    server.held = (HD, UHD, OTHER)

    reason = "MAX_REQUESTS_PER_DAY=3 is reached: user 4 asked for 3 in 24 hours; asked for in a later run"
    assert [daily.find_reason_to_wait(ASK) for _ in range(3)] == [reason] * 3
    assert len(server.asked) == 2


def test_requests_are_read_again_only_where_others_asked_for_something():
    server, own = Server(), []
    daily = DailyCount(server, lambda _since, _user: dict.fromkeys(own, NOON), POLICY, lambda: NOON)
    counts_planned_with(daily, ASK)
    for title in (HD, UHD):
        assert daily.find_reason_to_wait(ASK) is None
        own.append(title)
        server.held += (title,)
    assert daily.find_reason_to_wait(ASK) is None
    assert len(server.asked) == 1

    server.of_others = 1
    assert [daily.find_reason_to_wait(ASK) for _ in range(2)] == [None] * 2
    assert len(server.asked) == 2


def test_each_requester_has_a_count_of_their_own():
    server = Server(HD, UHD, OTHER)
    other = Request(a_match(), Quality.UHD, requester_id=5)
    daily = DailyCount(server, lambda _since, _user: {}, POLICY, lambda: NOON)
    server.fetch_asked = lambda user, **_limits: dict.fromkeys(server.held if user == 4 else (), NOON)
    daily.plan(lambda _capped: (ASK, other), requested_in_run={})

    assert "user 4 asked for 3" in daily.find_reason_to_wait(ASK)
    assert daily.find_reason_to_wait(other) is None
