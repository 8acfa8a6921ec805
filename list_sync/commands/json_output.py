"""The output of --json: one JSON object on stdout; times are UTC."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime


def print_json(content: Mapping[str, object]) -> None:
    """Print one object and nothing else."""
    print(json.dumps(content, default=_plain))


def shown_utc(moment: datetime) -> str:
    """Return a moment as in 2026-11-22T12:00:00Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(value: object) -> object:
    """Return what JSON has for a value of ours: a dataclass is the object of its fields."""
    if isinstance(value, datetime):
        return shown_utc(value)
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return dict(value) if isinstance(value, Mapping) else str(value)
