"""Printing of commands: lines that fit the terminal, whole lines elsewhere, problems on stderr."""

import re
import shutil
import sys
from collections.abc import Sequence
from typing import TextIO

from list_sync.log import spell_invisible

ORDERS = str.maketrans(dict.fromkeys([*range(32), *range(127, 160)], " "))
# As in "server    http://…" and "  state    requested".
LABEL = re.compile(r"\s*[\w-]{2,9}( \w+)?\s{2,}")
INDENT = re.compile(r"\s*")


def is_terminal() -> bool:
    """Return whether our output goes to a terminal."""
    return sys.stdout.isatty()


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
