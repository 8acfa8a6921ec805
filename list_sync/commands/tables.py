"""Tables as lines of text: cells side by side as far as the width of a line allows, long notes under their row."""

from collections.abc import Iterator, Sequence

import typer

from list_sync.commands.printing import line_width, one_line, width_of, wrap

GAP = "  "
NOTE_INDENT = 4
# A name in less room than this could hardly be read.
LEAST_ROOM = 16

Row = Sequence[str]


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "", extras: Sequence[str] = ()
) -> None:
    """Print rows as lines; the last column is a note, and `extras` are left out, in this order, where room is short."""
    cells = [[one_line("" if cell is None else str(cell)) for cell in row] for row in rows]
    heads = [column.upper() for column in columns]
    width = line_width()
    if title and width:
        typer.echo(typer.style(title, bold=True))
    for number, line in enumerate(_lay_out([heads, *cells], [heads.index(name.upper()) for name in extras], width)):
        typer.echo(line if number or not width else typer.style(line, bold=True))


def _lay_out(lines: list[Row], extras: Sequence[int], width: int | None) -> Iterator[str]:
    """Yield the lines of a table; the first one has the names of the columns."""
    if width is None:
        widths = _widths_of(lines)
        yield from (_join(line, widths) for line in lines)
        return
    # A few long names would move all other cells far to the right: each has a line of its own.
    first = max((size for line in lines if (size := width_of(line[0])) <= width // 2), default=0)
    for left_out in range(len(extras) + 1):
        gone = extras[:left_out]
        kept = [[cell for place, cell in enumerate(line) if place not in gone] for line in lines]
        _, *others = _widths_of([line[:-1] for line in kept])
        room = width - sum(others) - len(GAP) * len(others)
        if first <= room:
            break
    if first > room and room < LEAST_ROOM:
        yield from _lay_out_records(lines, width)
        return
    first = min(first, room)
    head, *rows = kept
    yield _join(head[:-1], [first, *others])
    for row in rows:
        yield from _lay_out_row(row, [first, *others], width)


def _widths_of(lines: Sequence[Row]) -> list[int]:
    return [max(map(width_of, column)) for column in zip(*lines, strict=True)]


def _join(cells: Row, widths: Sequence[int]) -> str:
    padded = (cell + " " * (size - width_of(cell)) for cell, size in zip(cells, widths, strict=True))
    return GAP.join(padded).rstrip()


def _lay_out_row(cells: Row, widths: Sequence[int], width: int) -> Iterator[str]:
    """Yield one row: a long name and a long note have lines of their own."""
    name, *others, note = cells
    if width_of(name) > widths[0]:
        yield name
        name = ""
    line = _join([name, *others], widths)
    beside = _join([name, *others, note], [*widths, width_of(note)])
    if width_of(beside) <= width:
        yield beside
        return
    yield line
    for part in note.split("; "):
        yield from wrap(" " * NOTE_INDENT + part, width)


def _lay_out_records(lines: list[Row], width: int) -> Iterator[str]:
    """Yield each row as a block with one line for each cell, for lines that are too short for a table."""
    (_, *heads), *rows = lines
    for name, *cells in rows:
        yield name
        for head, cell in zip(heads, cells, strict=True):
            if cell:
                yield from wrap(f"{GAP}{head.lower()}: {cell}", width)
