"""Which form a list's bytes have: encoding first, then JSON, feed, CSV or plain ids, told by content, never by name."""

import codecs

from list_sync.api.exports.csv_lists import find_table, parse_table
from list_sync.api.exports.entries import SERVICE
from list_sync.api.exports.json_lists import parse_json
from list_sync.api.exports.rss_lists import parse_feed
from list_sync.api.exports.text_lists import parse_lines
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Page

# UTF-32 before UTF-16: the mark of the one begins with the mark of the other.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def parse_list(content: bytes) -> Page:
    """Return the list that a document holds; raise UnexpectedResponse saying what is wrong with it."""
    text = decode(content).lstrip()
    if not text:
        raise UnexpectedResponse(SERVICE, "it is empty: an empty list is written as []")
    if text[0] in "[{":
        return parse_json(text)
    if text[0] == "<":
        return parse_feed(text)
    table = find_table(text)
    return parse_table(table) if table is not None else parse_lines(text)


def decode(content: bytes) -> str:
    """Return the text in whatever encoding it is; NUL bytes and the marks of encodings are left out."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").replace("\0", "")
    wide = _wide_encoding(content[:1000])
    if wide is not None:
        return content.decode(wide, errors="replace").replace("\0", "")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        # Windows programs still save CSV as latin-1 with their own typographic marks.
        text = content.decode("cp1252", errors="replace")
    return text.replace("\0", "")


def _wide_encoding(start: bytes) -> str | None:
    """Return UTF-16 without a mark, which is known by every second byte being zero."""
    half = len(start) // 2
    if half and start[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    return "utf-16-be" if half and start[0::2].count(0) > 0.7 * half else None
