"""One entry of a JSON document of any program, turned into an entry with plain keys."""

from collections.abc import Iterator, Mapping

from list_sync.api.http.payloads import clean_title, find_imdb_id, find_positive_int
from list_sync.api.saved_lists.columns import build_entry, is_of_tmdb
from list_sync.api.saved_lists.entries import CATALOGUES, KIND_KEYS, OF_SHOW
from list_sync.api.saved_lists.json_arrays import WRAPPERS, looks_like_title
from list_sync.api.saved_lists.kinds import find_unsupported, is_known, plain_key

Flat = dict[str, object]

_DEEPEST = 4
_LANGUAGES = ("english", "romaji", "native")
_KINDS_OF_WRAPPERS = {"movie": "movie", "film": "movie", "show": "show", "series": "show", "anime": "", "season": ""}
_PART_KEYS = ("season", "seasonnumber", "episode", "episodenumber")
_ID_HOLDERS = ("ids", "id", "externalids", "externals", "providerids", "uniqueids", "uniqueid", "identifiers")
_SEASONS = ("seasons", "season", "seasonnumbers", "seasonnumber")
_IDS_OF_SHOWS = ("showids", "seriesids")
_ID_LISTS = ("ids", "guids", "guid", "remoteids", "externalids")
_RADARR_KEYS = frozenset({"hasfile", "minimumavailability", "incinemas", "isavailable", "moviefile"})
_STREMIO_KEYS = frozenset({"removed", "temp", "state", "ctime", "mtime", "postershape"})


def is_removed(entry: Mapping[str, object]) -> bool:
    """Return whether the user removed an entry of Stremio's library, or only watched it and never added it."""
    return "_id" in entry and (entry.get("removed") is True or entry.get("temp") is True)


def find_seasons(entry: Mapping[str, object]) -> tuple[int, ...]:
    """Return the seasons that an entry names: an array of numbers, or the seasons of a media server's request.

    Any other objects are the seasons that a show has.
    """
    plain = _plain(entry)
    named = next((plain[name] for name in _SEASONS if isinstance(plain.get(name), list)), None)
    numbers = named if isinstance(named, list) else []
    if isinstance(plain.get("media"), dict):
        numbers = [one.get("seasonNumber") if isinstance(one, dict) else one for one in numbers]
    return tuple(number for number in numbers if isinstance(number, int) and not isinstance(number, bool))


def flatten(entry: Mapping[str, object], *, depth: int = 0) -> Flat:
    """Return an entry with plain keys, without its wrappers: ids in `ids`, title and year as plain values."""
    outer = _plain(entry)
    for name in WRAPPERS if depth < _DEEPEST else ():
        inner = outer.get(name)
        if name != "episode" and isinstance(inner, dict) and _is_wrapped(outer, name, inner):
            return _unwrapped(outer, name, flatten(inner, depth=depth + 1))
    return _of_shape(outer, entry)


def _plain(entry: Mapping[str, object]) -> Flat:
    """Return an entry with plain keys; if two keys become the same, the longer value counts."""
    plain: Flat = {}
    for key, value in entry.items():
        name = plain_key(key)
        if name not in plain or plain[name] in (None, "") or (isinstance(value, list) and value):
            plain[name] = value
    return plain


def _is_wrapped(outer: Flat, name: str, inner: Mapping[str, object]) -> bool:
    """Return whether an entry is only a wrapper around its title, with a season beside a show."""
    if name == "season":
        return False
    return looks_like_title(inner) and (name in _KINDS_OF_WRAPPERS or not isinstance(outer.get("title"), str))


def _unwrapped(outer: Flat, name: str, inner: Flat) -> Flat:
    """Return the title inside a wrapper, with the kind and the numbers beside it."""
    words = [word for key in ("animetype", *KIND_KEYS) if isinstance(word := outer.get(key), str) and is_known(word)]
    parts = {key: outer[key] for key in _PART_KEYS if isinstance(outer.get(key), int | str)}
    season = outer.get("season")
    if isinstance(season, dict):
        parts["seasonnumber"] = season.get("number")
    if isinstance(outer.get("episode"), dict):
        words.insert(0, "episode")
    elif isinstance(season, dict):
        words.insert(0, "season")
    kind = next(iter(words), _KINDS_OF_WRAPPERS.get(name, ""))
    of_show: Flat = {OF_SHOW: True} if name in ("show", "series") else {}
    return {**inner, **parts, **of_show, **({"mediatype": kind} if kind else {})}


def _of_shape(plain: Flat, entry: Mapping[str, object]) -> Flat:
    """Return an entry without wrapper in the form that its program implies."""
    values = {key: _scalar(key, value) for key, value in plain.items()}
    flat = build_entry(tuple(values), tuple(values.values()))
    flat = {key: values[key] for key in KIND_KEYS if key in values} | flat
    flat["ids"] = find_ids(plain)
    ids, episode = plain.get("ids"), plain.get("episode")
    if isinstance(ids, dict) and "trakt" in ids:
        flat["traktid"] = True
    if isinstance(episode, dict):
        flat["episodenumber"] = episode.get("number")
    if "year" not in flat and isinstance(plain.get("startdate"), dict):
        flat["year"] = values["startdate"]
    if _is_season_of_a_show(plain):
        # The ids, the name and the year belong to the season.
        show = plain.get("seriesname") or plain.get("parenttitle")
        number = plain.get("indexnumber", plain.get("index"))
        return {"title": show, "mediatype": "season", "seasonnumber": number}
    if "seasonnumber" in plain and is_of_tmdb(plain) and "id" in plain:
        # TMDB's seasons and episodes have numbers of their own.
        flat["ids"] = {"tmdb": plain.get("showid")}
        return {**flat, "title": None, "mediatype": _word_of_part(plain), OF_SHOW: True}
    if "tvshowid" in plain:
        return {**flat, **_part_of_kodi(plain)}
    number = find_positive_int(plain.get("id"))
    if number is not None and _is_tmdb_number(plain, entry):
        flat["ids"] = {"tmdb": number, **find_ids(plain)}
    kind = _kind_of_shape(plain)
    return {**flat, "mediatype": kind} if kind else flat


def _word_of_part(plain: Flat) -> str:
    return "season" if plain.get("episodenumber") is None else "episode"


def _part_of_kodi(plain: Flat) -> Flat:
    """Return the kind of an entry of Kodi, whose shows and seasons state how many episodes they have."""
    if "episodeid" in plain:
        return {"mediatype": "episode"}
    if "seasonid" in plain:
        return {"title": plain.get("showtitle"), "mediatype": "season", "episodenumber": None, "ids": {}}
    return {"mediatype": "show", "seasonnumber": None, "episodenumber": None}


def _scalar(key: str, value: object) -> object:
    """Return the text or number in a value. Titles may come in several languages, and dates as objects."""
    if not isinstance(value, dict):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return str(value) if is_number and key in ("title", "name") else value
    if key == "titletype":
        return value.get("id") or value.get("text")
    names = (*_LANGUAGES, "userPreferred", "text", "year")
    return next((value[name] for name in names if isinstance(value.get(name), str | int)), value)


def find_other_titles(entry: Mapping[str, object], title: str) -> tuple[str, ...]:
    """Return the other names of an AniList anime, which has an English, a Japanese and a transcribed title."""
    held = entry.get("media")
    titles = (held if isinstance(held, dict) else entry).get("title")
    names = [clean_title(titles.get(name)) for name in _LANGUAGES] if isinstance(titles, dict) else []
    return tuple(dict.fromkeys(name for name in names if name not in ("", title)))


def _is_season_of_a_show(plain: Flat) -> bool:
    is_season = find_unsupported(plain.get("type", "")) == "season"
    return is_season and bool(plain.get("seriesname") or plain.get("parenttitle"))


def find_ids(plain: Flat) -> Flat:
    """Return the ids of an entry by catalogue; of several ids of one catalogue, the first valid one."""
    ids: Flat = {}
    # The ids beside those of a show are the ids of its season or episode.
    of_show = next((plain[name] for name in _IDS_OF_SHOWS if isinstance(plain.get(name), dict)), None)
    for catalogue, value in _ids(plain if of_show is None else {"ids": of_show}):
        if find_imdb_id(value) if catalogue == "imdb" else find_positive_int(value):
            ids.setdefault(catalogue, value)
    return ids


def _ids(plain: Flat) -> Iterator[tuple[str, object]]:
    for name in _ID_HOLDERS:
        held = plain.get(name)
        for key, value in held.items() if isinstance(held, dict) else ():
            yield CATALOGUES.get(plain_key(key), ""), value
    for name in _ID_LISTS:
        held = plain.get(name)
        for one in held if isinstance(held, list) else ():
            yield _id_of(one)


def _id_of(value: object) -> tuple[str, object]:
    """Return the id in `imdb://tt0133093`, alone or as the `id` of an object, or in an object that names its source."""
    if isinstance(value, dict):
        plain = _plain(value)
        number = plain.get("id") or plain.get("value")
        named = (plain_key(plain[key]) for key in ("sourcename", "source", "provider", "type") if key in plain)
        source = next((name for name in named if name in CATALOGUES), None)
        if source:
            return CATALOGUES[source], number
        value = number
    scheme, found, number = value.partition(":") if isinstance(value, str) else ("", "", "")
    return (CATALOGUES.get(plain_key(scheme), ""), number.removeprefix("//")) if found else ("", None)


def _is_tmdb_number(plain: Flat, entry: Mapping[str, object]) -> bool:
    """Return whether the bare `id` of an entry is TMDB's number, by the shape that it stands in."""
    # MDBList's shape, recognised by these spellings. If `tmdb_id` is present but null, MDBList has no TMDB number.
    is_mdblist = {"id", "mediatype", "release_year"} <= entry.keys() and not {"imdb_id", "adult"}.isdisjoint(entry)
    if is_mdblist or {"clean_title", "release_year"} <= entry.keys():
        return not {"tmdb_id", "ids"} & entry.keys()
    # Without any other sign, `media_type` shows TMDB's shape.
    if entry.keys() == {"id", "media_type"}:
        return True
    return is_of_tmdb(plain) and not {"tmdbid", "ids", "imdbid", "tvdbid", "externalids"} & plain.keys()


def _kind_of_shape(plain: Flat) -> str:
    """Return the kind that the shape of an entry implies, or an empty text; a stated kind counts more."""
    if _STREMIO_KEYS & plain.keys() and plain.get("type") == "tv" and isinstance(plain.get("id"), str):
        return "channel"
    if any(isinstance(plain.get(key), str) and plain[key] for key in KIND_KEYS):
        return ""
    if "knownfor" in plain or "knownfordepartment" in plain:
        return "person"
    if {"cleantitle", "releaseyear"} <= plain.keys() or (_RADARR_KEYS & plain.keys() and "tmdbid" in plain):
        return "" if "tvdbid" in plain else "movie"
    if is_of_tmdb(plain):
        if {"title", "originaltitle"} & plain.keys() and "firstairdate" not in plain:
            return "movie"
        return "show" if {"name", "originalname", "firstairdate"} & plain.keys() else ""
    return "show" if isinstance(plain.get("seasons"), list) else ""
