"""A run that applies a plan requests what the plan says and still holds, and nothing else."""

from dataclasses import replace

import pytest

from list_sync.model.decisions import ItemStatus, Request, Skip
from list_sync.model.plans import LineKind, PlanLine
from list_sync.model.terms import Approval, SentOptions
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.planned import keep_to
from tests.builders import a_match

SHOW = Request(a_match(1399, MediaType.TV), Quality.HD, (1, 2, 3), 7)
LINE = PlanLine(LineKind.REQUEST, "A Show", MediaType.TV, 1399, Quality.HD, (1, 2, 3), 7)


def kept(request, line):
    (decision,) = keep_to([request], {line.key: line} if line else {})
    return decision


def test_a_request_that_the_plan_holds_is_kept_as_it_is():
    assert kept(SHOW, LINE) == SHOW


def test_without_a_plan_everything_is_kept():
    assert keep_to([SHOW], None) == [SHOW]


def test_what_the_plan_does_not_hold_is_left_out_and_keeps_its_state():
    skip = kept(SHOW, None)

    assert isinstance(skip, Skip)
    assert skip.status is ItemStatus.WOULD_REQUEST


@pytest.mark.parametrize(
    ("now", "planned", "sent"),
    [((2, 3), (1, 2, 3), (2, 3)), ((1, 2, 3, 4), (1, 2, 3), (1, 2, 3)), ((), (1, 2), ()), ((4,), (1, 2), None)],
)
def test_only_seasons_are_sent_that_the_plan_names_and_that_are_still_missing(now, planned, sent):
    decision = kept(replace(SHOW, seasons=now), replace(LINE, seasons=planned))

    assert (decision.seasons if isinstance(decision, Request) else None) == sent


@pytest.mark.parametrize(
    "change", [{"requester_id": 8}, {"approval": Approval.KEY}, {"options": SentOptions(profile_id=4)}]
)
def test_a_request_that_would_be_another_one_by_now_is_not_sent(change):
    decision = kept(replace(SHOW, **change), LINE)

    assert isinstance(decision, Skip)
    assert "plan" in decision.reason
