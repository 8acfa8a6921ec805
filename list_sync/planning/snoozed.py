"""Lets titles wait that the user snoozed."""

from datetime import datetime

from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Request, Skip
from list_sync.model.moments import shown
from list_sync.model.rules import RuleResult
from list_sync.model.waiting import SNOOZED_UNTIL


def hold_snoozed(decision: Decision, knowledge: Knowledge) -> Decision:
    """Return the decision, or a title that waits until the end of its snooze."""
    until = knowledge.snoozed.get(decision.quality_key) if isinstance(decision, Request) else None
    if until is None or not isinstance(decision, Request):
        return decision
    rules = (*decision.rules, RuleResult("you did not snooze it", passed=False, value=f"until {shown(until)}"))
    return Skip(decision.match, ItemStatus.WAITING, describe(until), decision.quality, rules)


def describe(until: datetime) -> str:
    """Return why a snoozed title waits, and when it is requested."""
    return f"{SNOOZED_UNTIL}{shown(until)}; requested by the first sync after that"
