"""How names are compared: without letter case, accents and doubled spaces."""

import unicodedata


def fold(text: str) -> str:
    """Return a text as names are compared: without accents, letter case and doubled spaces."""
    # A database compares texts up to a NUL.
    text = text.replace("\0", "\ufffd")
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text).translate(_WITHOUT_MARKS)
    return " ".join(plain.casefold().split())


def fold_other(text: str) -> str | None:
    """Return the folded text, None where it differs from the text only in the case of plain letters."""
    folded = fold(text)
    return None if text.isascii() and folded == text.lower() else folded


class _Unmarked(dict[int, int | None]):
    """The letters that texts keep, and None for accents; each is looked up once, because names are compared often."""

    def __missing__(self, code: int) -> int | None:
        self[code] = kept = None if unicodedata.combining(chr(code)) else code
        return kept


_WITHOUT_MARKS = _Unmarked()
