"""Parsing the text of a setting into its value; every ValueError names the form and gives an example."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from functools import partial
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Choice = TypeVar("Choice")

LONGEST_SHOWN = 24
LONGEST_INTERVAL_HOURS = 8760.0
SHORTEST_INTERVAL = timedelta(minutes=1)
URL_EXAMPLE = "http://192.168.1.10:5055"

HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+(%[\w.-]+)?")
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
UMASK = re.compile(r"0?[0-7]{3}")
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])\s*([0-9]{1,2})(?::?([0-5][0-9]))?", re.IGNORECASE)
# Others may try keys on what they find in a shared Redis.
SHORTEST_CACHE_KEY = 16

# Abbreviations that 0.6.x accepted for TZ and that the time zone database does not have.
ABBREVIATIONS = {
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "MDT": "America/Denver",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "EDT": "America/New_York",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "EEST": "Europe/Helsinki",
    "WEST": "Europe/Lisbon",
    "MSK": "Europe/Moscow",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "AWST": "Australia/Perth",
    "NZST": "Pacific/Auckland",
    "NZDT": "Pacific/Auckland",
}


def shown(text: str) -> str:
    """Return a value for an error message; a long one is hidden, because it could be a secret in the wrong setting."""
    return f'"{text}"' if len(text) <= LONGEST_SHOWN and text.isprintable() else "the value"


def drop_quotes(text: str) -> str:
    """Return the text without surrounding blanks and one surrounding pair of quotes."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].strip()
    return text


def drop_outer_quotes(text: str) -> str:
    """Return the same, but keep the outer quotes if there are quotes inside: they belong to single lists."""
    plain = drop_quotes(text)
    text = text.strip()
    return text if plain != text and text[0] in plain else plain


def _parse_choice(text: str, *, choices: Mapping[str, Choice], otherwise: str) -> Choice:
    """Return what an accepted word means, in any letter case; `otherwise` says what is wrong with other texts."""
    if text.lower() not in choices:
        raise ValueError(f"{shown(text)} {otherwise}")
    return choices[text.lower()]


parse_boolean = partial(
    _parse_choice,
    choices={"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False},
    otherwise="is neither true nor false; write true or false",
)
parse_log_level = partial(
    _parse_choice,
    choices={"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "warn": "WARNING", "error": "ERROR"},
    otherwise="is no log level; use DEBUG, INFO, WARNING or ERROR",
)
parse_log_format = partial(
    _parse_choice, choices={"text": "text", "json": "json"}, otherwise="is no log format; use text or json"
)
# What an episode on a list requests.
parse_episodes = partial(
    _parse_choice,
    choices={"show": "show", "ignore": "ignore"},
    otherwise="is neither show nor ignore; leave it out, or write one of them",
)


def parse_number(text: str, *, least: float, most: float, example: str) -> float:
    """Return a plain decimal number between the two bounds."""
    if not DECIMAL.fullmatch(text):
        advice = f"write it with a point, for example {example}" if "," in text else f"for example {example}"
        raise ValueError(f"{shown(text)} is not a number; {advice}")
    number = float(text)
    if not math.isfinite(number) or not least <= number <= most:
        raise ValueError(f"{shown(text)} is out of range; it must be from {least:g} to {most:g}, for example {example}")
    return number


def parse_whole(text: str, *, least: int, most: int, example: str) -> int:
    """Return a whole number between the two bounds."""
    if not WHOLE.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a whole number; for example {example}")
    number = int(text)
    if not least <= number <= most:
        raise ValueError(f"{shown(text)} is out of range; it must be from {least} to {most}, for example {example}")
    return number


def parse_interval(text: str) -> float:
    """Return the hours between two syncs: at least a minute, or 0 for a single sync."""
    hours = parse_number(text, least=0, most=LONGEST_INTERVAL_HOURS, example="24, or 0.5 for half an hour")
    if 0 < hours < SHORTEST_INTERVAL / timedelta(hours=1):
        raise ValueError(f"{shown(text)} is too short; write at least one minute: 0.0167, or 0 for one sync")
    return hours


def parse_url(text: str, *, example: str = URL_EXAMPLE) -> str:
    """Return an http(s) address without trailing slashes; errors never repeat it."""
    parts = _split_url(text, example)
    if parts.query or parts.fragment:
        raise ValueError(f"the address must end before any ? or #; for example {example}")
    return f"{parts.scheme.lower()}://{parts.netloc}{parts.path.rstrip('/')}"


def parse_ping_url(text: str) -> str:
    """Return the http(s) address of a monitor with its query; errors never repeat it, because it is a secret."""
    _split_url(text, "https://hc-ping.com/0a1b2c3d-0000-0000-0000-000000000000")
    return text.partition("#")[0]


def _split_url(text: str, example: str) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError(f"the address holds a blank; for example {example}")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"the address cannot be read; for example {example}") from None
    if parts.scheme.lower() not in ("http", "https") or "://" not in text:
        raise ValueError(f"the address must begin with http:// or https://; for example {example}")
    _check_host(parts, example=example)
    return parts


def _check_host(parts: SplitResult, *, example: str) -> None:
    """Raise ValueError if the host or port of an address is impossible."""
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"the port must be a number from 1 to 65535; for example {example}")
    if not parts.hostname:
        raise ValueError(f"the address has no host name; for example {example}")
    if not HOST.fullmatch(parts.hostname):
        raise ValueError(f"the host name holds a character that no host name has; for example {example}")


def parse_redis_url(text: str) -> str:
    """Return the address of a Redis; errors never repeat it, because it may hold a password."""
    example = "for example redis://redis:6379/0"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(f"the value is not an address; {example}") from None
    if parts.scheme.lower() not in ("redis", "rediss", "unix"):
        raise ValueError(f"the address must begin with redis://, rediss:// or unix://; {example}")
    if parts.scheme.lower() != "unix":
        _check_host(parts, example=example.removeprefix("for example "))
    return text


def parse_cache_key(text: str) -> str:
    """Return a secret that is long enough to sign with; errors never repeat it."""
    if len(text) < SHORTEST_CACHE_KEY:
        advice = "write a long random text, for example what `openssl rand -hex 32` prints"
        raise ValueError(f"the value has fewer than {SHORTEST_CACHE_KEY} characters; {advice}")
    return parse_line(text)


def parse_umask(text: str) -> str:
    """Return the rights that new files do not get; ListSync itself must be able to read and write them."""
    if not UMASK.fullmatch(text) or int(text, 8) & 0o700:
        raise ValueError(f"{shown(text)} is no umask that leaves the owner every right; for example 027, or 007")
    return text


def parse_server_url(text: str) -> str:
    """Return the address of the server, without a copied /api/v1."""
    url = parse_url(text)
    while url.lower().endswith("/api/v1"):
        url = url[: -len("/api/v1")].rstrip("/")
    return url


def parse_secret(text: str) -> str:
    """Return a key or token that fits in an HTTP header; errors never repeat it."""
    if any(character.isspace() for character in text):
        raise ValueError("the value holds a blank or a line break; copy the key alone, in one line")
    if not text.isascii() or not text.isprintable():
        raise ValueError("the value holds characters that no key has; copy the key again")
    return text


def parse_line(text: str) -> str:
    """Return a text of one line; errors never repeat it."""
    if not text.isprintable():
        raise ValueError("the value holds a line break or a control character; write it in one line")
    return text


def parse_zone(text: str) -> str:
    """Return the name of a time zone that find_zone knows."""
    try:
        find_zone(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{shown(text)} is no time zone; for example Europe/Berlin or UTC+2") from None
    return text


def find_zone(name: str) -> tzinfo:
    """Return the zone of an IANA name, one of the abbreviations of 0.6.x, or a form like UTC+2 (east of Greenwich)."""
    offset = OFFSET.fullmatch(name)
    if offset is None:
        return ZoneInfo(ABBREVIATIONS.get(name.upper(), name))
    sign, hours, minutes = offset.groups()
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(distance if sign == "+" else -distance)
