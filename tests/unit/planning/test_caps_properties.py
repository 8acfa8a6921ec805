"""What holds of the caps, whatever the order of the lists and however the requests are split over runs."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.model.decisions import Policy, Request, Skip
from list_sync.model.limits import EVERYONE, Limits, ListUse
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.caps import cap
from list_sync.planning.plan import decide_all
from tests.builders import NOON, a_match
from tests.unit.planning.test_plan_properties import knowledges, wishes

LISTS = ("a", "b", "c")
small = st.integers(1, 4)
terms = st.builds(Terms, st.integers(1, 2), max_new_per_day=st.none() | small, max_open=st.none() | small)
policies = st.builds(
    Policy,
    max_requests_per_run=st.integers(0, 5),
    max_requests_per_day=st.integers(0, 5),
    max_requests_by_all=st.integers(0, 8),
    has_file=st.just(True),
)


@st.composite
def asked(draw):
    """Return requests for different films, each for one of three lists with terms of their own."""
    sources = [ListRef("imdb", name, draw(terms)) for name in LISTS]
    chosen = draw(st.lists(st.sampled_from(sources), max_size=14))
    return [
        Request(a_match(number, sources=(source,)), Quality.HD, requester_id=source.terms.requester_id)
        for number, source in enumerate(chosen)
    ]


def count_uses(policy, everywhere, here):
    """Return the policy of a run after some requests, of which a container knows the lists of its own."""
    today = Counter(request.requester_id for request in everywhere)
    listed = Counter(request.list_ref.key for request in here)
    lists = {key: ListUse((NOON,) * count, count) for key, count in listed.items()}
    counts = {**today, EVERYONE: len(everywhere)}
    return replace(policy, requested_today=counts, limits=Limits(lists=lists))


def split(draw_runs, requests, policy):
    """Return what is requested in several runs of two containers, each of which wants everything."""
    everywhere, here = [], {0: [], 1: []}
    runs = []
    for container in draw_runs:
        known = {request.quality_key for request in everywhere}
        wanted = [request for request in requests if request.quality_key not in known]
        decisions = cap(wanted, count_uses(policy, everywhere, here[container]), now=NOON)
        went = [one for one in decisions if isinstance(one, Request)]
        runs.append(went)
        everywhere += went
        here[container] += went
    return runs, here


@given(asked(), policies, st.lists(st.integers(0, 1), max_size=4), st.randoms())
def test_the_caps_hold_in_any_order_and_any_split_over_runs_and_containers(requests, policy, containers, random):
    random.shuffle(requests)

    runs, here = split(containers, requests, policy)

    went = [request for run in runs for request in run]
    assert len(went) <= (policy.max_requests_by_all or len(went))
    assert all(len(run) <= (policy.max_requests_per_run or len(run)) for run in runs)
    for count in Counter(request.requester_id for request in went).values():
        assert count <= (policy.max_requests_per_day or count)
    for theirs in here.values():
        for request in theirs:
            asked_for = sum(one.list_ref == request.list_ref for one in theirs)
            most = (request.list_ref.terms.max_new_per_day, request.list_ref.terms.max_open)
            assert all(cap is None or asked_for <= cap for cap in most)
    assert len({request.quality_key for request in went}) == len(went)


@given(asked(), policies, st.randoms())
def test_which_titles_go_does_not_depend_on_the_order_of_the_lists(requests, policy, random):
    shuffled = random.sample(requests, len(requests))
    known = {request.quality_key: NOON + timedelta(hours=place) for place, request in enumerate(shuffled)}
    policy = replace(policy, limits=Limits(known_since=known))
    random.shuffle(shuffled)

    both = [{one for one in cap(order, policy, now=NOON) if isinstance(one, Request)} for order in (requests, shuffled)]

    assert both[0] == both[1]


@given(asked(), policies)
def test_what_waits_says_when_it_goes_and_nothing_waits_that_has_room(requests, policy):
    decisions = cap(requests, policy, now=NOON)

    waiting = [one for one in decisions if isinstance(one, Skip)]
    assert all("; its turn comes " in one.reason for one in waiting)
    alone = [cap([one.held], policy, now=NOON)[0] for one in waiting]
    assert all(isinstance(one, Request) for one in alone)


@settings(max_examples=60)
@given(wishes, knowledges(), policies)
def test_no_limit_of_a_list_hides_what_is_there_or_requested(wishes, knowledge, policy):
    strict = Terms(max_new_per_day=1, max_open=1, hold=timedelta(days=9), limit=1)
    free = decide_all(wishes, knowledge, policy, now=NOON)
    limited = decide_all([with_terms(wish, strict) for wish in wishes], knowledge, policy, now=NOON)
    rests = {one.quality_key: NOON + timedelta(days=9) for one in limited if isinstance(one, Request)}
    pauses = dict.fromkeys([(kind, None) for kind in MediaType], "paused")

    capped = cap(limited, replace(policy, limits=Limits(rests=rests, pauses=pauses)), now=NOON)

    assert not any(isinstance(one, Request) for one in capped)
    for before, after in zip(free, capped, strict=True):
        assert isinstance(before, Request) or (before.status, before.reason) == (after.status, after.reason)


def with_terms(wish, strict):
    sources = tuple(
        replace(source, terms=replace(strict, requester_id=source.terms.requester_id, qualities=(wish.quality,)))
        for source in wish.result.wanted.sources
    )
    return replace(wish, result=replace(wish.result, wanted=replace(wish.result.wanted, sources=sources)))
