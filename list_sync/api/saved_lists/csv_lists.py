"""CSV lists: IMDb's exports (today's and that of 2016), Letterboxd's exports, and any table with known columns."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from list_sync.api.saved_lists.columns import (
    ID_KEYS,
    build_entry,
    find_known_keys,
    find_second,
    is_of_tmdb,
    key_of,
    plain_cell,
    plain_column,
)
from list_sync.api.saved_lists.entries import SERVICE, build_page
from list_sync.api.saved_lists.rows import BrokenRow, Row
from list_sync.api.saved_lists.stray_ids import NOTES, parse_with_ids
from list_sync.api.saved_lists.tables import Table, find_columns, is_letterboxd_list
from list_sync.api.saved_lists.text_lists import parse_id
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood, Page
from list_sync.model.titles import MediaIds, MediaItem


def parse_table(table: Table) -> Page:
    """Return the list in a table; raise UnexpectedResponse with the number of the broken line."""
    return build_page(itertools.chain(_astray(table), _parse_rows(table)))


def _parse_rows(table: Table) -> Iterator[Entry]:
    """Parse the rows. After another header in the file, its columns apply; a heading line is no entry."""
    rows = ((row, None if isinstance(row, BrokenRow) else _find_header(table, row)) for row in table.rows())
    end, last, columns = table.header_line, None, table.columns
    for (row, header), following in _with_next(rows):
        is_alone = isinstance(row, Row) and sum(map(bool, row.cells)) == 1 and row.line > end + 1
        if header is not None:
            table = replace(table, columns=header)
        elif not (following and following[1] and is_alone):
            yield _parse_row(table, row)
        end = row.line + (sum(cell.count("\n") for cell in row.cells) if isinstance(row, Row) else 0)
        last = row
    _require_whole(replace(table, columns=columns), last)


_Headed = tuple[Row | BrokenRow, tuple[str, ...] | None]


def _with_next(rows: Iterable[_Headed]) -> Iterator[tuple[_Headed, _Headed | None]]:
    """Yield each row with the one after it."""
    one, other = itertools.tee(rows)
    return itertools.zip_longest(one, itertools.islice(other, 1, None))


def _find_header(table: Table, row: Row) -> tuple[str, ...] | None:
    is_same = len(row.cells) == len(table.columns) and any(table.columns)
    if is_same and all(plain_column(cell) == column for cell, column in zip(row.cells, table.columns, strict=True)):
        return table.columns
    return find_columns(row.cells)


def _require_whole(table: Table, last: Row | BrokenRow | None) -> None:
    """Raise UnexpectedResponse for an export whose last row is short: the download broke off."""
    is_export = is_letterboxd_list(table.text) or bool({"const", "letterboxduri"}.intersection(table.columns))
    is_short = isinstance(last, Row) and len(last.cells) < len(table.columns)
    if is_export and is_short and not table.text.is_ended:
        raise UnexpectedResponse(SERVICE, "CSV that breaks off in its last row: download it again")


def _astray(table: Table) -> Iterator[Entry]:
    """Yield the ids above the header, but not those of a Letterboxd list, whose first rows describe the list."""
    for row in table.before if not is_letterboxd_list(table.text) else ():
        if any(map(parse_id, row.cells)):
            yield NotUnderstood(f"line {row.line}", "an id above the header")


def _parse_row(table: Table, row: Row | BrokenRow) -> Entry:
    place = f"line {row.line}"
    if isinstance(row, BrokenRow):
        return NotUnderstood(place, "quotes inside quotes that are not doubled")
    if any(cell.strip() for cell in row.cells[len(table.columns) :]):
        return _parse_long_row(table, row)
    entry = build_entry(table.columns, row.cells)
    if is_of_tmdb(table.columns) and not find_known_keys(table.columns) & ID_KEYS:
        entry = {
            "mediatype": "show" if "firstairdate" in table.columns else "movie",
            "tmdbid": entry.get("id"),
            **entry,
        }
    if doubt := find_second(table.columns, row.cells):
        return NotUnderstood(place, doubt)
    cells = [cell for column, cell in zip(table.columns, row.cells, strict=False) if key_of(column) not in NOTES]
    return parse_with_ids(entry, map(plain_cell, cells), place)


def _parse_long_row(table: Table, row: Row) -> Entry:
    """Parse a row with more cells than columns. Its cells may be shifted, so only an IMDb id counts."""
    found = [item for cell in row.cells if isinstance(item := parse_id(plain_cell(cell)), MediaItem)]
    imdb = {item.ids.imdb for item in found} - {None}
    if len(imdb) == 1:
        return MediaItem("", ids=MediaIds(imdb=imdb.pop()))
    counts = f"{len(row.cells)} cells, but the header has {len(table.columns)}"
    return NotUnderstood(f"line {row.line}", f'{counts}: put quotes around a cell that holds "{table.delimiter}"')
