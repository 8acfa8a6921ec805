"""Lengths of time as people write them: 30m, 12h, 1d 12h."""

import re
from datetime import timedelta

_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(min|[mhdw]) *")
# Longer than any length that has a meaning here, and short enough to be added to a date.
_LONGEST = timedelta(days=36_500)


def find_length(text: str) -> timedelta | None:
    """Return the length of time that a text states, and None for another text; the longest is a hundred years."""
    text = text.strip().lower()
    parts = list(_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return None
    minutes = sum(float(part[1]) * _MINUTES[part[2]] for part in parts)
    return timedelta(minutes=min(minutes, _LONGEST / timedelta(minutes=1)))
