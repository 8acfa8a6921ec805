"""Explanations are stored when they change, are small, and old rows do without them."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from list_sync.database.schema import item_events, synced_items
from list_sync.model.decisions import ItemStatus, Request, RequestOutcome
from list_sync.model.explanations import LONGEST_TEXT, MOST_RULES, Explanation, explain
from list_sync.model.matches import Candidate, Match, MatchMethod, NoMatchReason
from list_sync.model.rules import OWN_RULES, RuleResult
from list_sync.model.sources import ListRef
from list_sync.model.terms import Approval, SentOptions, Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.explanations import pack_explanation, unpack_explanation
from tests.builders import an_item
from tests.storage.recording import asked, find_one, left, run, unmatched, wanted

PASSED = tuple(RuleResult(words, passed=True) for words in OWN_RULES)
BEST = ListRef("imdb", "ls1", Terms(requester_id=3, name="Best of 1994", priority=10))


def with_rules(outcome, *rules):
    return replace(outcome, decision=replace(outcome.decision, rules=rules))


def available(tmdb_id=603, value="available on the server"):
    outcome = left(ItemStatus.ALREADY_AVAILABLE, BEST, tmdb_id=tmdb_id, reason=value)
    return with_rules(outcome, *PASSED[:-1], RuleResult(OWN_RULES[-1], passed=False, value=value))


def size_of(store):
    """Return the rows and the bytes of all explanations, and the number of events."""
    columns = synced_items.c
    with store.reading() as connection:
        rows = connection.execute(select(func.count(columns.explanation), func.sum(func.length(columns.explanation))))
        events = connection.execute(select(func.count(), func.sum(func.length(item_events.c.explanation))))
        return (*rows.one(), *events.one())


def test_a_decision_is_explained_by_its_match_its_wish_and_its_rules(store):
    match = Match(wanted(an_item(imdb="tt0133093"), BEST), MediaType.MOVIE, 603, MatchMethod.IMDB_ID)
    options = SentOptions(1, 4, "/films", (2, 3))
    rules = (*PASSED, RuleResult("year >=1990", passed=True, value="1999", source="Best of 1994"))
    request = Request(match, Quality.HD, (), 3, Approval.KEY, options, BEST.key, rules)
    run(store, RequestOutcome(request, ItemStatus.REQUESTED, "request 12", 12))

    told = find_one(store, "603").explanation

    assert (told.method, told.entry, told.source) == (MatchMethod.IMDB_ID, "imdb:tt0133093", "Best of 1994")
    assert (told.requester_id, told.approval, told.priority, told.options) == (3, Approval.KEY, 10, options)
    assert told.rules == rules


def test_what_becomes_of_a_title_without_a_decision_keeps_how_and_for_whom_it_was_wanted(store):
    first = asked(BEST)
    run(store, replace(first, decision=replace(first.decision, requester_id=3, source=BEST.key, rules=PASSED)))
    run(store, left(ItemStatus.DECLINED, ListRef("imdb", "ls1"), reason="taken back", method=MatchMethod.REMEMBERED))

    told = find_one(store, "603").explanation

    assert (told.source, told.requester_id, told.rules) == ("Best of 1994", 3, ())


def test_unchanged_runs_store_nothing_more(store):
    outcomes = [available(number) for number in range(1, 201)]
    run(store, *outcomes)
    before = size_of(store)
    for hour in range(1, 4):
        run(store, *outcomes, hour=hour)

    assert size_of(store) == before
    assert before[0] == 200
    assert before[1] / 200 < 250


def test_a_state_that_is_over_keeps_its_explanation_with_its_event(store):
    run(store, available(value="partly available"))
    run(store, available(), hour=1)

    first, last = find_one(store, "603").events

    assert [rule.value for rule in first.explanation.rules if not rule.passed] == ["partly available"]
    assert last.explanation is None
    assert find_one(store, "603").explanation.rules[-1].value == "available on the server"


def test_how_a_title_was_found_is_kept_when_it_is_only_remembered(store):
    item = an_item("Heat", year=1995)
    offered = (Candidate(MediaType.MOVIE, 949, "Heat", year=1995), Candidate(MediaType.MOVIE, 11636, "Heat", year=1986))
    match = Match(wanted(item), MediaType.MOVIE, 949, MatchMethod.TITLE_AND_YEAR, considered=offered)
    first = asked(item=item, tmdb_id=949)
    run(store, replace(first, decision=replace(first.decision, match=match)))
    run(
        store,
        left(ItemStatus.DECLINED, tmdb_id=949, item=item, reason="declined", method=MatchMethod.REMEMBERED),
        hour=1,
    )

    told = find_one(store, "949").explanation

    assert (told.method, told.entry) == (MatchMethod.TITLE_AND_YEAR, "Heat (1995)")
    assert told.considered == ("Heat (1995) [movie 949]", "Heat (1986) [movie 11636]")


def test_a_kept_state_keeps_its_explanation(store):
    run(store, with_rules(asked(BEST), *PASSED))
    run(store, left(ItemStatus.ALREADY_REQUESTED, reason="requested on the server"), hour=1)

    assert find_one(store, "603").explanation.rules == PASSED


def test_an_entry_without_a_match_names_what_was_considered(store):
    offered = tuple(Candidate(MediaType.MOVIE, number, "Heat") for number in range(1, 10))
    run(store, unmatched(an_item("Heat", year=1995), NoMatchReason.AMBIGUOUS, candidates=offered))

    told = find_one(store, "Heat").explanation

    assert (told.method, told.entry, len(told.considered)) == (None, "Heat (1995)", 5)


@pytest.mark.parametrize(
    "stored",
    [None, "", "{", "[]", "{}", '{"v":2}', '{"v":1,"rules":[99]}', '{"v":1,"by":"guess"}', '{"v":1,"seasons":3}'],
)
def test_a_row_without_a_readable_explanation_is_shown_and_gets_one_by_the_next_run(store, stored):
    run(store, asked(BEST))
    with store.writing() as connection:
        connection.execute(update(synced_items).values(explanation=stored))

    assert find_one(store, "603").explanation is None
    run(store, available(), hour=1)
    assert find_one(store, "603").explanation.source == "Best of 1994"


def test_the_size_of_an_explanation_is_limited():
    rules = [
        RuleResult("x" * 10_000, passed=number != 99, value="y" * 10_000, source="z" * 10_000) for number in range(100)
    ]
    told = explain(with_rules(available(), *rules))
    packed = pack_explanation(told)

    assert (len(told.rules), told.rules_left_out) == (MOST_RULES, 60)
    assert not told.rules[-1].passed
    assert len(packed) < MOST_RULES * (3 * LONGEST_TEXT + 20) + 2_000


def test_what_is_packed_is_unpacked_the_same():
    for told in (Explanation(), explain(available()), Explanation(rules=PASSED, seasons=(1, 2), requester_id=0)):
        assert unpack_explanation(pack_explanation(told)) == told
