"""Every wish's decision, before the caps."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from list_sync.model.decisions import Decision, Knowledge, Policy, RequestOutcome, Skip, Wish
from list_sync.planning.again import decide_again
from list_sync.planning.decide import decide
from list_sync.planning.planned import keep_to
from list_sync.planning.snoozed import hold_snoozed


def decide_all(wishes: Sequence[Wish], knowledge: Knowledge, policy: Policy, *, now: datetime) -> list[Decision]:
    """Return one decision for each wish, in their order."""
    decided = (decide_again(wish, decide(wish, knowledge, now=now), knowledge, now=now) for wish in wishes)
    return keep_to([hold_snoozed(decision, knowledge) for decision in decided], policy.planned)


def part_doubles(wishes: Iterable[Wish], outcomes: Sequence[RequestOutcome]) -> tuple[list[Wish], list[RequestOutcome]]:
    """Part wishes in those still to be decided, and the outcomes of those that are doubles of decided ones."""
    decided = {outcome.decision.quality_key: outcome for outcome in outcomes if outcome.decision.quality_key}
    others: list[Wish] = []
    doubles: list[RequestOutcome] = []
    for wish in wishes:
        first = decided.get(wish.key) if wish.key else None
        if first is None:
            others.append(wish)
        else:
            skip = Skip(wish.result, first.status, first.reason, wish.quality)
            doubles.append(replace(first, decision=skip))
    return others, doubles
