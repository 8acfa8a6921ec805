"""The names of columns in tables: all names with the same meaning become one key."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from list_sync.api.http.payloads import find_imdb_id, find_positive_int, find_year
from list_sync.api.saved_lists.kinds import plain_key

# If several columns have one meaning, the first in this order that is not empty counts.
_NAMES: Mapping[str, str] = {
    "title": (
        "title name titletext movietitle filmtitle moviename filmname primarytitle showtitle showname seriestitle "
        "seriesname tvshowname tvshowtitle tvshow tvshows movie film movies films show shows series "
        "titel filmtitel titulo titre titolo tytul nazev cim baslik "
        "название фильм タイトル 标题 片名 originaltitle originalname originaltitel titulooriginal titreoriginal "
        "оригинальноеназвание label"
    ),
    "year": (
        "year releaseyear yearreleased yearofrelease startyear productionyear movieyear filmyear showyear seasonyear "
        "years jahr erscheinungsjahr "
        "ano annee anno jaar rok ar yil год 年份 公開年 "
        "releasedate firstairdate released premiered premieredate premiere"
    ),
    "imdbid": (
        "const tconst imdbid imdb imdbtitleid imdbnumber imdbcode imdburl imdblink "
        "idsimdb movieidsimdb showidsimdb provideridsimdb"
    ),
    "tmdbid": "tmdbid tmdb themoviedbid themoviedb tmdbnumber tmdburl tmdblink idstmdb provideridstmdb",
    "tmdbmovieid": "tmdbmovieid tmdbmovie movieidstmdb",
    "tmdbshowid": "tmdbshowid tmdbtvid tmdbseriesid tmdbshow tmdbtv showidstmdb",
    "tvdbid": (
        "tvdbid tvdb thetvdbid thetvdb tvdbseriesid tvdbshowid tvdburl tvdblink idstvdb showidstvdb provideridstvdb"
    ),
    "mediatype": "mediatype typ tipo mediakind titeltyp titeltype typedetitre tipodetitulo tipodititolo typtytulu тип",
    "seasonnumber": (
        "seasonnumber season seasonno seasonnum seasonnr episodeseason episodeseasonnumber staffel staffelnr saison "
        "temporada stagione sezon seizoen sasong сезон"
    ),
    "episodenumber": (
        "episodenumber episode episodeno episodenum episodenr ep epno epnumber folge folgennummer episodio odcinek "
        "aflevering avsnitt epizoda эпизод seasonepisode episodecode"
    ),
}
# These columns show that a table was made from TMDB's answers, so that its `id` is TMDB's number. In other tables `id`
# is a number of another program.
_TMDB_KEYS = frozenset(
    "genreids posterpath backdroppath voteaverage votecount originallanguage firstairdate".split()  # noqa: SIM905
)
# The fields of TMDB's daily exports.
_TMDB_EXPORTS = (
    frozenset({"id", "originaltitle", "popularity", "video"}),
    frozenset({"id", "originalname", "popularity"}),
)
ID_KEYS = frozenset({"imdbid", "tmdbid", "tmdbmovieid", "tmdbshowid", "tvdbid"})
# In a row of an episode, these columns name its show.
_SHOW_NAMES = frozenset(
    {"showname", "showtitle", "seriesname", "seriestitle", "tvshowname", "tvshowtitle", "show", "series"}
)
# Headings of a column of films and of a column of shows beside it.
_SIDE_BY_SIDE = (
    (frozenset({"movies", "films"}), frozenset({"shows", "tvshows", "series"})),
    (frozenset({"movie", "film"}), frozenset({"show", "tvshow"})),
)
_KINDS = {"tmdbmovieid": "movie", "tmdbshowid": "show"}
_NOTHING = frozenset({"", "null", "none", "nan", "n/a", "na", "nil", "\\n", "-", "–", "—", "?"})
# What spreadsheets write in place of a value that they cannot compute.
_FAULT = re.compile(
    r"#(?:(?:REF|NAME|VALUE|DIV/0|NUM|NULL|ERROR|BEZUG|WERT|ZAHL|VALEUR|NOM|NOMBRE|VALOR|VALORE|RIF) ?[!?]|N/A|NV)"
    r"|Loading\.\.\."
)
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
    """Return the meaning of a column with that plain name, or the name itself if it is unknown."""
    return _KEYS[column][0] if column in _KEYS else column


def find_known_keys(columns: Sequence[str]) -> frozenset[str]:
    """Return the meanings of columns with these plain names, without unknown ones."""
    return frozenset(_KEYS[column][0] for column in columns if column in _KEYS)


def is_heading(line: str) -> bool:
    """Return whether a line holds only the name of a column."""
    return plain_key(line) in _KEYS or plain_key(line) in _HEADINGS


def is_of_tmdb(keys: Iterable[str]) -> bool:
    """Return whether an entry with these plain keys has the shape of TMDB's own entries."""
    known = frozenset(keys)
    return len(_TMDB_KEYS & known) > 1 or any(export <= known for export in _TMDB_EXPORTS)


def plain_cell(cell: str) -> str:
    """Return the text of a cell, without the `="…"` that marks text for a spreadsheet."""
    text = cell.strip()
    guarded = _AS_TEXT.fullmatch(text) if text.startswith("=") else None
    return guarded["text"].strip() if guarded else text


@lru_cache(maxsize=64)
def _by_rank(columns: tuple[str, ...]) -> Sequence[tuple[int, str, str, bool]]:
    """Return place, name and meaning of columns, and whether they are known; of one meaning, the best first."""
    places = sorted(enumerate(columns), key=lambda pair: _KEYS.get(pair[1], ("", 0))[1])
    return [(place, column, key_of(column), column in _KEYS) for place, column in places]


def build_entry(columns: tuple[str, ...], cells: Sequence[object]) -> dict[str, object]:
    """Return a row as an entry with known keys; cells of unknown columns keep their plain names.

    Words for an absent value (`NaN`, `\\N`, `n/a`) are ignored. A bare number in a column of IMDb ids is an id.
    """
    entry: dict[str, object] = {}
    count = len(cells)
    for place, column, key, is_known in _by_rank(columns):
        value = cells[place] if place < count else ""
        if value is None or value == "" or (key in entry and column not in _SHOW_NAMES):
            continue
        cell = plain_cell(value) if isinstance(value, str) else value
        if _says_nothing(key, cell, is_known=is_known):
            continue
        if column in _SHOW_NAMES:
            entry.setdefault("showname", cell)
        # A column named only `IMDb` may hold ratings, and Kodi's `imdbnumber` numbers of TheTVDB.
        is_numbered = key == "imdbid" and column not in ("imdb", "imdbnumber") and isinstance(cell, str | int)
        number = _NUMBER.fullmatch(str(cell)) if is_numbered else None
        entry.setdefault(key, f"tt{number['number']}" if number else cell)
    for key, kind in _KINDS.items():
        if key in entry and "tmdbid" not in entry:
            entry["tmdbid"] = entry[key]
            entry.setdefault("mediatype", kind)
    return entry


def find_second(columns: tuple[str, ...], cells: Sequence[str]) -> str:
    """Return how a row states two titles, as rows of tables do that are side by side; an empty text for one title."""
    places = [one for one in _telling(columns) if one[0] < len(cells)]
    said = [(column, key, cell) for place, column, key in places if (cell := cells[place].strip())]
    words = [word for _, key, cell in said if key == "imdbid" for word in cell.split()]
    imdb = {find_imdb_id(word) for word in words} - {None}
    if len(imdb) > 1:
        return f"several IMDb ids: {', '.join(sorted(map(str, imdb)))}"
    if {"tmdbmovieid", "tmdbshowid"} <= {key for _, key, cell in said if find_positive_int(cell)}:
        return "TMDB numbers of a film and of a show"
    titles = {cell.casefold(): column for column, key, cell in said if key == "title"}
    if len(titles) < 2 or imdb:
        return ""
    known = [column for column in columns if column in _KEYS]
    is_repeated = len(set(titles.values())) < len(titles) and _repeats_more_than_titles(known)
    # A column `Series` beside one film is its franchise.
    is_of_kinds = any(films & set(titles.values()) and shows & set(titles.values()) for films, shows in _SIDE_BY_SIDE)
    return "two titles in one row: write each in a row of its own" if is_repeated or is_of_kinds else ""


@lru_cache(maxsize=64)
def _telling(columns: tuple[str, ...]) -> Sequence[tuple[int, str, str]]:
    """Return place, name and meaning of the columns that tell which title a row is."""
    keys = ("title", "imdbid", "tmdbmovieid", "tmdbshowid")
    return [(place, column, key) for place, column in enumerate(columns) if (key := key_of(column)) in keys]


def _repeats_more_than_titles(columns: Sequence[str]) -> bool:
    """Return whether other columns are repeated, too. A title alone may be there in several languages."""
    repeated = {key_of(column) for column in columns if columns.count(column) > 1}
    return len(repeated - {"mediatype"}) > 1


def _says_nothing(key: str, cell: object, *, is_known: bool) -> bool:
    if isinstance(cell, str):
        is_nothing = not cell or (len(cell) < 5 and cell.lower() in _NOTHING and key != "title")
        is_nothing = is_nothing or _FAULT.fullmatch(cell[:20]) is not None
    else:
        # In JSON, a value may be an object or an array, which is neither text nor number.
        is_nothing = cell is None or (is_known and (isinstance(cell, bool) or not isinstance(cell, int | float)))
    return is_nothing or (key == "year" and find_year(cell) is None)
