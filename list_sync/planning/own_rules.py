"""The results of the rules of ListSync itself, in the order in which a title is held against them."""

from dataclasses import replace
from functools import lru_cache

from list_sync.model.decisions import Decision, ItemStatus, Request, Skip
from list_sync.model.rules import OWN_RULES, OwnRule, RuleResult

_PASSED = tuple(RuleResult(words, passed=True) for words in OWN_RULES)


def fail(rule: OwnRule, skip: Skip) -> Skip:
    """Return the skip of a title that fails a rule, with the results of the rules up to it."""
    return replace(skip, rules=_up_to(rule, skip.reason, passed=False) + skip.rules)


def try_rule(rule: OwnRule, skip: Skip | None) -> Skip | None:
    """Return the same, or None for a title that passes."""
    return skip and fail(rule, skip)


def hold(request: Request, reason: str) -> Skip:
    """Return the skip of a title that would be requested and waits for its turn."""
    waits = RuleResult(OwnRule.TURN.words, passed=False, value=reason)
    return Skip(request.match, ItemStatus.WAITING, reason, request.quality, (*request.rules, waits), request)


def judge(decision: Decision) -> Decision:
    """Return the decision by the last rule, with the results of all."""
    if isinstance(decision, Skip):
        return fail(OwnRule.LEFT, decision)
    return replace(decision, rules=_up_to(OwnRule.LEFT, _describe_rest(decision), passed=True) + decision.rules)


def _describe_rest(request: Request) -> str:
    return f"season {', '.join(map(str, request.seasons))}" if request.seasons else "not on the server"


# Most titles share their reason, and so the results: 100,000 titles would hold 16 MB of them otherwise.
@lru_cache(maxsize=1024)
def _up_to(rule: OwnRule, value: str, *, passed: bool) -> tuple[RuleResult, ...]:
    return (*_PASSED[:rule], RuleResult(rule.words, passed, value))
