"""The end of a pause or a snooze, from the length or the moment that people write."""

from datetime import datetime, timedelta, tzinfo

from list_sync.errors import ConfigError
from list_sync.model.lengths import find_length
from list_sync.model.moments import is_to_come

LONGEST_PAUSE = timedelta(days=366)


def parse_pause(text: str, *, zone: tzinfo, now: datetime, what: str = "pause") -> datetime:
    """Return the end of a pause from its length (`3d`) or its end (`2026-12-01 18:00`); raise ConfigError."""
    length = find_length(text)
    if length is not None:
        until = now + length
    else:
        try:
            until = datetime.fromisoformat(text.strip().upper())
        except ValueError:
            off = "off" if what == "pause" else "--off"
            examples = f"write 30m, 12h, 3d, 2w, a date such as 2026-12-01, or {off}"
            raise ConfigError(f'{what}: "{text}" is not a time: {examples}') from None
        until = until if until.tzinfo else until.replace(tzinfo=zone)
    if not is_to_come(until, within=LONGEST_PAUSE, now=now):
        raise ConfigError(f'{what}: "{text}" is over already, or longer than {LONGEST_PAUSE.days} days')
    return until.astimezone(zone)
