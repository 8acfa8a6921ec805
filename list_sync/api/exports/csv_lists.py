"""CSV lists: IMDb's export of today and of 2016, Letterboxd's watchlist and lists, and any table with known columns."""

import csv
import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from list_sync.api.exports.entries import SERVICE, build_page, parse_entry
from list_sync.api.exports.kinds import plain_key
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Page

_ID_COLUMNS = {"const", "imdbid", "imdb", "tmdbid", "tmdb", "tvdbid", "tvdb"}
_TITLE_COLUMNS = {"title", "name"}
_IMDB_ID = re.compile(r"tt\d{7,}", re.ASCII)
_LETTERBOXD_LIST = "letterboxd list export"
_DELIMITERS = ",;\t"
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True, slots=True)
class Table:
    """A text that was recognised as CSV: its lines from the header on, and how they are parted."""

    text: str
    delimiter: str
    columns: tuple[str, ...]


def find_table(text: str) -> Table | None:
    """Return the table that a text holds, or None when its first line is no header that we know."""
    if text[: len(_LETTERBOXD_LIST)].lower() == _LETTERBOXD_LIST:
        text = _without_preamble(text)
    lines = [line.rstrip("\r\n") for line in itertools.islice(io.StringIO(text, newline=""), 2)]
    delimiter = max(_DELIMITERS, key=lines[0].count)
    header = _cells(lines[0], delimiter)
    columns = tuple(plain_key(cell) for cell in header)
    if _ID_COLUMNS.intersection(columns) or (len(columns) > 1 and _TITLE_COLUMNS.intersection(columns)):
        return Table(text, delimiter, columns)
    first = _cells(lines[1], delimiter) if len(lines) > 1 else []
    place = next((index for index, cell in enumerate(first) if _IMDB_ID.fullmatch(cell.strip())), None)
    if place is None or place >= len(columns) or len(columns) < 2 or _IMDB_ID.search(lines[0]):
        return None
    # IMDb translates its headers too; the column of the tt ids is known by what is in it.
    return Table(text, delimiter, (*columns[:place], "const", *columns[place + 1 :]))


def find_preamble(text: str) -> list[list[str]]:
    """Return the rows about the list with which a Letterboxd list begins, or none."""
    if text[: len(_LETTERBOXD_LIST)].lower() != _LETTERBOXD_LIST:
        return []
    about = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n\n")[0]
    try:
        return list(csv.reader(io.StringIO(about[:100_000], newline="")))
    except csv.Error:
        return []


def _without_preamble(text: str) -> str:
    """Return a Letterboxd list without the lines about the list, which end with an empty one."""
    _, found, table = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n\n")
    if not found:
        raise UnexpectedResponse(SERVICE, "a Letterboxd list that breaks off before its films")
    return table.lstrip("\n")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def parse_table(table: Table) -> Page:
    """Return the list that the rows of a table hold; raise UnexpectedResponse naming the line that is broken."""
    reader = csv.reader(io.StringIO(table.text, newline=""), delimiter=table.delimiter, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)][1:]
    except csv.Error as error:
        raise UnexpectedResponse(SERVICE, f"CSV that cannot be read: line {reader.line_num}, {error}") from error
    _require_whole(table, [row for _, row in lines])
    return build_page([parse_entry(_entry_of(table.columns, row), f"line {number}") for number, row in lines])


def _entry_of(columns: Sequence[str], row: Sequence[str]) -> Mapping[str, object]:
    entry: dict[str, object] = {}
    for column, cell in zip(columns, row, strict=False):
        entry.setdefault(column, cell)
    return entry


def _require_whole(table: Table, rows: Sequence[Sequence[str]]) -> None:
    """Raise UnexpectedResponse for an export whose last row is short: the download broke off."""
    is_export = bool({"const", "letterboxduri"}.intersection(table.columns))
    if is_export and rows and len(rows[-1]) < len(table.columns):
        raise UnexpectedResponse(SERVICE, "CSV that breaks off in its last row: download it again")
