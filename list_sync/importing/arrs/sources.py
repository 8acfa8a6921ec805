"""Which list of ours an import list of Radarr or Sonarr means: one function for each kind of source that they have.

The names of fields and the numbers of their choices are those of Radarr's and Sonarr's own sources (ImportLists).
"""

import re
from collections.abc import Mapping

from list_sync.importing.arrs import tmdb, trakt
from list_sync.importing.arrs.lists import ImportList
from list_sync.importing.arrs.readings import Reader, Reading, Source, explain, with_filters
from list_sync.model.titles import MediaType

_LETTERBOXD_MIRROR = re.compile(r"https?://letterboxd-list-radarr\.onrender\.com/", re.IGNORECASE)
_RADARR_MIRROR = re.compile(r"https?://api\.radarr\.(?:video|aeonlucid\.com)/v\d/list/imdb/(\w+)/?", re.IGNORECASE)
_STATUSES = {
    "importcurrent": "Watching",
    "importplanning": "Planning",
    "importcompleted": "Completed",
    "importdropped": "Dropped",
    "importpaused": "Paused",
    "importrepeating": "Rewatching",
}
# Radarr's choices among lists of an account at SIMKL, before version 5.
_FORMER_SIMKL = {0: "plantowatch", 1: "completed"}
_SIMKL = ("watching", "plantowatch", "hold", "completed", "dropped")


def find_sources(one: ImportList, media_type: MediaType) -> Reading:
    """Return the lists that an import list of Radarr (films) or Sonarr (shows) means, or why it means none of ours."""
    reader = _READERS.get(one.implementation.lower())
    if reader is None:
        return f"ListSync reads no source of the kind {one.implementation}" if one.implementation else "it has no kind"
    return reader(one, media_type)


def _read_imdb(one: ImportList, _media_type: MediaType) -> Reading:
    name = one.word("listid").lower()
    spelling = {"top250": "top", "popular": "moviemeter"}.get(name, name)
    return (Source(f"imdb:{spelling}", is_one_kind=name in ("top250", "popular")),)


def _read_address(one: ImportList, _media_type: MediaType) -> Reading:
    """Return the list of an address: one that a source recognises, else a document that is read as it is."""
    address = next(filter(None, map(one.word, ("url", "link", "baseurl", "listurl"))), "")
    if not address.lower().startswith(("http://", "https://")):
        return "it has no address"
    if mirrored := _RADARR_MIRROR.fullmatch(address):
        return _read_imdb(ImportList(one.name, one.implementation, {"listid": mirrored[1]}), _media_type)
    return (Source(_LETTERBOXD_MIRROR.sub("https://letterboxd.com/", address)),)


def _read_stevenlu(one: ImportList, _media_type: MediaType) -> Reading:
    return (Source(f"stevenlu:{one.word('link') or 'stevenlu'}", is_one_kind=True),)


def _read_stevenlu2(one: ImportList, _media_type: MediaType) -> Reading:
    number, score = one.number("source") or 0, one.number("minscore") or 5
    feeds = ("", f"imdb-min{score}", f"metacritic-min{score}0", f"rottentomatoes-min{score}0")
    if number >= len(feeds):
        return "its feed of StevenLu is not known"
    return (Source(f"stevenlu:movies-{feeds[number]}" if number else "stevenlu:stevenlu", is_one_kind=True),)


def _read_plex(_one: ImportList, media_type: MediaType) -> Reading:
    name = "movies" if media_type is MediaType.MOVIE else "shows"
    return (Source(f"plex:{name}", log_in="plex", is_one_kind=True),)


def _read_simkl(one: ImportList, media_type: MediaType) -> Reading:
    number = one.number("listtype")
    if number is None:
        status = _FORMER_SIMKL.get(one.number("simkllisttype") or 0)
    else:
        status = _SIMKL[number] if number < len(_SIMKL) else None
    if status is None:
        return "ListSync does not read this list of SIMKL"
    kind = "movies" if media_type is MediaType.MOVIE else "anime" if one.number("showtype") == 1 else "shows"
    return (Source(f"simkl:{kind}/{status}", log_in="simkl", is_one_kind=True),)


def _read_anilist(one: ImportList, _media_type: MediaType) -> Reading:
    user = one.word("username")
    wanted = [word for name, word in _STATUSES.items() if one.flag(name)]
    if not user or not wanted:
        return "it names no user of AniList, or no list of the user"
    chosen = ["all"] if len(wanted) == len(_STATUSES) else wanted
    states = {"importfinished": True, "importreleasing": True, "importcancelled": False, "importhiatus": False}
    left = [name.removeprefix("import") for name, usual in states.items() if one.flag(name, default=usual) is not usual]
    terms = {} if one.flag("importunreleased") else with_filters({}, {"released": "aired"})
    return tuple(Source(f"anilist:{user}/{word}", terms, left=tuple(left)) for word in chosen)


_OTHER_SERVER = (
    "the library of another {0} is read as {1}:all, if {2}_URL and {2}_API_KEY are those of that {0}; "
    "its profiles, tags and folders cannot be chosen"
)
_READERS: Mapping[str, Reader] = {
    "traktlistimport": trakt.read_list,
    "traktuserimport": trakt.read_user,
    "traktpopularimport": trakt.read_popular,
    "traktsmartlistimport": explain("smart lists of Trakt cannot be read; make a list of its titles at Trakt"),
    "imdblistimport": _read_imdb,
    "tmdblistimport": tmdb.read_list,
    "tmdbcollectionimport": tmdb.read_collection,
    "tmdbcompanyimport": tmdb.read_company,
    "tmdbkeywordimport": tmdb.read_keyword,
    "tmdbpopularimport": tmdb.read_popular,
    "tmdbpersonimport": explain("the titles of a person cannot be read; put them on a list at TMDB or MDBList"),
    "tmdbuserimport": explain("lists of an account at TMDB cannot be read; put the titles on a list there"),
    "tmdbaccountimport": explain("lists of an account at TMDB cannot be read; put the titles on a list there"),
    "tmdbdiscoverimport": explain("searches of TMDB cannot be read; the charts of discover: may be near it"),
    "radarrlistimport": _read_address,
    "customimport": _read_address,
    "rssimport": _read_address,
    "plexrssimport": _read_address,
    "imdbrssimport": _read_address,
    "mdblistimport": _read_address,
    "stevenluimport": _read_stevenlu,
    "stevenlu2import": _read_stevenlu2,
    "pleximport": _read_plex,
    "simkluserimport": _read_simkl,
    "anilistimport": _read_anilist,
    "myanimelistimport": explain(
        "MyAnimeList cannot be read; AniList takes its lists over, and anilist:USER reads them"
    ),
    "couchpotatoimport": explain("CouchPotato cannot be read; save its list as a file in DATA_DIR/drop: file:NAME"),
    "radarrimport": explain(_OTHER_SERVER.format("Radarr", "radarr", "RADARR")),
    "sonarrimport": explain(_OTHER_SERVER.format("Sonarr", "sonarr", "SONARR")),
}
