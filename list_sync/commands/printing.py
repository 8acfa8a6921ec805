"""Printing of commands: Rich on a terminal, plain lines elsewhere, problems on stderr."""

import sys
from collections.abc import Sequence
from datetime import datetime, tzinfo

from list_sync.log import spell_invisible

ORDERS = str.maketrans(dict.fromkeys([*range(32), *range(127, 160)], " "))


def is_terminal() -> bool:
    """Return whether our output goes to a terminal."""
    return sys.stdout.isatty()


def one_line(text: str) -> str:
    """Return a text as one line without control characters; invisible ones are spelled."""
    return spell_invisible(text.translate(ORDERS)).rstrip()


def say(text: str = "") -> None:
    """Print one line."""
    print(one_line(text))


def complain(text: str) -> None:
    """Print one line to stderr."""
    print(one_line(text), file=sys.stderr)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print rows: as a table on a terminal, else as lines with two spaces between cells."""
    cells = [[one_line("" if cell is None else str(cell)) for cell in row] for row in rows]
    if is_terminal():
        _print_rich(columns, cells, title)
        return
    lines = [[column.upper() for column in columns], *cells]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_rich(columns: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> None:
    # Imported here, because it takes 3 MB, and the daemon never prints a table.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None, title_justify="left", header_style="bold")
    for row in cells:
        # As Text, because a title such as "[REC]" would be read as markup.
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)


def shown_time(moment: datetime | None, zone: tzinfo) -> str:
    """Return a moment in the time zone `zone`, or a dash."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "-"
