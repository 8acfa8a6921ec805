"""Which requests go now, which wait, and what people read of those that wait."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.model.decisions import ItemStatus, Policy, Request, Skip
from list_sync.model.limits import EVERYONE, Limits, ListUse, Quota
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.model.waiting import WaitingCause, find_cause, find_essence
from list_sync.planning.caps import cap
from tests.builders import NOON, a_match

FILE = Policy(has_file=True)


def ask(number, terms=None, *, user=1, kind=MediaType.MOVIE, seasons=(), name="top"):
    source = ListRef("imdb", name, terms or Terms())
    return Request(a_match(number, kind, sources=(source,)), Quality.HD, seasons, user)


def ago(hours):
    return NOON - timedelta(hours=hours)


def capped(requests, policy=FILE, **limits):
    return cap(requests, replace(policy, limits=Limits(**limits)), now=NOON)


def went(decisions):
    return [one.title_key[1] for one in decisions if isinstance(one, Request)]


def reasons(decisions):
    return [one.reason for one in decisions if isinstance(one, Skip)]


def test_a_cap_of_all_users_together_holds_beside_that_of_each_and_says_when_each_title_goes():
    policy = Policy(
        max_requests_per_day=2,
        max_requests_by_all=3,
        requested_today={EVERYONE: 2, 1: 1, 2: 1},
        asked_at={EVERYONE: [ago(20), ago(10)], 1: [ago(10)], 2: [ago(20)]},
        has_file=True,
    )

    decisions = capped([ask(1), ask(2), ask(3, user=2), ask(4, user=2), ask(5, user=2)], policy)

    assert went(decisions) == [1]
    full = "caps.per_day=3 is reached: all users asked for 3 in 24 hours; its turn comes"
    assert reasons(decisions) == [
        f"{full} at 2026-11-22 16:00 UTC",
        f"{full} at 2026-11-23 02:00 UTC",
        f"{full} at 2026-11-23 12:00 UTC",
        f"{full} about 2026-11-23",
    ]


def test_what_was_told_of_a_title_still_holds_in_the_next_run():
    asked = [ask(number) for number in range(7)]
    first = capped(asked, Policy(max_requests_per_day=2, has_file=True))
    later = Policy(max_requests_per_day=2, requested_today={1: 2}, asked_at={1: [NOON, NOON]}, has_file=True)

    second = cap(asked[2:], later, now=NOON + timedelta(hours=9))

    assert [reason[-20:] for reason in reasons(second)] == [reason[-20:] for reason in reasons(first)]
    assert reasons(second)[-1].endswith("its turn comes about 2026-11-25")


def test_a_requester_who_is_full_does_not_use_the_cap_of_all():
    policy = Policy(max_requests_per_day=1, max_requests_by_all=3, has_file=True)

    decisions = capped([ask(1), ask(2), ask(3, user=2), ask(4, user=2), ask(5, user=3)], policy)

    assert went(decisions) == [1, 3, 5]
    assert reasons(decisions)[0] == (
        "caps.per_requester=1 is reached: user 1 asked for 1 in 24 hours; its turn comes at 2026-11-23 12:00 UTC"
    )


def test_without_lists_yaml_the_words_are_those_of_the_settings():
    decisions = capped([ask(1), ask(2)], Policy(max_requests_per_run=1))
    assert reasons(decisions) == ["MAX_REQUESTS_PER_RUN=1 is reached; asked for in a later run"]
    decisions = capped([ask(1), ask(2)], Policy(max_requests_per_day=1))
    assert reasons(decisions) == [
        "MAX_REQUESTS_PER_DAY=1 is reached: user 1 asked for 1 in 24 hours; asked for in a later run"
    ]


def test_over_the_cap_of_a_run_a_title_says_in_which_run_it_goes():
    decisions = capped([ask(number) for number in range(6)], Policy(max_requests_per_run=2, has_file=True))

    assert [reason.partition("; ")[2] for reason in reasons(decisions)] == [
        *["its turn comes in the next run"] * 2,
        *["its turn comes in 2 runs"] * 2,
    ]


def test_beside_lists_yaml_a_cap_that_only_the_environment_states_keeps_its_name():
    policy = Policy(max_requests_per_day=1, has_file=True, of_settings=frozenset({"per_run", "per_requester"}))

    assert reasons(capped([ask(1), ask(2)], policy)) == [
        "MAX_REQUESTS_PER_DAY=1 is reached: user 1 asked for 1 in 24 hours; its turn comes at 2026-11-23 12:00 UTC"
    ]


def test_a_list_asks_for_no_more_new_titles_a_day_than_it_may():
    terms = Terms(max_new_per_day=3, name="Best of 1994")
    lists = {ListRef("imdb", "top").key: ListUse(asked_at=(ago(23),))}

    decisions = capped([ask(number, terms) for number in range(4)] + [ask(9, name="other")], lists=lists)

    assert went(decisions) == [0, 1, 9]
    assert reasons(decisions) == [
        "max_new_per_day=3 of Best of 1994 is reached; its turn comes at 2026-11-22 13:00 UTC",
        "max_new_per_day=3 of Best of 1994 is reached; its turn comes at 2026-11-23 12:00 UTC",
    ]


def test_a_list_has_no_more_open_requests_than_it_may():
    terms = Terms(max_open=10)
    lists = {ListRef("imdb", "top").key: ListUse(open_requests=9)}

    decisions = capped([ask(number, terms) for number in range(4)], lists=lists)

    assert went(decisions) == [0]
    full = "max_open=10 of imdb:top is reached; its turn comes when"
    assert reasons(decisions)[0] == f"{full} 1 of its 10 open requests are available"
    assert reasons(decisions)[2] == f"{full} 3 of its 10 open requests are available"


def test_what_is_known_longest_goes_first_and_the_order_of_the_decisions_stays():
    requests = [ask(1), ask(2), ask(3)]
    known = {requests[2].quality_key: ago(9), requests[1].quality_key: ago(2)}

    assert went(capped(requests, Policy(max_requests_per_run=1), known_since=known)) == [3]
    assert went(capped(requests, Policy(max_requests_per_run=2), known_since=known)) == [2, 3]


def test_a_new_title_rests_and_uses_nothing_of_the_caps_meanwhile():
    requests = [ask(1, Terms(name="Watchlist")), ask(2)]
    rests = {requests[0].quality_key: NOON + timedelta(hours=2)}

    decisions = capped(requests, Policy(max_requests_per_run=1), rests=rests)

    assert went(decisions) == [2]
    assert reasons(decisions) == ["new on Watchlist: it rests until 2026-11-22 14:00 UTC (hold)"]


def test_a_pause_holds_back_one_kind_and_a_quota_what_has_no_room_in_it():
    show = ask(10, kind=MediaType.TV, seasons=(1, 2, 3))
    smaller = ask(11, kind=MediaType.TV, seasons=(1,))
    quotas = {(1, MediaType.TV): Quota(2, "little is left", [NOON, NOON, ago(-1)])}

    decisions = capped([ask(1), show, smaller], pauses={(MediaType.MOVIE, None): "the disk is full"}, quotas=quotas)

    assert went(decisions) == [11]
    assert reasons(decisions) == ["the disk is full", "little is left; its turn comes at 2026-11-22 13:00 UTC"]


def test_a_title_that_waits_keeps_its_request():
    first, second = ask(1), ask(2)

    (_, waiting) = capped([first, second], Policy(max_requests_per_run=1))

    assert waiting.held == second
    assert waiting.status is ItemStatus.WAITING


@pytest.mark.parametrize("terms", [Terms(max_new_per_day=1), Terms(max_open=1)], ids=["new a day", "open"])
def test_unread_shows_pass_to_be_read_while_there_is_room_and_use_nothing_of_it(terms):
    shows = [ask(number, terms, kind=MediaType.TV) for number in range(60)]

    assert len(went(capped([*shows, ask(100, terms)]))) == 51
    assert went(capped([ask(100, terms), *shows])) == [100]


HOUR = timedelta(hours=1)
PENDING = "pause_when.pending=3: 4 requests are pending on the server; its turn comes when fewer of them are"


@pytest.mark.parametrize(
    ("terms", "limits", "cause", "essence"),
    [
        (Terms(max_new_per_day=1), {}, WaitingCause.LIST_CAP, "max_new_per_day=1 of imdb:top is reached"),
        (Terms(max_open=1), {}, WaitingCause.OPEN_CAP, "max_open=1 of imdb:top is reached"),
        (
            Terms(),
            {"rests": NOON + HOUR},
            WaitingCause.HOLD,
            "new on imdb:top: it rests until 2026-11-22 13:00 UTC (hold)",
        ),
        (Terms(), {"pauses": PENDING}, WaitingCause.PAUSE, "pause_when.pending=3"),
        (
            Terms(),
            {"quotas": Quota(0, "pause_when.quota_left=2: little")},
            WaitingCause.PAUSE,
            "pause_when.quota_left=2",
        ),
    ],
)
def test_the_cause_and_what_lasts_of_a_reason_are_told_from_it(terms, limits, cause, essence):
    first, second = ask(1, terms), ask(2, terms)
    keys = {"rests": second.quality_key, "pauses": second.target, "quotas": second.quota_key}

    waiting = capped([first, second], **{name: {keys[name]: value} for name, value in limits.items()})[-1]

    assert find_cause(waiting.reason) is cause
    assert find_essence(waiting.reason) == essence
