"""When two titles are the same name, and when they are near enough to ask: pure normalisation in three tiers."""

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import product

_TYPOGRAPHY = str.maketrans(dict.fromkeys("’‘‛ʼʻʹ`´′＇", "'") | dict.fromkeys("‐‑‒–—―−", "-") | {"⁄": "/"})
# Letters that Unicode does not decompose into a plain letter and a mark.
_UNDECOMPOSED = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i", "ё": "е"}
)
_VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_RAISED = ("<super>", "<sub>", "<fraction>")
_MARKED_SCRIPTS = ("LATIN", "GREEK")

_TRAILING_ARTICLE = re.compile(
    r"(?P<name>.+\S)\s*,\s*(?P<article>the|an?|l'|les?|la|un|une|der|die|das|ein|eine|el|los|las|il|lo|gli|de|het|os?|as)",
    re.IGNORECASE,
)
_COUNTRY_SUFFIX = re.compile(
    r"(?P<name>.*\S)\s*[(\[](?P<country>u\.?s\.?a\.?|[a-z]{2}|[a-z]\.[a-z]\.)[)\]]", re.IGNORECASE
)
_COUNTRY_CODES = {"USA": "US", "UK": "GB"}
_ENGLISH_ARTICLE = re.compile(r"\W*(?:the|an?)\s+(?P<name>.+)")
_ENGLISH_ARTICLES = frozenset({"the", "a", "an"})
_ARTICLES = _ENGLISH_ARTICLES | {
    *(
        "le",
        "la",
        "les",
        "l",
        "un",
        "une",
        "el",
        "los",
        "las",
        "una",
        "il",
        "lo",
        "gli",
        "uno",
        "der",
        "das",
        "ein",
        "eine",
    ),
    *("het", "os", "um", "uma"),
}
_ENTITY = re.compile(r"&(#\d+|#x[0-9a-f]+|\w+);", re.IGNORECASE)
_BRACKETED_YEAR = re.compile(r"(?P<name>.*\S)\s*[(\[](?P<year>\d{4})[)\]]")
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        (
            *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
            *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
            "twenty",
        ),
        start=1,
    )
}
_ROMAN_NUMERALS = {
    f"{ten}{unit}": str(number)
    for number, (ten, unit) in enumerate(
        product(("", "x"), ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"))
    )
    if number
} | {"xx": "20"}
# After another word these are part numbers. I and X are left out: they are as often a word or a letter.
_PART_NUMERALS = {word: number for word, number in _ROMAN_NUMERALS.items() if 1 < int(number) < 10}
# The servers read these anywhere in a query as the start of an id or a year (measured on all three).
_QUERY_PREFIX = re.compile(r"(tmdb|imdb|tvdb|year):", re.IGNORECASE)


@lru_cache(maxsize=4096)
def strict_key(title: str) -> str:
    """Return what stays of a title without case, accents of Latin and Greek, punctuation and spacing.

    A title without any letter keeps its punctuation, so that "+1", "1" and "!!!" stay three titles.
    """
    key = _fold_once(title)
    while (folded := _fold_once(key)) != key:
        key = folded
    return key


def _fold_once(title: str) -> str:
    text = _fold_letters(title)
    if _has_letters(text):
        text = text.replace("'", "").replace("&", " and ")
        text = "".join(letter if _is_of_word(letter) else " " for letter in text)
    return " ".join(text.split())


def _has_letters(text: str) -> bool:
    return any(unicodedata.category(letter).startswith("L") for letter in text)


def _is_of_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


def _fold_letters(title: str) -> str:
    if title.isascii() and title.isprintable():
        return title.translate(_TYPOGRAPHY).casefold()
    text = "".join(f" {letter}" if _is_raised_number(letter) else letter for letter in title)
    text = "".join(_visible(letter) for letter in text.translate(_TYPOGRAPHY))
    text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY).casefold()
    return unicodedata.normalize("NFC", _strip_marks(unicodedata.normalize("NFC", text).translate(_UNDECOMPOSED)))


def _is_raised_number(letter: str) -> bool:
    return unicodedata.category(letter) == "No" and unicodedata.decomposition(letter).startswith(_RAISED)


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    return "" if category == "Cf" or letter in _VARIATION_SELECTORS else " " if category.startswith("C") else letter


def _strip_marks(text: str) -> str:
    kept: list[str] = []
    is_marked_script = False
    for letter in unicodedata.normalize("NFD", text):
        if unicodedata.category(letter) != "Mn":
            is_marked_script = unicodedata.name(letter, "").startswith(_MARKED_SCRIPTS)
        elif is_marked_script:
            continue
        kept.append(letter)
    return "".join(kept)


@lru_cache(maxsize=4096)
def plain_keys(title: str) -> frozenset[str]:
    """Return the strict keys of a title as it is, and with an article after it moved to the front."""
    return frozenset({strict_key(title), strict_key(move_article(title))} - {""})


def is_same_name(one: str, other: str) -> bool:
    """Return whether two titles are one name, written in two ways.

    Beside case, accents and punctuation these are ways of writing: "and" or an ampersand; one to twenty in words or
    digits, and II to IX in Roman ones, beside another word; a leading the, a or an that only one of the two has.
    """
    if country_suffix(one) != country_suffix(other):
        return False
    ours, theirs = name_keys(without_country(one)), name_keys(without_country(other))
    return not (
        ours.isdisjoint(theirs)
        and ours.isdisjoint(bare_keys(without_country(other)))
        and theirs.isdisjoint(bare_keys(without_country(one)))
    )


@lru_cache(maxsize=4096)
def name_keys(title: str) -> frozenset[str]:
    """Return the ways in which a title may be written, article included."""
    return _written(_fold_letters(move_article(title)))


@lru_cache(maxsize=4096)
def bare_keys(title: str) -> frozenset[str]:
    """Return the ways in which a title may be written without its leading the, a or an; none where it has none."""
    parts = _ENGLISH_ARTICLE.fullmatch(_fold_letters(move_article(title)).strip())
    # "The The" is not called "The".
    return _written(parts["name"]) - _ENGLISH_ARTICLES if parts else frozenset()


def _written(text: str) -> frozenset[str]:
    return frozenset(" ".join(_fold_numbers(words, _PART_NUMERALS)) for words in _readings(text))


def _readings(text: str) -> list[list[str]]:
    """Return the words of a title in three ways: marks as spaces, marks left out, and marks as they mostly are."""
    texts = [text]
    if _has_letters(text):
        text = text.replace("&", " and ")
        texts += [
            "".join(letter if _is_of_word(letter) or letter.isspace() else mark for letter in text)
            for mark in ("", " ")
        ]
    return [words for reading in dict.fromkeys(texts) if (words := _join_initials(strict_key(reading).split()))]


@lru_cache(maxsize=4096)
def weak_keys(title: str) -> frozenset[str]:
    """Return the keys of the weak tier: titles that share one are so similar that a person is asked."""
    return frozenset(_weaken(words) for words in _readings(_fold_letters(move_article(without_country(title)))))


def weak_key(title: str) -> str:
    """Return the strict key without country and leading article of many languages, with all numerals as digits."""
    return _weaken(_join_initials(strict_key(move_article(without_country(title))).split()))


def _weaken(words: list[str]) -> str:
    if len(words) > 1 and words[0] in _ARTICLES and words[1] not in _ARTICLES:
        words = words[1:]
    return " ".join(_fold_numbers(words, _ROMAN_NUMERALS))


def _fold_numbers(words: list[str], numerals: Mapping[str, str]) -> list[str]:
    """Return words with numbers as digits, beside other words only: "9" and "Nine" are two films of one year."""
    if len(words) < 2:
        return words
    first = _NUMBER_WORDS.get(words[0], words[0])
    return [first, *(_NUMBER_WORDS.get(word) or numerals.get(word, word) for word in words[1:])]


def country_suffix(title: str) -> str:
    """Return the code of the country in "The Office (US)", or nothing."""
    parts = _COUNTRY_SUFFIX.fullmatch(title.strip())
    country = parts["country"].replace(".", "").upper() if parts else ""
    return _COUNTRY_CODES.get(country, country)


def without_country(title: str) -> str:
    """Return a title without the country in brackets after it."""
    parts = _COUNTRY_SUFFIX.fullmatch(title.strip())
    return parts["name"] if parts else title


def move_article(title: str) -> str:
    """Put an article that follows the title back in front of it: "Matrix, The" becomes "The Matrix"."""
    parts = _TRAILING_ARTICLE.fullmatch(title.strip().translate(_TYPOGRAPHY))
    if parts is None:
        return title
    article = parts["article"]
    return f"{article}{'' if article.endswith(chr(39)) else ' '}{parts['name']}"


def _join_initials(words: list[str]) -> list[str]:
    joined: list[str] = []
    is_open = False
    for word in words:
        is_initial = len(word) == 1 and word.isalpha() and word.isascii()
        if is_initial and is_open:
            joined[-1] += word
        else:
            joined.append(word)
        is_open = is_initial
    return joined


def plain_title(title: str, year: int | None) -> str:
    """Return a title without what its list added: escapes of web pages, invisible signs, the year in brackets."""
    title = _ENTITY.sub(lambda entity: html.unescape(entity[0]), title).translate(_ZERO_WIDTH)
    parts = _BRACKETED_YEAR.fullmatch(title.strip())
    return parts["name"] if parts and int(parts["year"]) == year else title


def is_searchable(title: str) -> bool:
    """Return whether the title has a letter or digit; a search for signs alone finds nothing even if they are there."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in title)


def search_text(title: str) -> str:
    """Return a title as the server's search should be asked for it."""
    return " ".join(_QUERY_PREFIX.sub(r"\1 ", move_article(title)).split())


def relaxed_text(title: str) -> str:
    """Return only those words that every spelling of the weak tier shares, or nothing where that changes nothing."""
    words = weak_key(title).split()
    kept = [word for word in words if not (word.isdecimal() and len(word) < 3)] or words
    return " ".join(kept) if kept != strict_key(title).split() else ""
