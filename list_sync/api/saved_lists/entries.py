"""Turns one entry of a file, with plain keys, into a film or show."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from list_sync.api.http.payloads import (
    clean_title,
    find_imdb_id,
    find_int,
    find_moment,
    find_positive_int,
    find_rating,
    find_year,
)
from list_sync.api.saved_lists.kinds import find_media_type, find_unsupported, is_either, is_known, plain_key
from list_sync.api.saved_lists.parts import find_season, is_only_a_season, names_episode
from list_sync.errors import TooLarge
from list_sync.footprint import MAX_ENTRIES, Part, hold
from list_sync.model.sources import EPISODE, Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType, size_of

SERVICE = "file"
# Memory is counted after so many entries; one that is no title takes so many bytes.
_STEP, _SIZE_OF_OTHERS = 1_000, 16
CATALOGUES = {
    **dict.fromkeys(("imdb", "imdbid", "imdbcom"), "imdb"),
    **dict.fromkeys(("tmdb", "tmdbid", "themoviedb", "themoviedbcom", "moviedb"), "tmdb"),
    **dict.fromkeys(("tvdb", "tvdbid", "thetvdb", "thetvdbcom"), "tvdb"),
}

_GUID = re.compile(r"(?:com\.plexapp\.agents\.)?(imdb|tmdb|themoviedb|tvdb|thetvdb)://(\w+)", re.I | re.ASCII)
_TITLE_KEYS = ("title", "name")
_YEAR_KEYS = ("year", "releaseyear", "releasedate", "firstairdate")
KIND_KEYS = (
    *("mediatype", "titletype", "type", "kind", "animetype", "itemtype", "contenttype", "objecttype", "lot"),
    "arraykind",
)
# The keys of the moment at which an entry was put on its list, or was seen or rated by its owner.
_ADDED_KEYS = (
    "created",
    "createdat",
    "addedat",
    "dateadded",
    "added",
    "addedon",
    "listedat",
    "watchlistedat",
    "addedtowatchlistat",
    "watchedat",
    "lastwatchedat",
    "daterated",
    "date",
    "pubdate",
)
# The keys of a rating of 10, that of the owner first.
_RATING_KEYS = ("yourrating", "imdbrating", "voteaverage", "communityrating")
# The keys that name the show of an episode.
_SHOW_NAMES = ("showname", "grandparenttitle")
_TRAKT_KEYS = frozenset({"trakt", "traktid"})
# Set if the entry was inside its show in the document.
OF_SHOW = "ofshow"
# These keys mostly hold something else, such as a genre, so unknown words in them are ignored.
_PERHAPS_KIND_KEYS = ("format", "category", "medium")
_SEASON_KEYS = ("seasonnumber", "season")
_EPISODE_KEYS = ("episodenumber", "episode", "episodetitle", "episodename")
_SEASON = re.compile(
    r"(?:s|season|series|staffel|saison|temporada|stagione|sezon)?\s*(\d{1,4})(?:\.0+)?", re.I | re.ASCII
)
# Words for all seasons of a show.
_ALL = frozenset({"all", "alle", "complete", "komplett", "tous", "toutes", "todas", "tutte", "wszystkie"})
# The season of the year in which an anime began.
_OF_THE_YEAR = re.compile(r"(?:winter|spring|summer|fall|autumn)(?:\s\d{4})?", re.I | re.ASCII)
_EPISODE = re.compile(r"s\d{1,4}\s*[ex]\d.*|\d{1,4}x\d.*", re.I | re.ASCII)
_TV = r"(?:tv )?(?:mini[- ]?series|series|movie|special)"
_TITLED = re.compile(
    rf"(?P<title>.*\S)\s*[(\[（](?:{_TV} )?(?P<year>\d{{4}})(?:\s*[-–—]\s*(?:\d{{4}})?)?(?: {_TV})?\s*[)\]）]",
    re.I | re.ASCII,
)


def build_page(entries: Iterable[Entry]) -> Page:
    """Return the page of a whole file."""
    page = Page.of(_counted(entries))
    return replace(page, total=page.entries)


def _counted(entries: Iterable[Entry]) -> Iterator[Entry]:
    size = 0
    for number, entry in enumerate(entries, start=1):
        require_few(number)
        size += size_of(entry) if isinstance(entry, MediaItem) else _SIZE_OF_OTHERS
        if number % _STEP == 0:
            hold(Part.PAGE, size)
        yield entry
    hold(Part.PAGE, size)


def require_few(number: int) -> None:
    """Raise TooLarge for more entries than a list may have."""
    if number > MAX_ENTRIES:
        raise TooLarge(f"it has more than {MAX_ENTRIES:,} entries: split it into several lists")


def parse_entry(entry: Mapping[str, object], place: str) -> Entry:
    """Parse an entry with plain keys; `place` is its place in the file.

    An entry with an unknown word for its kind is looked up by its id, or by its title and year.
    """
    if plain_key(_first(entry, ("const", "imdbid"))).startswith("nm"):
        return Unsupported("person")
    words = _find_words(entry)
    named = _named_season(entry)
    season = _number(named)
    is_season = any(find_unsupported(word) == "season" for word in words)
    unsupported = _find_unsupported(words, is_season=season is not None)
    if _is_episode(entry, named, is_season=is_season) or _is_titled_episode(entry, words):
        unsupported = EPISODE
    if unsupported is not None:
        return Unsupported(unsupported, _find_show(entry, words) if unsupported == EPISODE else None)
    media_type = find_kind(words)
    if isinstance(named, str) and named.strip() and season is None and media_type is not MediaType.MOVIE:
        return NotUnderstood(place, f'the season "{clean_title(named)[:40]}" is not a number')
    if season and media_type is MediaType.MOVIE:
        return NotUnderstood(place, f"season {season} of a film: correct its type or its season")
    title, year = _part_title(clean_title(_first(entry, _TITLE_KEYS)), find_year(_first(entry, _YEAR_KEYS)))
    ids = parse_ids(entry)
    if media_type is not MediaType.MOVIE:
        title, ids = _of_show(entry, title, ids, is_season=is_season)
        season = find_season(title, is_show=media_type is MediaType.TV) if season is None and ids else season
    if is_season and not (title or ids):
        return Unsupported("season")
    return _build_item(entry, place, words, MediaItem(title, media_type, year, ids, season), is_season=is_season)


def _build_item(
    entry: Mapping[str, object], place: str, words: Sequence[str], item: MediaItem, *, is_season: bool
) -> Entry:
    """Return a title with the kind that its facts imply, and without those that do not belong to its kind."""
    media_type, ids, season = item.media_type, item.ids, item.season
    # Sonarr's custom lists state no kind, but a TVDB number. Only shows have seasons.
    is_own = ids.imdb is None or _first(entry, ("tvdbid", "tvdb")) is not None
    is_of_sonarr = ids.tvdb is not None and is_own and not words
    if media_type is None and (season is not None or is_season or is_of_sonarr):
        media_type = MediaType.TV
    ids = _fitting(ids, media_type)
    if not (item.title or ids):
        is_bare = _first(entry, ("id", "mediaid", "identifier")) is not None
        what = "an id of unknown source: call it tmdb_id, imdb_id or tvdb_id" if is_bare else ""
        return NotUnderstood(place, what or "neither a title nor an id")
    unknown = next((word for word in words if not is_either(word)), None)
    if media_type is None and unknown and not ids and item.year is None:
        return NotUnderstood(place, f'a title of unknown type "{unknown[:40]}" without id and year')
    season = season if media_type is MediaType.TV else None
    added_at = next(filter(None, (find_moment(entry.get(key)) for key in _ADDED_KEYS)), None)
    return MediaItem(item.title, media_type, item.year, ids, season, added_at=added_at, rating=_rating(entry))


def _rating(entry: Mapping[str, object]) -> float | None:
    """Return the rating of 10 that an entry states; Letterboxd rates with up to five stars."""
    stars = find_rating(entry.get("rating")) if "letterboxduri" in entry else None
    stated = next(filter(None, (find_rating(entry.get(key)) for key in _RATING_KEYS)), None)
    return stated if stars is None else min(2 * stars, 10)


def _find_show(entry: Mapping[str, object], words: Sequence[str]) -> MediaItem | None:
    """Return the show of an episode, if the entry's name and ids certainly belong to the show."""
    named = clean_title(_first(entry, _SHOW_NAMES))
    if entry.get(OF_SHOW) is not True and find_kind(words) is not MediaType.TV:
        # The ids and the year belong to the episode.
        return MediaItem(named, MediaType.TV) if named else None
    title, year = _part_title(clean_title(_first(entry, _TITLE_KEYS)), find_year(_first(entry, _YEAR_KEYS)))
    ids = parse_ids(entry)
    return MediaItem(title, MediaType.TV, year, ids) if title or ids else None


def _of_show(entry: Mapping[str, object], title: str, ids: MediaIds, *, is_season: bool) -> tuple[str, MediaIds]:
    """Return the title and ids of an entry without those that identify only a season of its show."""
    if is_season and not _TRAKT_KEYS.isdisjoint(entry) and OF_SHOW not in entry:
        return title, MediaIds()
    if not is_only_a_season(title):
        return title, ids
    # IMDb has no ids for seasons.
    return clean_title(entry.get("showname")), MediaIds(find_positive_int(entry.get("tmdbshowid")), ids.imdb)


def _named_season(entry: Mapping[str, object]) -> object:
    """Return the season that an entry states, but not a word for all seasons, nor a season of the year."""
    named = _first(entry, _SEASON_KEYS)
    is_of_the_year = isinstance(named, str) and _OF_THE_YEAR.fullmatch(named.strip()) is not None
    is_nothing = _number(named) == 0 and _number(_first(entry, _EPISODE_KEYS)) == 0
    return None if is_of_the_year or is_nothing or plain_key(named) in _ALL else named


def _is_episode(entry: Mapping[str, object], named: object, *, is_season: bool) -> bool:
    """Return whether an entry states an episode and its season; a bare number beside a season in JSON is one, too."""
    episode, number = _first(entry, _EPISODE_KEYS), entry.get("number")
    is_numbered = isinstance(number, int) and not isinstance(number, bool) and not is_season
    has_episode = (episode is not None and episode is not False) or is_numbered
    is_both = any(isinstance(text, str) and _EPISODE.fullmatch(text.strip()) for text in (named, episode))
    return is_both or (_number(named) is not None and has_episode)


def _is_titled_episode(entry: Mapping[str, object], words: Sequence[str]) -> bool:
    return names_episode(_first(entry, _TITLE_KEYS)) and find_kind(words) is not MediaType.MOVIE


def _part_title(title: str, year: int | None) -> tuple[str, int | None]:
    """Return a title without a year in brackets at its end, unless the entry states another year."""
    bare, named = split_year(title)
    return (bare, named) if named is not None and year in (None, named) else (title, year)


def stated_kind(entry: Mapping[str, object]) -> MediaType | None:
    """Return the kind that an entry states, if it states one."""
    return find_kind(_find_words(entry))


def _find_words(entry: Mapping[str, object]) -> Sequence[str]:
    """Return the words of an entry that may state its kind."""
    words = [clean_title(entry[key]) for key in KIND_KEYS if key in entry]
    perhaps = [clean_title(entry[key]) for key in _PERHAPS_KIND_KEYS if key in entry]
    return [word for word in (*words, *filter(is_known, perhaps)) if word]


def find_kind(words: Sequence[str]) -> MediaType | None:
    """Return the kind by the first of several words that states one."""
    return next((kind for kind in map(find_media_type, words) if kind), None)


def _find_unsupported(words: Sequence[str], *, is_season: bool) -> str | None:
    """Return the kind by the first known word if it cannot be requested; a season with a number can be."""
    for word in words:
        unsupported = find_unsupported(word)
        if unsupported is not None:
            return None if unsupported == "season" and is_season else unsupported
        if find_media_type(word) is not None:
            return None
    return None


def _number(value: object) -> int | None:
    """Return the number of a season, as in 3, S03 or Season 3; the specials have 0."""
    if isinstance(value, str):
        found = _SEASON.fullmatch(value.strip())
        value = int(found[1]) if found else None
    number = 0 if value == 0 and not isinstance(value, bool) else find_int(value)
    return number if number is not None and 0 <= number < 10_000 else None


def _fitting(ids: MediaIds, media_type: MediaType | None) -> MediaIds:
    """Return the ids that can be looked up. TVDB ids find only shows, because films have a numbering of their own."""
    is_needed = media_type is None and ids.tmdb is None and ids.imdb is None
    return ids if ids.tvdb is None or media_type is MediaType.TV or is_needed else replace(ids, tvdb=None)


def split_year(text: object) -> tuple[str, int | None]:
    """Return title and year of "Title (Year)" or "Title (TV Series 2008–2013)"; only brackets at the end count."""
    title = clean_title(text)
    found = _TITLED.fullmatch(title) if title.endswith((")", "]", "）")) else None
    year = find_year(found["year"]) if found else None
    return (found["title"], year) if found and year else (title, None)


def parse_ids(entry: Mapping[str, object]) -> MediaIds:
    """Return the ids of an entry; those in `ids` count first."""
    nested = entry.get("ids")
    ids = {plain_key(key): value for key, value in nested.items()} if isinstance(nested, Mapping) else {}
    source, number = _find_sourced(entry)
    tmdb = ids.get("tmdb") or _first(entry, ("tmdbid", "tmdb")) or (number if source == "tmdb" else None)
    imdb = _first(entry, ("const", "imdbid", "imdb")) or (number if source == "imdb" else None)
    tvdb = _first(entry, ("tvdbid", "tvdb")) or (number if source == "tvdb" else None)
    guids = _find_guids((tmdb, imdb, tvdb))
    return MediaIds(
        tmdb=find_positive_int(tmdb) or find_positive_int(guids.get("tmdb")),
        imdb=find_imdb_id(ids.get("imdb")) or find_imdb_id(imdb) or find_imdb_id(guids.get("imdb")),
        tvdb=find_positive_int(ids.get("tvdb")) or find_positive_int(tvdb) or find_positive_int(guids.get("tvdb")),
    )


def _find_guids(values: Iterable[object]) -> dict[str, str]:
    """Return the ids in values such as Plex's `tmdb://603` and `com.plexapp.agents.thetvdb://81189?lang=en`."""
    found = (_GUID.match(value) for value in values if isinstance(value, str))
    return {CATALOGUES[one[1].lower()]: one[2] for one in found if one}


def _find_sourced(entry: Mapping[str, object]) -> tuple[str, object]:
    """Return the number of an entry and the catalogue that the entry names as its source, as Yamtrack and Ryot do."""
    if "source" not in entry:
        return "", None
    return CATALOGUES.get(plain_key(entry["source"]), ""), _first(entry, ("mediaid", "identifier"))


def _first(entry: Mapping[str, object], keys: Sequence[str]) -> object:
    for key in keys:
        value = entry.get(key)
        if value is not None and value != "":
            return value
    return None
