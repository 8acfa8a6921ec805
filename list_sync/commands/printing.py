"""Printing of commands: lines that fit the terminal, whole lines elsewhere, problems on stderr."""

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TextIO

from list_sync.log import spell_invisible
from list_sync.model.titles import MediaType, Quality

ORDERS = str.maketrans(dict.fromkeys([*range(32), *range(127, 160)], " "))
# As in "server    http://…" and "  state    requested".
LABEL = re.compile(r"\s*[\w-]{2,9}( \w+)?\s{2,}")
INDENT = re.compile(r"\s*")
# When a title that waits goes, as reasons state it.
TURN = re.compile(
    r"(its turn comes (?:at|after)|(?:it rests|snoozed by you|you did not snooze it:) until)"
    r" (\d{4}-\d\d-\d\d \d\d:\d\d) UTC"
)


def is_terminal() -> bool:
    """Return whether our output goes to a terminal."""
    return sys.stdout.isatty()


def shown_user(number: int | None, names: Mapping[int, str]) -> str:
    """Return the name by which a list states a user, or the number."""
    return names.get(number or 0) or f"user {number}"


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


def one_line(text: str) -> str:
    """Return a text as one line without control characters; invisible ones are spelled."""
    return spell_invisible(text.translate(ORDERS)).rstrip()


def line_width() -> int | None:
    """Return how long printed lines may be: COLUMNS, or the width of the terminal; None for files and pipes."""
    return shutil.get_terminal_size((0, 0)).columns or None


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def wrap(text: str, width: int) -> list[str]:
    """Return a text as lines; words, such as addresses, are never cut, and a command is kept apart from its comment.

    Further lines begin below the text that follows a label, or a little to the right of the first line.
    """
    if width_of(text) <= width:
        return [text]
    begin = (LABEL.match(text) or INDENT.match(text) or [""])[0]
    line, lines = begin, list[str]()
    margin = " " * (len(begin) if begin.strip() else len(begin) + 2)
    command, mark, comment = text[len(begin) :].partition("  # ")
    words = [command, f"# {comment}"] if mark else command.split()
    for word in words:
        if line.strip() and width_of(line) + width_of(word) > width:
            lines.append(line.rstrip())
            line = margin if len(margin) + width_of(word) <= width else ""
        line += f"{word} "
    return [*lines, line.rstrip()]


def say(*texts: str) -> None:
    """Print each text as a line, on several lines where one would be too long for the terminal."""
    _print(sys.stdout, texts or ("",))


def complain(*texts: str) -> None:
    """Print lines to stderr, as `say` does."""
    _print(sys.stderr, texts)


def _print(stream: TextIO, texts: Sequence[str]) -> None:
    width, lines = line_width(), list(map(one_line, texts))
    # Written in one step, because bars may be drawn between two steps.
    stream.write("".join(f"{part}\n" for line in lines for part in (wrap(line, width) if width else [line])))


def shown_time(moment: datetime | None, zone: tzinfo) -> str:
    """Return a moment in the time zone `zone`, or a dash."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "-"


def shown_reason(reason: str, zone: tzinfo) -> str:
    """Return the reason of a title that waits, with the moment at which it goes in the time zone `zone`."""

    def show(found: re.Match[str]) -> str:
        moment = datetime.fromisoformat(found[2]).replace(tzinfo=UTC)
        return f"{found[1]} {moment.astimezone(zone):%Y-%m-%d %H:%M}"

    return TURN.sub(show, reason)
