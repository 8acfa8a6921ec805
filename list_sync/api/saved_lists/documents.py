"""The text of a saved list, decoded piece by piece, so that a large document is never in memory as a whole."""

import codecs
import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from list_sync.api.http.answers import NO_ALPHABETS
from list_sync.errors import TooLarge

LONGEST_LINE = 1024 * 1024
MOST_LINES = 1_000_000
_PIECE = 64 * 1024
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]{1,40})[\"']", re.ASCII)
# The bytes show UTF-8, and servers state Latin-1 for anything unknown. The other codecs are slow, or no alphabet.
_SAYS_NOTHING = frozenset(
    {
        *("utf-8", "utf-8-sig", "ascii", "iso8859-1", "cp1252"),
        *NO_ALPHABETS,
    }
)
# Encodings that servers often state by the name of a smaller encoding.
_IN_FULL = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "iso8859-9": "cp1254"}
# Each of them is decoded alone, which takes time.
_MOST_OTHERS = 100_000
_UTF8_LETTERS = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")
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


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a document; each call decodes it again, without NUL bytes and byte order marks."""

    content: bytes
    encoding: str

    @classmethod
    def of(cls, content: bytes, *, charset: str = "") -> "Text":
        """Return the text of a document in any encoding; `charset` is the encoding that its server stated."""
        return cls(content, find_encoding(content, charset=charset))

    def pieces(self) -> Iterator[str]:
        """Yield the text from its first character that is not a space."""
        is_begun = False
        with self._open() as file:
            while piece := file.read(_PIECE):
                text = _plain(piece)
                text = text if is_begun else text.lstrip()
                is_begun = is_begun or bool(text)
                yield text

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends; raise TooLarge for a line that is too long, or too many lines."""
        with self._open() as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if number > MOST_LINES:
                    raise TooLarge(f"it has more than {MOST_LINES:,} lines: split it into several lists")
                if len(line) == LONGEST_LINE:
                    raise TooLarge(f"line {number} is longer than {LONGEST_LINE:,} characters")
                yield _plain(line)

    def first_line(self, longest: int) -> tuple[str, bool]:
        """Return the first line that is not empty, up to a length, and whether nothing follows it."""
        pieces = self.pieces()
        begun = ""
        while "\n" not in begun and len(begun) <= longest and (piece := next(pieces, None)) is not None:
            begun += piece
        line, _, rest = begun.partition("\n")
        return line[:longest], not rest.strip() and not any(map(str.strip, pieces))

    def head(self, length: int) -> str:
        """Return the beginning of the text, up to a number of characters."""
        with self._open() as file:
            return _plain(file.read(length))

    def whole(self) -> str:
        """Return the whole text from its first character that is not a space."""
        return "".join(self.pieces())

    @property
    def is_ended(self) -> bool:
        """Return whether the last line has an end."""
        return self.content[-4:].replace(b"\0", b"")[-1:] in (b"\n", b"\r")

    def _open(self) -> io.TextIOWrapper:
        errors = _WESTERN if self.encoding == "utf-8" else "replace"
        return io.TextIOWrapper(io.BytesIO(self.content), encoding=self.encoding, errors=errors, newline="")


def _read_as_western(error: UnicodeError) -> tuple[str, int]:
    """Return the bytes that are not of the encoding as Western text of Windows: files are often joined."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_WESTERN = "list-sync-western"
codecs.register_error(_WESTERN, _read_as_western)


def _plain(text: str) -> str:
    """Return a text without what says nothing; files that were joined have byte order marks in the middle."""
    return text.replace("\0", "").replace("\ufeff", "")


def decode(content: bytes) -> str:
    """Return the text of a short document in any encoding."""
    return Text.of(content).head(len(content))


def find_encoding(content: bytes, *, charset: str = "") -> str:
    """Return the encoding of a document.

    A byte order mark counts most, then the stated encoding, then what XML states, then UTF-8.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding
    wide = _wide_encoding(content[:1000])
    if wide is not None:
        return wide
    declared = _XML_ENCODING.match(content)
    stated = find_charset(charset) or (find_charset(declared[1].decode()) if declared else None)
    # Text in another encoding is practically never valid UTF-8, even if a server states that other encoding.
    if (stated is None or not content.isascii()) and _is_utf8(content):
        return "utf-8"
    if stated is not None:
        return stated
    # Windows programs still save CSV in the alphabet of their country, with typographic marks of their own.
    if _is_cyrillic(content):
        return "cp1251"
    return "utf-8" if _is_mostly_utf8(content) else "cp1252"


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with contextlib.suppress(UnicodeDecodeError):
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
        return True
    return False


def _is_mostly_utf8(content: bytes) -> bool:
    """Return whether most bytes beyond ASCII are letters in UTF-8; in other encodings, few look so by chance."""
    letters = sum(len(found[0]) for found in _UTF8_LETTERS.finditer(content))
    others = sum(1 for _ in _BEYOND_ASCII.finditer(content)) - letters
    return others < letters and others <= _MOST_OTHERS


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
    beyond = sum(1 for _ in _BEYOND_ASCII.finditer(content))
    return sum(len(word[0]) for word in _CYRILLIC_WORD.finditer(content)) > 0.6 * beyond


def _wide_encoding(start: bytes) -> str | None:
    """Return UTF-16 for text without a mark in which every second byte is zero."""
    half = len(start) // 2
    if half and start[1::2].count(0) > 0.7 * half:
        return "utf-16-le"
    return "utf-16-be" if half and start[0::2].count(0) > 0.7 * half else None
