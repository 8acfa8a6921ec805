"""The rows of a text in CSV, read line by line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from list_sync.api.saved_lists.documents import Text
from list_sync.api.saved_lists.entries import SERVICE
from list_sync.errors import TooLarge, UnexpectedResponse

SAMPLE_ROWS = 1_000
_SAMPLE_LENGTH = 1024 * 1024
_MOST_CELLS = 2_000
_LONGEST_ROW = 2 * 1024 * 1024
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and the line on which it begins; an empty row has no cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that is left out because its quotes do not match."""

    line: int


def sample_rows(text: Text, delimiter: str) -> list[Row]:
    """Return the first rows, up to the line where the text breaks off."""
    reader = csv.reader(_beginning(text), delimiter=delimiter, skipinitialspace=True)
    rows: list[Row] = []
    try:
        while len(rows) < SAMPLE_ROWS:
            rows.append(_row(reader.line_num + 1, next(reader)))
    except (csv.Error, StopIteration):
        pass
    return rows


def _beginning(text: Text) -> Iterator[str]:
    """Yield the first lines, up to a limit on their length."""
    length = 0
    for line in text.lines():
        length += len(line)
        if length > _SAMPLE_LENGTH:
            return
        yield line


def strict_rows(text: Text, delimiter: str) -> Iterator[Row | BrokenRow]:
    """Yield all rows; raise UnexpectedResponse with the line where the text breaks off."""
    length = 0

    def lines() -> Iterator[str]:
        nonlocal length
        for each in text.lines():
            length += len(each)
            # Quoted cells may have many lines each.
            if length > _LONGEST_ROW:
                raise TooLarge(f"the row from line {line} has over {_LONGEST_ROW:,} characters: not a list")
            yield each

    reader = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        length, line = 0, reader.line_num + 1
        try:
            yield _row(line, next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            # After an error in quotes the reader continues with the next line; after any other error it cannot.
            if "expected after" not in str(error):
                raise UnexpectedResponse(SERVICE, f"CSV that cannot be read: line {line}, {error}") from error
            yield BrokenRow(line)


def _row(line: int, cells: Sequence[str]) -> Row:
    if len(cells) > _MOST_CELLS:
        raise TooLarge(f"line {line} has {len(cells):,} cells: not a list")
    return Row(line, tuple(cells) if any(cell.strip() for cell in cells) else ())
