"""One entry of a file, whatever its columns or keys are called, as a film or show."""

import re
from collections.abc import Mapping, Sequence

from list_sync.api.payloads import clean_title, find_imdb_id, find_int, find_positive_int, find_year
from list_sync.errors import UnexpectedResponse
from list_sync.model.sources import Entry, NotUnderstood, Page, Unsupported
from list_sync.model.titles import MediaIds, MediaItem, MediaType

SERVICE = "file"

_MOVIES = {"movie", "movies", "film", "featurefilm", "tvmovie", "video", "short", "shortfilm", "documentary"}
_SHOWS = {"tv", "show", "shows", "series", "tvshow", "tvseries", "tvminiseries", "miniseries"}
OTHERS = {
    **dict.fromkeys(("tvepisode", "tvpilot", "episode"), "episode"),
    **dict.fromkeys(("person", "people", "actor", "director"), "person"),
    **dict.fromkeys(("videogame", "game"), "game"),
    **dict.fromkeys(("podcast", "podcastseries", "podcastepisode"), "podcast"),
    "musicvideo": "music video",
    **{word: word for word in ("season", "list", "user", "comment", "book", "album")},
}
_TITLE_KEYS = ("title", "name")
_YEAR_KEYS = ("year", "releaseyear", "releasedate", "firstairdate")
_KIND_KEYS = ("mediatype", "titletype", "type")
_SEASON_KEYS = ("seasonnumber", "season")
_TITLED = re.compile(r"(?P<title>.*\S)\s*\((?P<year>\d{4})\)", re.ASCII)
_KNOWN_KEYS = {*_TITLE_KEYS, "const", "imdbid", "imdb", "tmdbid", "tmdb", "tvdbid", "tvdb", "ids"}


def plain_key(key: object) -> str:
    """Return a key or column name without case and signs: `imdb_id`, `imdbId` and `IMDb ID` are one."""
    return "".join(letter for letter in str(key).lower() if letter.isalnum())


def build_page(entries: Sequence[Entry]) -> Page:
    """Return the page of a whole file."""
    return Page.of(entries, total=len(entries))


def require_known_keys(entries: Sequence[Mapping[str, object]], *, count: int) -> None:
    """Raise UnexpectedResponse if none of `count` entries has a key that we know: it is some other file then."""
    if count and not any(_KNOWN_KEYS.intersection(entry) for entry in entries):
        seen = clean_title(", ".join(sorted(entries[0])[:5]))[:80] if entries else "no objects"
        raise UnexpectedResponse(
            SERVICE, f"no entry has a title, imdb_id, tmdb_id or tvdb_id (it has: {seen or 'nothing'})"
        )


def parse_entry(entry: Mapping[str, object], place: str) -> Entry:
    """Return what an entry with plain keys is; `place` is where in its file it stands."""
    title = clean_title(_first(entry, _TITLE_KEYS))
    if plain_key(_first(entry, ("const", "imdbid"))).startswith("nm"):
        return Unsupported("person")
    kind = plain_key(_first(entry, _KIND_KEYS) or "")
    ids = parse_ids(entry)
    media_type = find_media_type(kind)
    if kind in OTHERS:
        return Unsupported(OTHERS[kind])
    if kind and media_type is None and ids.imdb is None and not _says_either(kind):
        return NotUnderstood(place, f'unknown type "{kind[:40]}"')
    if media_type is None and not kind and ids.tvdb is not None:
        # Sonarr's custom lists state no kind; TVDB numbers in lists are those of shows.
        media_type = MediaType.TV
    if not (title or ids):
        return NotUnderstood(place, "neither a title nor an id")
    season = find_int(_first(entry, _SEASON_KEYS)) if media_type is MediaType.TV else None
    return MediaItem(title, media_type, find_year(_first(entry, _YEAR_KEYS)), ids, season)


def split_year(text: object) -> tuple[str, int | None]:
    """Return title and year of "Title (Year)"; only the brackets at the very end are a year."""
    title = clean_title(text)
    found = _TITLED.fullmatch(title)
    year = find_year(found["year"]) if found else None
    return (found["title"], year) if found and year else (title, None)


def find_media_type(kind: str) -> MediaType | None:
    """Return the kind that a word without case and signs states; None for what may be either."""
    if kind in _MOVIES:
        return MediaType.MOVIE
    return MediaType.TV if kind in _SHOWS else None


def parse_ids(entry: Mapping[str, object]) -> MediaIds:
    """Return the ids of an entry, those in `ids` before those beside it."""
    nested = entry.get("ids")
    ids = {plain_key(key): value for key, value in nested.items()} if isinstance(nested, Mapping) else {}
    tmdb = ids.get("tmdb") or _first(entry, ("tmdbid", "tmdb"))
    return MediaIds(
        tmdb=find_positive_int(tmdb),
        imdb=find_imdb_id(ids.get("imdb")) or find_imdb_id(_first(entry, ("const", "imdbid", "imdb"))),
        tvdb=find_positive_int(ids.get("tvdb")) or find_positive_int(_first(entry, ("tvdbid", "tvdb"))),
    )


def _says_either(kind: str) -> bool:
    return kind in {"tvspecial", "tvshort"}


def _first(entry: Mapping[str, object], keys: Sequence[str]) -> object:
    return next((entry[key] for key in keys if entry.get(key) not in (None, "")), None)
