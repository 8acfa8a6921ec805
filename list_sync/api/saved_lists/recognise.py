"""Recognises the form of a list by its content, never its name: encoding first, then JSON, feed, CSV or plain ids."""

from list_sync.api.http.payloads import clean_title
from list_sync.api.saved_lists.csv_lists import parse_table
from list_sync.api.saved_lists.documents import Text
from list_sync.api.saved_lists.entries import SERVICE
from list_sync.api.saved_lists.json_lists import parse_json
from list_sync.api.saved_lists.rss_lists import parse_feed
from list_sync.api.saved_lists.tables import find_table, find_unknown_columns
from list_sync.api.saved_lists.text_lists import parse_line, parse_lines
from list_sync.errors import UnexpectedResponse
from list_sync.footprint import Part, hold
from list_sync.model.sources import Page
from list_sync.model.titles import MediaItem

# A title is shorter than this; JSON may be one line of many megabytes.
_LONGEST_LINE = 600


def parse_list(content: bytes, *, charset: str = "") -> Page:
    """Return the list in a document; raise UnexpectedResponse with what is wrong with it.

    `charset` is the encoding that the server stated, if any.
    """
    hold(Part.DOCUMENT, len(content))
    text = Text.of(content, charset=charset)
    start = next(filter(None, text.pieces()), "")
    if not start:
        raise UnexpectedResponse(SERVICE, "it is empty: an empty list is written as []")
    if start[0] in "[{":
        try:
            return parse_json(text)
        except UnexpectedResponse:
            if not _is_text(start):
                raise
    if start[0] == "<":
        return parse_feed(text.pieces())
    table = find_table(text)
    if table is not None:
        return parse_table(table)
    try:
        return parse_lines(text)
    except UnexpectedResponse as error:
        columns = find_unknown_columns(text)
        if not columns:
            raise
        seen = clean_title(", ".join(columns))[:80]
        raise UnexpectedResponse(
            SERVICE, f"no column with titles or ids, such as Title or IMDb ID (it has: {seen})"
        ) from error


def _is_text(start: str) -> bool:
    """Return whether a text that begins like JSON is a title such as "[REC] (2007)"."""
    line = start.partition("\n")[0].strip()
    entries = parse_line(line, "") if len(line) < _LONGEST_LINE else ()
    return len(entries) == 1 and isinstance(entries[0], MediaItem)
