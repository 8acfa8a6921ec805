"""Recognises the form of a list by its content, never its name: encoding first, then JSON, feed, CSV or plain ids."""

import codecs
import contextlib
import re

from list_sync.api.http.payloads import clean_title
from list_sync.api.saved_lists.csv_lists import parse_table
from list_sync.api.saved_lists.entries import SERVICE
from list_sync.api.saved_lists.json_lists import parse_json
from list_sync.api.saved_lists.rss_lists import parse_feed
from list_sync.api.saved_lists.tables import find_table, find_unknown_columns
from list_sync.api.saved_lists.text_lists import parse_line, parse_lines
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.model.titles import MediaItem

_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]{1,40})[\"']", re.ASCII)
# The bytes show UTF-8, and servers state Latin-1 for anything unknown. The other codecs are slow, or no alphabet.
_SAYS_NOTHING = frozenset(
    {
        *("utf-8", "utf-8-sig", "ascii", "iso8859-1", "cp1252"),
        *("utf-7", "idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"),
    }
)
# Encodings that servers often state by the name of a smaller encoding.
_IN_FULL = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "iso8859-9": "cp1254"}
# A title is shorter than this; JSON may be one line of many megabytes.
_LONGEST_LINE = 600
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_CYRILLIC_WORD = re.compile(rb"[\xa8\xaa\xaf\xb2-\xb4\xb8\xba\xbf-\xff][\xb3\xb4\xb8\xba\xbf\xe0-\xff]{2,}")
# UTF-32 before UTF-16, because the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def parse_list(content: bytes, *, charset: str = "") -> Page:
    """Return the list in a document; raise UnexpectedResponse with what is wrong with it.

    `charset` is the encoding that the server stated, if any.
    """
    text = decode(content, charset=charset)
    start = text.lstrip()
    if not start:
        raise UnexpectedResponse(SERVICE, "it is empty: an empty list is written as []")
    if start[0] in "[{":
        try:
            return parse_json(start)
        except UnexpectedResponse:
            if not _is_text(start):
                raise
    if start[0] == "<":
        return parse_feed(start)
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


def decode(content: bytes, *, charset: str = "") -> str:
    """Return the text of a document in any encoding, without NUL bytes and byte order marks.

    A byte order mark counts most, then the stated encoding, then what XML states, then UTF-8.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as_text(content, encoding)
    wide = _wide_encoding(content[:1000])
    if wide is not None:
        return _as_text(content, wide)
    declared = _XML_ENCODING.match(content)
    stated = find_charset(charset) or (find_charset(declared[1].decode()) if declared else None)
    # Text in another encoding is practically never valid UTF-8, even if a server states that other encoding.
    if stated is None or not content.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return _as_text(content, "utf-8", errors="strict")
    # Windows programs still save CSV in the alphabet of their country, with typographic marks of their own.
    return _as_text(content, stated or ("cp1251" if _is_cyrillic(content) else "cp1252"))


def _as_text(content: bytes, encoding: str, *, errors: str = "replace") -> str:
    return content.decode(encoding, errors).replace("\0", "").lstrip("\ufeff")


def find_charset(name: str) -> str | None:
    """Return Python's name of a stated encoding, or None if the bytes are the better evidence."""
    try:
        encoding = codecs.lookup(name.strip().lower().removeprefix("x-")).name
        # The names of other codecs, such as zip and base64, are refused here.
        b" ".decode(encoding, errors="ignore")
    except (LookupError, ValueError):
        return None
    is_vague = encoding in _SAYS_NOTHING or encoding.startswith(("utf-16", "utf-32"))
    return None if is_vague else _IN_FULL.get(encoding, encoding)


def _is_cyrillic(content: bytes) -> bool:
    """Return whether the letters beyond ASCII form whole words of small Cyrillic letters; Western ones do not."""
    beyond = len(_BEYOND_ASCII.findall(content))
    return sum(len(word) for word in _CYRILLIC_WORD.findall(content)) > 0.6 * beyond


def _wide_encoding(start: bytes) -> str | None:
    """Return UTF-16 for text without a mark in which every second byte is zero."""
    half = len(start) // 2
    if half and start[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    return "utf-16-be" if half and start[0::2].count(0) > 0.7 * half else None
