"""Lets titles wait that the user snoozed."""

from collections.abc import Mapping
from datetime import datetime

from list_sync.model.decisions import Decision, ItemStatus, Knowledge, Request, Skip
from list_sync.model.moments import shown
from list_sync.model.rules import RuleResult
from list_sync.model.waiting import SNOOZED_UNTIL


def hold_snoozed(decision: Decision, knowledge: Knowledge) -> Decision:
    """Return the decision, or a title that waits until the end of its snooze."""
    if not isinstance(decision, Request) or not knowledge.snoozed:
        return decision
    until = _find_end(decision, knowledge.snoozed)
    if until is None:
        return decision
    rules = (*decision.rules, RuleResult("you did not snooze it", passed=False, value=f"until {shown(until)}"))
    return Skip(decision.match, ItemStatus.WAITING, describe(until), decision.quality, rules)


def _find_end(request: Request, snoozed: Mapping[str, datetime]) -> datetime | None:
    keys = (f"tmdb:{request.match.media_type.value}:{request.match.tmdb_id}", *request.match.wanted.item.keys)
    return max((snoozed[key] for key in keys if key in snoozed), default=None)


def describe(until: datetime) -> str:
    """Return why a snoozed title waits, and when it is requested."""
    return f"{SNOOZED_UNTIL}{shown(until)}; requested by the first sync after that"
