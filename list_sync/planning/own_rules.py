"""The rules of ListSync itself, in the order in which a title is held against them, and their results for `why`."""

from dataclasses import replace
from enum import IntEnum
from functools import lru_cache

from list_sync.model.decisions import Decision, Request, Skip
from list_sync.model.rules import RuleResult


class OwnRule(IntEnum):
    """What every title must pass; the order is that of the decision."""

    BAN = 0
    MATCH = 1
    QUALITY = 2
    SERVER = 3
    OURS = 4
    TMDB = 5
    NAME = 6
    LEFT = 7


_WORDS = {
    OwnRule.BAN: "you did not ban it",
    OwnRule.MATCH: "one title of TMDB fits it",
    OwnRule.QUALITY: "the server takes this quality",
    OwnRule.SERVER: "the server does not keep it away",
    OwnRule.OURS: "our earlier requests allow it",
    OwnRule.TMDB: "TMDB has it",
    OwnRule.NAME: "the list and TMDB agree",
    OwnRule.LEFT: "something is left to request",
}
_PASSED = tuple(RuleResult(words, passed=True) for words in _WORDS.values())


def fail(rule: OwnRule, skip: Skip) -> Skip:
    """Return the skip of a title that fails a rule, with the results of the rules up to it."""
    return replace(skip, rules=(*_up_to(rule, skip.reason, passed=False), *skip.rules))


def try_rule(rule: OwnRule, skip: Skip | None) -> Skip | None:
    """Return the same, or None for a title that passes."""
    return skip and fail(rule, skip)


def judge(decision: Decision) -> Decision:
    """Return the decision by the last rule, with the results of all."""
    if isinstance(decision, Skip):
        return fail(OwnRule.LEFT, decision)
    return replace(decision, rules=(*_up_to(OwnRule.LEFT, _describe_rest(decision), passed=True), *decision.rules))


def _describe_rest(request: Request) -> str:
    return f"season {', '.join(map(str, request.seasons))}" if request.seasons else "not on the server"


# Most titles share their reason, and so the results: 100,000 titles would hold 16 MB of them otherwise.
@lru_cache(maxsize=1024)
def _up_to(rule: OwnRule, value: str, *, passed: bool) -> tuple[RuleResult, ...]:
    return (*_PASSED[:rule], RuleResult(_WORDS[rule], passed, value))
