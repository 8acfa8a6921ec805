"""What people exclude is left out, for the whole household or for one list."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.decisions import ItemStatus, Knowledge, Request
from list_sync.model.matches import NoMatch, NoMatchReason
from list_sync.model.policy import Exclusions
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaType
from list_sync.planning.decide import decide
from list_sync.wishing.exclusions import Excluded, exclude, find_excluding
from tests.builders import NOON, SERVER, a_list, a_match, a_wanted, a_wish, an_item

SEEN = a_list("trakt", "me/history")
MATRIX = (MediaType.MOVIE, 603)


def sources_of(*exclude_lists):
    """Return one list for each set of names of lists that it leaves out."""
    return tuple(
        replace(a_list(list_id=f"ls{place}"), terms=Terms(requester_id=place + 1, exclude_lists=tuple(names)))
        for place, names in enumerate(exclude_lists)
    )


def a_listed_wish(*exclude_lists, result=None):
    result = result or a_match(sources=sources_of(*exclude_lists))
    return replace(a_wish(result), result=result)


def decided(wish, exclusions=None, *, seen=()):
    excluded = Excluded.build(exclusions or Exclusions(), [a_match(number, sources=(SEEN,)) for number in seen])
    (wish,) = exclude([wish], excluded)
    return decide(wish, Knowledge(SERVER), now=NOON)


@pytest.mark.parametrize(
    ("exclusions", "reason"),
    [
        (Exclusions(titles=frozenset({MATRIX})), "excluded: movie 603"),
        (Exclusions(names=("the matrix",)), "excluded: title the matrix"),
        (Exclusions(names=("/^the m.trix$/",)), "excluded: title /^the m.trix$/"),
        (Exclusions(lists=(SEEN.name,)), "excluded: on trakt:me/history"),
    ],
)
def test_what_the_household_excludes_is_requested_for_no_list_and_the_reason_names_the_rule(exclusions, reason):
    decision = decided(a_listed_wish((), ()), exclusions, seen=[603])

    assert (decision.status, decision.reason) == (ItemStatus.EXCLUDED, reason)
    assert [(rule.rule, rule.passed) for rule in decision.rules] == [("not in exclusions", False)]


def test_another_title_is_not_excluded():
    exclusions = Exclusions(frozenset({(MediaType.TV, 603), (MediaType.MOVIE, 604)}), ("matrix", "/^Matrix/"))

    assert isinstance(decided(a_listed_wish(()), exclusions, seen=[605]), Request)


def test_a_title_on_a_list_that_one_list_leaves_out_is_requested_for_the_others():
    request = decided(a_listed_wish((SEEN.name,), ()), seen=[603])

    assert (request.requester_id, request.source.list_id) == (2, "ls1")
    assert len(request.match.wanted.sources) == 2
    assert (request.rules[0].rule, request.rules[0].source) == ("not on trakt:me/history", "imdb:ls0")
    assert decided(a_listed_wish((SEEN.name,)), seen=[603]).reason == "excluded: on trakt:me/history"
    assert decided(a_listed_wish((SEEN.name,), ()), seen=[604]).requester_id == 1


def test_an_entry_without_a_match_is_excluded_by_its_name_and_needs_no_review():
    entry = NoMatch(a_wanted(an_item("The Bachelor")), NoMatchReason.AMBIGUOUS, "two shows")

    assert decided(a_listed_wish(result=entry), Exclusions(names=("/Bachelor/",))).status is ItemStatus.EXCLUDED
    assert decided(a_listed_wish(result=entry), Exclusions(lists=(SEEN.name,))).status is ItemStatus.NEEDS_REVIEW


def test_a_title_that_a_list_names_alike_but_without_a_match_is_left_out():
    entry = NoMatch(a_wanted(an_item()), NoMatchReason.NOT_FOUND, "not found")
    excluded = Excluded.build(
        Exclusions(lists=(SEEN.name,)), [replace(entry, wanted=replace(entry.wanted, sources=(SEEN,)))]
    )

    (wish,) = exclude([a_listed_wish(())], excluded)

    assert wish.excluded


def test_only_the_lists_that_the_lists_of_the_run_leave_out_have_to_be_read():
    assert find_excluding(Exclusions(lists=("a:1",)), sources_of(("b:2",), ("b:2", "c:3"))) == {"a:1", "b:2", "c:3"}


names = st.sampled_from(["trakt:me/history", "imdb:other"])


@given(st.lists(st.frozensets(names), min_size=1, max_size=4), st.booleans(), st.data())
def test_the_order_of_lists_does_not_decide_whether_a_title_is_excluded(stated, is_seen, data):
    shuffled = data.draw(st.permutations(stated))
    seen = [603] if is_seen else []

    one, other = (decided(a_listed_wish(*order), seen=seen) for order in (stated, shuffled))

    assert type(one) is type(other)
    assert isinstance(one, Request) is (not is_seen or any(SEEN.name not in names for names in stated))


def test_where_nothing_is_excluded_no_title_is_looked_at():
    wishes = (a_listed_wish(()),)

    assert Excluded.build(Exclusions(), ()) == Excluded()
    assert exclude(wishes, Excluded.build(Exclusions(), ())) == wishes
