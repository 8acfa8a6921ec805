"""Each decision names the rules that the title passed, and the one that it failed with the reason."""

from list_sync.model.decisions import Knowledge, OwnRequest, OwnState, Policy
from list_sync.model.matches import NoMatch, NoMatchReason
from list_sync.model.servers import Availability
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.caps import cap
from list_sync.planning.decide import decide
from tests.builders import NOON, SERVER, a_match, a_show, a_state, a_wanted, a_wish


def rules_of(result, quality=Quality.HD, **knowledge):
    decision = decide(a_wish(result, quality), Knowledge(SERVER, **knowledge), now=NOON)
    return [(rule.rule, rule.passed, rule.value) for rule in decision.rules]


def test_a_request_passed_every_rule_and_says_what_is_missing():
    film, show = rules_of(a_match()), rules_of(a_match(1399, MediaType.TV), details={(MediaType.TV, 1399): a_show()})

    assert [passed for _, passed, _ in film] == [True] * 8
    assert film[-1] == ("something is left to request", True, "not on the server")
    assert show[-1] == ("something is left to request", True, "season 1, 2, 3")


def test_a_title_that_fails_a_rule_names_it_last_with_the_reason():
    deleted = rules_of(a_match(), states={(MediaType.MOVIE, 603): a_state(availability=Availability.DELETED)})
    taken_back = rules_of(a_match(), own={(MediaType.MOVIE, 603, Quality.HD): OwnRequest(OwnState.ON_SERVER, NOON)})

    assert deleted[-1] == ("the server does not keep it away", False, "deleted on the server, so not asked for again")
    assert taken_back[-1][:2] == ("our earlier requests allow it", False)
    assert all(passed for rules in (deleted, taken_back) for _, passed, _ in rules[:-1])


def test_a_title_without_a_match_fails_by_its_own_rule():
    assert rules_of(NoMatch(a_wanted(), NoMatchReason.AMBIGUOUS, "two films"))[-1] == (
        "one title of TMDB fits it",
        False,
        "two films",
    )
    assert rules_of(NoMatch(a_wanted(), NoMatchReason.BANNED, "banned")) == [("you did not ban it", False, "banned")]


def test_a_title_that_waits_for_its_turn_keeps_the_rules_that_it_passed():
    request = decide(a_wish(a_match()), Knowledge(SERVER), now=NOON)

    (waits,) = cap([request], Policy(max_requests_per_run=1, requested_in_run={1: 1}))

    assert waits.rules[:-1] == request.rules
    assert (waits.rules[-1].rule, waits.rules[-1].passed) == ("its turn has come", False)
    assert "MAX_REQUESTS_PER_RUN=1 is reached" in waits.rules[-1].value
