"""How times, seasons, users and reasons are written for people."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from list_sync.model.persons import FORGOTTEN
from list_sync.model.titles import MediaType, Quality

# When a title that waits goes, as reasons and rules state it.
_TURN = re.compile(
    r"(its turn comes (?:at|after)|(?:it rests|snoozed by you|you did not snooze it:) until)"
    r" (\d{4}-\d\d-\d\d \d\d:\d\d) UTC"
)
_TURN_DAY = re.compile(r"its turn comes about (\d{4}-\d\d-\d\d)|: (\d{4}-\d\d-\d\d), looked at again then$")


def shown_user(number: int | None, names: Mapping[int, str]) -> str:
    """Return the name by which a list states a user, or the number; one without a number was forgotten."""
    return names.get(number, f"user {number}") if number else FORGOTTEN


def shown_kind(kind: MediaType | None, quality: Quality) -> str:
    """Return the kind of a title with the quality in which it is wanted, if that is 4K."""
    return f"{kind.value if kind else '-'}{' 4k' if quality is Quality.UHD else ''}"


def shown_seasons(numbers: Sequence[int]) -> str:
    """Return seasons as in: season 1; seasons 1-3, 5."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    shown = ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)
    return f"{'season' if len(numbers) == 1 else 'seasons'} {shown}"


def shown_time(moment: datetime | None, zone: tzinfo) -> str:
    """Return a moment in the time zone `zone`, or a dash."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "-"


def shown_reason(reason: str, zone: tzinfo) -> str:
    """Return the reason of a title that waits, with the moment at which it goes in the time zone `zone`."""
    return _TURN.sub(lambda found: f"{found[1]} {_parse(found[2]).astimezone(zone):%Y-%m-%d %H:%M}", reason)


def find_turn(reason: str) -> datetime | None:
    """Return when a title that waits goes, or when it is out, as its reason states it."""
    if "its turn" not in reason and " until " not in reason and ", looked at again then" not in reason:
        return None
    if found := _TURN.search(reason):
        return _parse(found[2])
    found = _TURN_DAY.search(reason)
    return _parse(found[1] or found[2]) if found else None


def names_a_day(reason: str) -> bool:
    """Return whether a reason names the day alone, and no moment, on which its title goes."""
    return _TURN.search(reason) is None and _TURN_DAY.search(reason) is not None


def shown_bytes(size: int) -> str:
    """Return a size in KB or MB."""
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{max(1, round(size / 1024))} KB"


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
