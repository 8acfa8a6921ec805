"""Terms as plain values under the keys of lists.yaml, for JSON."""

from dataclasses import fields, is_dataclass
from typing import Any

from list_sync.config.policy.words import describe_length
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import Quality


def state_terms(terms: Terms) -> dict[str, Any]:
    """Return every key with its value; null is no value."""
    qualities = {Quality.HD: "hd", Quality.UHD: "4k"}
    return {
        "requester": terms.requester or str(terms.requester_id),
        "approval": terms.approval.value,
        "quality": "both" if len(terms.qualities) > 1 else qualities[terms.qualities[0]],
        "seasons": _state_seasons(terms.seasons),
        "max_seasons": terms.max_seasons,
        "limit": terms.limit,
        "order": terms.order.value,
        "max_new_per_day": terms.max_new_per_day,
        "max_open": terms.max_open,
        "hold": describe_length(terms.hold) if terms.hold else None,
        "again": terms.again.value,
        "withdraw": terms.withdraw.value,
        "schedule": terms.schedule or None,
        "priority": terms.priority,
        "filters": _state(terms.filters),
        "server": _state(terms.server),
        "exclude_lists": list(terms.exclude_lists),
    }


def _state_seasons(rule: SeasonRule) -> str | list[int]:
    if rule.choice is SeasonChoice.NUMBERS:
        return sorted(rule.numbers)
    return f"first:{rule.first}" if rule.choice is SeasonChoice.FIRST and rule.first > 1 else rule.choice.value


def _state(value: Any) -> Any:
    """Return a value of ours as JSON has it; parts without a value are left out."""
    if is_dataclass(value):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _state(part) for name, part in parts.items() if part not in (None, frozenset())}
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value
