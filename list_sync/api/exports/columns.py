"""What the columns of tables are called: each of the many names of a column becomes the one key of its meaning."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from list_sync.api.exports.kinds import plain_key
from list_sync.api.payloads import find_year

# If several columns have one meaning, the first one in this order that is not empty counts.
_NAMES: Mapping[str, str] = {
    "title": (
        "title name titletext movietitle filmtitle moviename filmname primarytitle showtitle showname seriestitle "
        "seriesname movie film movies films show series titel filmtitel titulo titre titolo tytul nazev cim baslik "
        "название фильм タイトル 标题 片名 originaltitle originalname originaltitel titulooriginal titreoriginal "
        "оригинальноеназвание"
    ),
    "year": (
        "year releaseyear yearreleased yearofrelease startyear productionyear movieyear filmyear jahr erscheinungsjahr "
        "ano annee anno jaar rok ar yil год 年份 公開年 "
        "releasedate firstairdate released premiered premieredate premiere"
    ),
    "imdbid": "const tconst imdbid imdb imdbtitleid imdbnumber imdbcode imdburl imdblink",
    "tmdbid": "tmdbid tmdb themoviedbid themoviedb tmdbnumber tmdburl tmdblink",
    "tmdbmovieid": "tmdbmovieid tmdbmovie",
    "tmdbshowid": "tmdbshowid tmdbtvid tmdbseriesid tmdbshow tmdbtv",
    "tvdbid": "tvdbid tvdb thetvdbid thetvdb tvdbseriesid tvdbshowid tvdburl tvdblink",
    "mediatype": "mediatype typ tipo mediakind",
    "seasonnumber": "seasonnumber season seasonno staffel saison temporada",
    "episodenumber": "episodenumber episode episodeno folge episodio",
}
# What TMDB's answers and the tables made of them hold; their `id` is TMDB's number, while that of others is their own.
_TMDB_KEYS = frozenset(
    "genreids posterpath backdroppath voteaverage votecount originallanguage firstairdate".split()  # noqa: SIM905
)
ID_KEYS = frozenset({"imdbid", "tmdbid", "tmdbmovieid", "tmdbshowid", "tvdbid"})
_KINDS = {"tmdbmovieid": "movie", "tmdbshowid": "show"}
_NOTHING = frozenset({"", "null", "none", "nan", "n/a", "na", "nil", "\\n", "-", "–", "—", "?"})
_NUMBER = re.compile(r"(?P<number>\d{5,9})(?:\.0+)?", re.ASCII)
_HEADINGS = frozenset({"id", "ids", "url", "urls", "link", "links"})
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")
_LONGEST_NAME = 100
_AS_TEXT = re.compile(r'="(?P<text>.*)"', re.DOTALL)


_KEYS = {plain_key(name): (key, rank) for key, names in _NAMES.items() for rank, name in enumerate(names.split())}


def plain_column(cell: str) -> str:
    """Return the plain name of a column; "Title (English)" is a title, too."""
    column, bare = plain_key(cell), plain_key(_BRACKETS.sub("", cell[:_LONGEST_NAME]))
    return bare if bare in _KEYS and column not in _KEYS else column


def key_of(column: str) -> str:
    """Return what a column of that plain name means, or its own name where we do not know it."""
    return _KEYS[column][0] if column in _KEYS else column


def find_known_keys(columns: Sequence[str]) -> frozenset[str]:
    """Return what columns of these plain names mean; unknown ones are left out."""
    return frozenset(_KEYS[column][0] for column in columns if column in _KEYS)


def is_heading(line: str) -> bool:
    """Tell whether a line holds only the name of a column."""
    return plain_key(line) in _KEYS or plain_key(line) in _HEADINGS


def is_of_tmdb(keys: Iterable[str]) -> bool:
    """Tell whether an entry with these plain keys is one of TMDB's own shape."""
    return len(_TMDB_KEYS.intersection(keys)) > 1


def plain_cell(cell: str) -> str:
    """Return the text of a cell, without the `="…"` that keeps a spreadsheet from reading it as a number."""
    text = cell.strip()
    guarded = _AS_TEXT.fullmatch(text)
    return guarded["text"].strip() if guarded else text


@lru_cache(maxsize=64)
def _by_rank(columns: tuple[str, ...]) -> Sequence[tuple[int, str]]:
    """Return the places and names of columns; if several have one meaning, the one that counts comes first."""
    return sorted(enumerate(columns), key=lambda pair: _KEYS.get(pair[1], ("", 0))[1])


def build_entry(columns: tuple[str, ...], cells: Sequence[object]) -> dict[str, object]:
    """Return a row by the keys of entries, the cells of unknown columns by their plain names.

    The words for an absent value (`NaN`, `\\N`, `n/a`) say nothing. A bare number in a column of IMDb ids is an id.
    """
    entry: dict[str, object] = {}
    for place, column in _by_rank(columns):
        value = cells[place] if place < len(cells) else ""
        cell = plain_cell(value) if isinstance(value, str) else value
        key = key_of(column)
        if _says_nothing(key, cell, is_known=column in _KEYS) or key in entry:
            continue
        # A column `IMDb` alone may hold ratings.
        is_numbered = key == "imdbid" and column != "imdb" and isinstance(cell, str | int)
        number = _NUMBER.fullmatch(str(cell)) if is_numbered else None
        entry[key] = f"tt{number['number']}" if number else cell
    for key, kind in _KINDS.items():
        if key in entry and "tmdbid" not in entry:
            entry["tmdbid"] = entry[key]
            entry.setdefault("mediatype", kind)
    return entry


def _says_nothing(key: str, cell: object, *, is_known: bool) -> bool:
    if isinstance(cell, str):
        is_nothing = not cell or (cell.lower() in _NOTHING and key != "title")
    else:
        # A value of JSON: an object or an array is no text and no number.
        is_nothing = cell is None or (is_known and (isinstance(cell, bool) or not isinstance(cell, int | float)))
    return is_nothing or (key == "year" and find_year(cell) is None)
