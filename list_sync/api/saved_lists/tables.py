"""Finds the table in a text: its delimiter, its header, and the lines before it."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from list_sync.api.saved_lists.columns import ID_KEYS, find_known_keys, plain_cell, plain_column
from list_sync.api.saved_lists.documents import Text
from list_sync.api.saved_lists.entries import SERVICE
from list_sync.api.saved_lists.kinds import plain_key
from list_sync.api.saved_lists.rows import SAMPLE_ROWS, BrokenRow, Row, sample_rows, strict_rows
from list_sync.api.saved_lists.text_lists import parse_id
from list_sync.errors import UnexpectedResponse

_LETTERBOXD_LIST = "letterboxd list export"
_DELIMITERS = ",;\t|"
# The line that states the delimiter for a spreadsheet.
_STATED = re.compile(r'\s*"?sep=(?P<delimiter>\\t|\t|[^\w\s"])"?[ ,;\t|]*(?:[\r\n]|$)', re.IGNORECASE)
_IMDB_ID = re.compile(r"(?:tt|nm)\d{7,}", re.ASCII)
# The line about the delimiter and the first words after it.
_HEAD = 2_000
_ROWS_BEFORE_HEADER = 100
# A line such as "Movies, shows" may look like a header; a line below with more known columns is the header.
_ROWS_TO_BETTER_HEADER = 3
# These words may be names of columns, but also values in a column of kinds.
_KIND_WORDS = frozenset({"movie", "movies", "film", "films", "show", "shows", "series", "фильм"})
_NUMERIC = re.compile(r"(?=\D*\d)[\s\d.,:/()–-]+", re.ASCII)
_DIGIT = re.compile(r"\d")
_RULE = re.compile(r"[-=_*~+:. ]{3,}")
# The weight of a row with more cells than columns, and of a row with a single cell.
_TOO_LONG, _SHORT = 0.25, 0.5
# The place of a row, its number of known columns, and the share of the rows below that fit it.
_Header = tuple[int, tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a text: the plain names of its columns, and the rows before its header.

    Its rows begin below the line `header_line`. `fit` is how well they fit the header.
    """

    text: Text
    delimiter: str
    columns: tuple[str, ...]
    header_line: int
    before: tuple[Row, ...] = ()
    fit: float = 0.0

    def rows(self) -> Iterator[Row | BrokenRow]:
        """Yield the rows that are not empty; raise UnexpectedResponse with the line where the table breaks off."""
        for row in strict_rows(self.text, self.delimiter):
            if row.line > self.header_line and (isinstance(row, BrokenRow) or not _is_empty(row.cells)):
                yield row


def _is_empty(cells: Sequence[str]) -> bool:
    """Return whether a row holds no entry: blank, a line of signs, or a comment."""
    said = [cell.strip() for cell in cells if cell.strip()]
    return all(map(_RULE.fullmatch, said)) or (said[0].startswith("# ") and cells[0].strip() == said[0])


def find_columns(cells: Sequence[str]) -> tuple[str, ...] | None:
    """Return the columns of a row that is the header of another table; None for an entry."""
    if any(map(_DIGIT.search, cells)):
        return None
    columns = tuple(map(plain_column, cells))
    known = find_known_keys(columns)
    return columns if len(known) > 1 and known & {*ID_KEYS, "title"} else None


def find_table(text: Text) -> Table | None:
    """Return the table in a text, or None without a known header and without a column of ids.

    Raise UnexpectedResponse for a list of Letterboxd that breaks off before its films.
    """
    stated = _STATED.match(text.head(_HEAD))
    delimiter = stated["delimiter"].replace("\\t", "\t") if stated else ""
    found = [table for one in delimiter if (table := _find_in(text, one))]
    found = found or [table for one in _DELIMITERS if (table := _find_in(text, one))]
    if not found and is_letterboxd_list(text):
        raise UnexpectedResponse(SERVICE, "a Letterboxd list that breaks off before its films")
    if len(found) < 2:
        return next(iter(found), None)
    return max(found, key=lambda table: (_is_well_quoted(table), table.fit, len(table.columns)))


def _is_well_quoted(table: Table) -> bool:
    """Return whether the quotes in the first rows are next to the delimiter, as they should be."""
    try:
        rows = list(itertools.islice(strict_rows(table.text, table.delimiter), SAMPLE_ROWS))
    except UnexpectedResponse:
        return False
    return not any(isinstance(row, BrokenRow) for row in rows)


def is_letterboxd_list(text: Text) -> bool:
    """Return whether a text begins like a list exported by Letterboxd: with rows about the list."""
    head = text.head(_HEAD)
    stated = _STATED.match(head)
    start = stated.end() if stated else 0
    return head[start : start + 200].lstrip(' \t\r\n"').lower().startswith(_LETTERBOXD_LIST)


def find_unknown_columns(text: Text) -> tuple[str, ...]:
    """Return the first row of a text that looks like a table, so that a message can name its columns."""
    for delimiter in _DELIMITERS:
        rows = [row.cells for row in sample_rows(text, delimiter) if row.cells][:5]
        is_even = len(rows) > 1 and len({len(cells) for cells in rows}) == 1
        if is_even and len(rows[0]) > 1 and all(cell.isprintable() for cell in rows[0]):
            return rows[0]
    return ()


def _find_in(text: Text, delimiter: str) -> Table | None:
    """Return the table that results from splitting the rows by one delimiter."""
    rows = sample_rows(text, delimiter)
    if is_letterboxd_list(text):
        start = _end_of_preamble(rows)
        headers = [(start, _fit_of(rows[start:], 0))]
    else:
        headers = [(place, _fit_of(rows, place)) for place in range(min(len(rows), _ROWS_BEFORE_HEADER))]
    chosen = _choose_header([header for header in headers if header[1][1] > 0])
    if chosen is not None:
        place, (known, share) = chosen
        columns = tuple(map(plain_column, rows[place].cells))
        # Lines above a header count against it: the notes of another table may quote a header.
        above, all_rows = (sum(bool(row.cells) for row in part) for part in (rows[:place], rows))
        fit = known * share * (1 - above / all_rows / 2)
        return Table(text, delimiter, columns, rows[place].line, tuple(rows[:place]), fit)
    return None if is_letterboxd_list(text) else _find_by_ids(text, delimiter, rows)


def _choose_header(headers: Sequence[_Header]) -> _Header | None:
    """Return the first header that most rows fit, or a better one close below it; else the one that fits best."""
    clear = [header for header in headers if header[1][1] >= _SHORT]
    if not clear:
        return max(headers, key=lambda header: header[1][0] * header[1][1], default=None)
    chosen = clear[0]
    for header in clear[1:]:
        if header[0] - chosen[0] <= _ROWS_TO_BETTER_HEADER and header[1][0] > chosen[1][0]:
            chosen = header
    return chosen


def _end_of_preamble(rows: Sequence[Row]) -> int:
    """Return the place of the header of Letterboxd's films: after the first blank row, or where its columns are.

    There is none if the second row, which holds only names of columns, is not split: then the delimiter is another.
    """
    said = [place for place, row in enumerate(rows) if row.cells and not row.cells[0].lower().startswith("sep=")]
    if len(said) < 2 or "name" not in map(plain_key, rows[said[1]].cells):
        return len(rows)
    second = said[1]
    is_after_blank = False
    for place, row in enumerate(rows[second + 1 :], second + 1):
        if row.cells and (is_after_blank or {"position", "name"} <= set(map(plain_key, row.cells))):
            return place
        is_after_blank = is_after_blank or not row.cells
    return len(rows)


def _fit_of(rows: Sequence[Row], place: int) -> tuple[int, float]:
    """Return the number of known columns in a row, and the share of the rows below that fit it as a header."""
    header = rows[place].cells if place < len(rows) else ()
    columns = tuple(map(plain_column, header))
    known = find_known_keys(columns)
    if not known & {*ID_KEYS, "title"}:
        return 0, 0.0
    before, below = ([row.cells for row in part if row.cells] for part in (rows[:place], rows[place + 1 :]))
    if not _is_header(columns, header, before) or _is_contradicted(columns, below):
        return 0, 0.0
    if not below:
        return (0, 0.0) if any(len(cells) > 1 for cells in before) else (len(known), 1.0)
    return len(known), sum(_row_fit(columns, cells) for cells in below) / len(below)


def _is_header(columns: Sequence[str], header: Sequence[str], before: Sequence[Sequence[str]]) -> bool:
    """Return whether cells can be names of columns with a title or ids among them; the lines above count, too."""
    known = find_known_keys(columns)
    if any(_is_id(cell) or _NUMERIC.fullmatch(cell) for cell in header):
        return False
    # A single word is the name of a column of titles only if no line comes before it.
    is_titled = "title" in known and (sum(map(bool, columns)) > 1 or not before)
    is_doubtful = not _KIND_WORDS.isdisjoint(columns) and any(len(cells) > 1 for cells in before)
    return bool(known & ID_KEYS) or (is_titled and not is_doubtful)


def _is_contradicted(columns: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether cells show that the row above is not their header."""
    # Lines of ids below the name of a column are read as lines of text, because each may hold several ids.
    if sum(map(bool, columns)) == 1 and any(parse_id(word) for cells in below for word in cells[0].split()):
        return True
    places = [place for place, column in enumerate(columns) if column in _KIND_WORDS]
    return any(plain_key(cells[place]) in _KIND_WORDS for cells in below for place in places if place < len(cells))


def _row_fit(columns: Sequence[str], cells: Sequence[str]) -> float:
    if any(cell.strip() for cell in cells[len(columns) :]):
        return _TOO_LONG
    if len(cells) > 1 or len(columns) == 1:
        return 1.0
    is_astray = parse_id(cells[0]) is not None and not find_known_keys(columns[:1]) & ID_KEYS
    return 0.0 if is_astray else _SHORT


def _find_by_ids(text: Text, delimiter: str, rows: Sequence[Row]) -> Table | None:
    """Return a table without a known header, by its column of ids; IMDb, for example, translates its headers."""
    wide = [row for row in rows if len(row.cells) > 1]
    first = next((row for row in wide if _places_of_ids(row.cells)), None)
    if first is None:
        return None
    header = next(row for row in wide if len(row.cells) == len(first.cells))
    header_line = header.line if header is not first else first.line - 1
    names = [plain_column(cell) for cell in header.cells] if header is not first else [""] * len(first.cells)
    below = [row.cells for row in rows if row.cells and row.line > header_line]
    found = [_places_of_ids(cells) for cells in below]
    before = [row for row in rows if row.cells and row.line <= header_line]
    # Without a header, each of several ids in a row may be an entry.
    counts = [sum(_is_id(word) for cell in cells for word in cell.split()) for cells in below]
    is_headless = header is first and not before and all(count == 1 for count in counts)
    if any(len(cells) < 2 for cells in below) or (header is first and not is_headless):
        return None
    place = max(range(len(names)), key=lambda column: sum(column in ids for ids in found))
    share = sum(place in ids for ids in found) / len(found)
    if all(
        _IMDB_ID.fullmatch(plain_cell(cell)) for cells in below for cell in cells[place : place + 1] if cell.strip()
    ):
        names[place] = "const"
    return Table(text, delimiter, tuple(names), header_line, tuple(before), share) if share >= _SHORT else None


def _places_of_ids(cells: Sequence[str]) -> list[int]:
    return [place for place, cell in enumerate(cells) if _is_id(cell)]


def _is_id(cell: str) -> bool:
    text = plain_cell(cell)
    return parse_id(text) is not None or _IMDB_ID.fullmatch(text) is not None
