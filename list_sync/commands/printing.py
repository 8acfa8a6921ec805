"""How commands print: Rich on a terminal, plain lines elsewhere, complaints on stderr."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from list_sync.model.sources import CACHE_ROUTE, Attempt, describe_unsupported

ORDERS = str.maketrans(dict.fromkeys([*range(32), *range(127, 160)], " "))


def is_terminal() -> bool:
    """Tell whether a person looks at our output as it comes."""
    return sys.stdout.isatty()


def one_line(text: str) -> str:
    """Return a text that cannot move the cursor or start a line of its own."""
    return text.translate(ORDERS).rstrip()


def say(text: str = "") -> None:
    """Print one line."""
    print(one_line(text))


def complain(text: str) -> None:
    """Print one line to stderr."""
    print(one_line(text), file=sys.stderr)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print rows: a table on a terminal, else a line for each with its cells two blanks apart."""
    cells = [[one_line("" if cell is None else str(cell)) for cell in row] for row in rows]
    if is_terminal():
        _print_rich(columns, cells, title)
        return
    lines = [[column.upper() for column in columns], *cells]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_rich(columns: Sequence[str], cells: Sequence[Sequence[str]], title: str) -> None:
    # Here, because the daemon never draws a table and would carry 3 MB for it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None, title_justify="left", header_style="bold")
    for row in cells:
        # As Text: a title like "[REC]" would else be read as markup.
        table.add_row(*(Text(cell) for cell in row))
    Console(highlight=False).print(table)


def shown_time(moment: datetime | None, zone: tzinfo) -> str:
    """Return a moment as people in `zone` write it, or a dash."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "-"


def shown_count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where one is due."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown_note(reason: str | None, attempts: Sequence[Attempt], unsupported: int, kinds: Mapping[str, int]) -> str:
    """Return the note on a list: why it is not whole or how it was read, and what cannot be requested.

    Where a copy was used, that includes how old it is.
    """
    age = attempts[0].reason if reason and attempts and attempts[0].route == CACHE_ROUTE else ""
    left_out = describe_unsupported(unsupported, kinds) if unsupported else ""
    return "; ".join(filter(None, [age, reason or shown_attempts(attempts), left_out]))


def shown_attempts(attempts: Sequence[Attempt]) -> str:
    """Return what the ways of a list came to, where that is more than that the first one served."""
    if len(attempts) == 1:
        return attempts[0].reason
    return ", ".join(f"{attempt.route}: {attempt.outcome.words}" for attempt in attempts)
