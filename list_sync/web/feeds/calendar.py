"""Writes entries as a calendar (RFC 5545)."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from list_sync.version import __version__
from list_sync.web.feeds.entries import FeedEntry

MEDIA_TYPE = "text/calendar"
# Lines are at most so many bytes long, without their end (section 3.1).
_LONGEST_LINE = 75
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def write_calendar(name: str, entries: Sequence[FeedEntry], *, base_url: str) -> bytes:
    """Return a calendar with an event for each entry; what is known to the day alone is an event of the whole day."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//ListSync//{__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escape(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        *(line for one in entries for line in _write_event(one, base_url)),
        "END:VCALENDAR",
    ]
    return b"".join(map(_fold, lines))


def _write_event(one: FeedEntry, base_url: str) -> Iterator[str]:
    address = f"{base_url}{one.path}" if base_url else one.address
    yield "BEGIN:VEVENT"
    yield f"UID:{one.number}@list-sync"
    yield f"DTSTAMP:{_moment(one.changed_at)}"
    yield f"DTSTART;VALUE=DATE:{one.at.astimezone(UTC):%Y%m%d}" if one.is_day else f"DTSTART:{_moment(one.at)}"
    yield f"SUMMARY:{_escape(one.title)}"
    if one.text:
        yield f"DESCRIPTION:{_escape(one.text)}"
    if one.kind:
        yield f"CATEGORIES:{_escape(one.kind)}"
    if address:
        yield f"URL:{_escape_address(address)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escape(text: str) -> str:
    """Return a text as a value of the type TEXT (section 3.3.11)."""
    plain = _CONTROL.sub(" ", text.replace("\r\n", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _escape_address(address: str) -> str:
    return re.sub(r"\s", "", _CONTROL.sub("", address))


def _fold(line: str) -> bytes:
    """Return a line with its end, over several lines where it is too long; no letter is divided."""
    folded, room = [], _LONGEST_LINE
    part = b""
    for letter in line:
        encoded = letter.encode()
        if len(part) + len(encoded) > room:
            folded.append(part)
            # The space before a further line counts.
            part, room = b"", _LONGEST_LINE - 1
        part += encoded
    return b"\r\n ".join([*folded, part]) + b"\r\n"
