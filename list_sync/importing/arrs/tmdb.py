"""Import lists of TMDB: its lists and collections, and charts that the request server makes of its titles."""

import re
from dataclasses import replace

from list_sync.config.policy.editing import Stated
from list_sync.importing.arrs.lists import ImportList
from list_sync.importing.arrs.readings import Reading, Source, with_filters
from list_sync.model.genres import GENRES
from list_sync.model.titles import MediaType

# The languages from which Radarr lets people choose for lists of TMDB, by their numbers there.
_LANGUAGES = [
    "da",
    "nl",
    "en",
    "fi",
    "fr",
    "de",
    "el",
    "hu",
    "it",
    "ja",
    "ko",
    "no",
    "pl",
    "pt",
    "ru",
    "es",
    "sv",
    "tr",
    "vi",
    "zh",
    "ta",
    "te",
    "hi",
    "bn",
    "ro",
    "mk",
    "sl",
]
_TMDB_CHARTS = {
    1: "there is no chart of what is in cinemas; imdb:boxoffice is the nearest",
    3: "there is no chart of TMDB's best films; imdb:top is the nearest",
}
# Radarr reads three pages of 20 of its charts, and the whole of a studio's or keyword's films.
_CHART_LENGTH, _LONGEST_CHART = 60, 1_000


def read_list(one: ImportList, _media_type: MediaType) -> Reading:
    """Return a list by its number."""
    number = one.word("listid") or one.word("accountlistid")
    return (Source(f"tmdb:{number}"),)


def read_collection(one: ImportList, _media_type: MediaType) -> Reading:
    """Return the films of a collection."""
    return (Source(f"tmdb:collection/{one.word('collectionid')}", is_one_kind=True),)


def read_company(one: ImportList, _media_type: MediaType) -> Reading:
    """Return a studio's films as the chart of the request server."""
    return (_chart(f"movies:studio:{one.word('companyid')}", _LONGEST_CHART),)


def read_keyword(one: ImportList, _media_type: MediaType) -> Reading:
    """Return the films with a keyword as the chart of the request server."""
    return (_chart(f"keyword:{one.word('keywordid')}", _LONGEST_CHART),)


def read_popular(one: ImportList, _media_type: MediaType) -> Reading:
    """Return a chart of the request server with the filters of the import list."""
    number = one.number("tmdblisttype") or 2
    if number in _TMDB_CHARTS:
        return _TMDB_CHARTS[number]
    filters, left = _find_tmdb_filters(one)
    chart = _chart("upcoming" if number == 4 else "movies", _CHART_LENGTH)
    return (replace(chart, terms=with_filters({}, filters), left=tuple(left)),)


def _find_tmdb_filters(one: ImportList) -> tuple[Stated, list[str]]:
    """Return the filters of a chart of TMDB in our words, and the names of those that we have not."""
    filters: Stated = {}
    left = []
    if re.fullmatch(r"10(\.0+)?|\d(\.\d+)?", average := one.word("minvoteaverage")) and float(average):
        votes = one.number("minvotes") or 0
        filters["rating"] = {"from": "tmdb", "min": average, **({"votes": str(votes)} if votes else {})}
    for field_name, key in (("includegenreids", "genres"), ("excludegenreids", "exclude_genres")):
        text = one.word(field_name)
        known = [GENRES.get(int(number)) for number in re.findall(r"\d{1,9}", text)]
        # A comma means all of these genres, which our filter cannot say.
        if text and (None in known or not known or (key == "genres" and "," in text)):
            left.append(key.replace("_", " "))
        elif text:
            filters[key] = [name for name in known if name]
    language = one.number("languagecode")
    if language is not None and language < len(_LANGUAGES):
        filters["languages"] = [_LANGUAGES[language]]
    left += [name for name in ("certification", "includecompanyids", "excludecompanyids") if one.word(name)]
    return filters, left


def _chart(name: str, length: int) -> Source:
    note = "the chart of your own server, by popularity, with the region and language of its key's owner"
    return Source(f"discover:{name}:{length}", notes=(note,), is_one_kind=True)
