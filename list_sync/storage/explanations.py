"""Explanations as the short JSON that is stored for each title."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from list_sync.model.decisions import RequestOutcome
from list_sync.model.explanations import LONGEST_TEXT, Explanation, explain
from list_sync.model.matches import MatchMethod
from list_sync.model.rules import OWN_RULES, RuleResult
from list_sync.model.terms import Approval, SentOptions

VERSION = 1
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_NUMBERS = {words: number for number, words in enumerate(OWN_RULES)}

T = TypeVar("T")


def build_explanation(outcome: RequestOutcome, stored: str | None) -> Explanation:
    """Return the explanation of an outcome; a remembered match keeps what is stored of how the title was found.

    Without rules, as in an undo, nothing was decided about the wish: that stays, too.
    """
    explanation = explain(outcome)
    if explanation.method is MatchMethod.REMEMBERED and (known := unpack_explanation(stored)) and known.method:
        found = replace(explanation, method=known.method, entry=known.entry, considered=known.considered)
        explanation = found if found.rules else replace(known, rules=(), rules_left_out=0)
    return explanation


def pack_explanation(explanation: Explanation) -> str:
    """Return an explanation as JSON without what is usual, because there is one for each title."""
    document = {
        "v": VERSION,
        "by": explanation.method,
        "entry": explanation.entry,
        "among": explanation.considered,
        "list": explanation.source,
        "for": explanation.requester_id,
        "approval": None if explanation.approval is Approval.REQUESTER else explanation.approval,
        "priority": explanation.priority,
        "seasons": explanation.seasons,
        "options": explanation.options and _pack_options(explanation.options),
        "rules": [_pack_rule(rule) for rule in explanation.rules],
        "more": explanation.rules_left_out,
    }
    return _ENCODER.encode({name: value for name, value in document.items() if value})


def unpack_explanation(text: str | None) -> Explanation | None:
    """Return a stored explanation; None if there is none, or if another version of ListSync wrote it."""
    if text is None:
        return None
    try:
        document = json.loads(text)
        if document["v"] != VERSION:
            return None
        return Explanation(
            method=MatchMethod(document["by"]) if "by" in document else None,
            entry=_text(document.get("entry", "")),
            considered=_all(document.get("among", []), _text),
            source=_text(document.get("list", "")),
            requester_id=int(document.get("for", 0)),
            approval=Approval(document.get("approval", Approval.REQUESTER)),
            priority=int(document.get("priority", 0)),
            seasons=_all(document.get("seasons", []), int),
            options=_unpack_options(document["options"]) if "options" in document else None,
            rules=_all(document.get("rules", []), _unpack_rule),
            rules_left_out=int(document.get("more", 0)),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError):
        return None


def _pack_options(options: SentOptions) -> list[object]:
    return [options.server_id, options.profile_id, options.root_folder, options.tags]


def _unpack_options(values: Any) -> SentOptions:
    server_id, profile_id, root_folder, tags = values
    return SentOptions(server_id, profile_id, root_folder, None if tags is None else _all(tags, int))


def _pack_rule(rule: RuleResult) -> object:
    """Return a result as a list, or only the number of a rule of our own that says nothing more than that it passed."""
    name = _NUMBERS.get(rule.rule, rule.rule[:LONGEST_TEXT])
    if isinstance(name, int) and rule.passed and not (rule.value or rule.source):
        return name
    texts = [rule.value[:LONGEST_TEXT], rule.source[:LONGEST_TEXT]]
    return [name, int(rule.passed), *(texts if rule.source else texts[:1])]


def _unpack_rule(packed: Any) -> RuleResult:
    name, passed, value, source, *_ = [*packed, "", ""] if isinstance(packed, list) else [packed, 1, "", ""]
    return RuleResult(
        OWN_RULES[name] if isinstance(name, int) else _text(name), bool(passed), _text(value), _text(source)
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("an explanation of another form")
    return value


def _all(values: Any, read: Callable[[Any], T]) -> tuple[T, ...]:
    return tuple(read(value) for value in values)
