"""How names are compared: without letter case, accents and doubled spaces."""

import unicodedata


def fold(text: str) -> str:
    """Return a text as names are compared: without accents, letter case and doubled spaces."""
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text).translate(_WITHOUT_MARKS)
    return " ".join(plain.casefold().split())


def plain_letters(text: str) -> bytes:
    """Return the ASCII letters of a text without letter case and spaces; those of a part are a part of them."""
    return "".join(unicodedata.normalize("NFKD", text).casefold().split()).encode("ascii", "ignore")


class _Unmarked(dict[int, int | None]):
    """The letters that texts keep, and None for accents; each is looked up once, because names are compared often."""

    def __missing__(self, code: int) -> int | None:
        self[code] = kept = None if unicodedata.combining(chr(code)) else code
        return kept


_WITHOUT_MARKS = _Unmarked()
