"""Finds the entries in a JSON document, and the number of entries that the document states."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from list_sync.api.saved_lists.kinds import plain_key
from list_sync.api.saved_lists.text_lists import parse_id

_DEEPEST = 8


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Names of arrays of titles, with the kind that the name states.
_NAMES: Mapping[str, str] = {
    **dict.fromkeys(_words("movies movie films film filme peliculas filmes moviewatchlist"), "movie"),
    **dict.fromkeys(_words("shows show tvshows tvshow tv series serien tvseries showwatchlist"), "show"),
    **dict.fromkeys(
        _words(
            "items item entries results records list data metadata directory docs titles media medialist watchlist "
            "watched history collection favorites favourites ratings parts entities edges nodes rows values library "
            "wanted likes plantowatch watching completed content hits anime animes queue itemlistelement"
        ),
        "",
    ),
    **{name: name for name in _words("seasons episodes persons people games books podcasts lists users comments")},
}
# The kinds of arrays whose entries are parts of a show.
PARTS = frozenset({"seasons", "episodes"})
# Arrays of objects that are not titles.
_OTHER_NAMES = _words(
    "genres tags keywords cast crew countries languages networks studios productioncompanies companies images posters "
    "links sorts facets filters sources errors warnings certifications providers watchproviders sections accounts "
    "messages children participants labels statistics createdby spokenlanguages productioncountries alternatetitles "
    "alternativetitles translations gueststars directors writers actors releases aliases"
)
_NUMBERS = _words("id tmdb tmdbid moviedb themoviedb tvdb tvdbid thetvdb movieid filmid showid tvid seriesid")
# An array of such a name holds titles that are not wanted, even if it is the only array.
_REFUSED = re.compile(r"delet|remov|exclu|block|black|hidden|ignor|dislike|drop")
_TITLES = _words("title name titletext primarytitle movietitle showtitle seriesname originaltitle")
_IDS = _words(
    "id ids imdbid imdb tmdbid tmdb tvdbid tvdb const tconst providerids guids guid externalids mediaid remoteids"
)
# An object under one of these names may be the title of the entry, the likeliest name first.
WRAPPERS = (
    *("movie", "film", "show", "series", "anime", "media", "node", "listitem", "content", "item", "mediaitem"),
    *("season", "episode"),
)
_TOTALS = _words(
    "total totalresults totalrecordcount totalrecords totalitems totalcount totalentries totalsize totalhits "
    "totalelements itemcount itemscount numfound count resultcount numberofitems numresults recordcount entrycount "
    "moviecount filmcount titlecount mediacount totalmovies totalfilms totaltitles listcount"
)
_OF_ALL = _words("total totalresults totalcount totalitems totalrecords totalrecordcount totalentries totalhits")
_MORE = _words(
    "hasmore hasnext hasnextpage hasnextchunk hasmoreitems hasmoreresults next nextpage nextcursor nextpagetoken "
    "nexturl nextlink nextoffset odatanextlink continuation continuationtoken truncated istruncated incomplete "
    "ispartial partial moreavailable"
)
_LAST = _words("last islast islastpage lastpagereached iscomplete")
_ERRORS = ("error", "errors", "errormessage")
_NO_ERRORS = frozenset({"none", "null", "false", "0", "ok"})
_PAGE_COUNTS = _words("totalpages pagecount pages lastpage numpages numberofpages")
_RANGES = _words("showing shown range contentrange position results")
_PAGING = _words("pagination paging pageinfo page meta links info hits limits")
_OF = re.compile(r"(?:\D*?\d+\s*[-–])?\D*?\d+\s*(?:of|/|von|de|sur|di)\s*(?P<total>\d{1,9})\D*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of a document: where it is, and the kind that the name of its array states."""

    holder: str
    entry: object
    kind: str = ""
    index: int | None = None

    @property
    def path(self) -> str:
        """Return the place of the entry in words."""
        return self.holder if self.index is None else f"{self.holder}[{self.index}]"


@dataclass(slots=True)
class Document:
    """The contents of a document: entries of known arrays, entries of other arrays, and the length that it states."""

    entries: list[Place] = field(default_factory=list)
    unknown: dict[str, list[Place]] = field(default_factory=dict)
    has_arrays: bool = False
    totals: list[tuple[int, int]] = field(default_factory=list)
    statements: int = 0
    page_counts: list[int] = field(default_factory=list)
    more: str = ""
    error: str = ""

    @property
    def count(self) -> int:
        """Return how many entries were found so far."""
        return len(self.entries) + sum(map(len, self.unknown.values()))

    def find_total(self, entries: int) -> int:
        """Return the length that the document states, of which `entries` were read.

        Pages of one list state the same total. Several lists state different ones, and each must hold what it states.
        """
        totals = {total for total, _ in self.totals}
        missing = max((total - held for total, held in self.totals), default=0)
        return entries + missing if len(totals) > 1 else max(totals, default=0)

    @property
    def halt(self) -> str:
        """Return why the list must be longer than the document, or an empty text."""
        if self.error:
            return f'it states an error ("{self.error}")'
        pages = max(self.page_counts, default=0)
        if pages > len(self.page_counts):
            return f"it holds only {len(self.page_counts)} of {pages} pages"
        return f'it states that more follows ("{self.more}")' if self.more else ""


def find_entries(document: object) -> Document:
    """Return the entries of all arrays of titles at any depth, but not of arrays inside entries."""
    found = Document()
    if isinstance(document, dict) and _holds_entries(document):
        found.entries, found.has_arrays = _keyed(document, "", ""), True
    else:
        _walk(document, "", "", found, depth=0)
    if not found.entries and len(found.unknown) == 1 and not _REFUSED.search(plain_key(next(iter(found.unknown)))):
        # It is the only array, so it is the list.
        found.entries.extend(found.unknown.popitem()[1])
    return found


def _walk(value: object, path: str, kind: str, found: Document, *, depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        _walk_array(value, path, kind, found, depth=depth)
    elif isinstance(value, dict):
        if depth == 0:
            found.error = _find_error(value)
        before, statements = found.count, found.statements
        for key, inner in value.items():
            name = plain_key(key)
            _walk_member(inner, f"{path}.{key}" if path else str(key), name, kind, found, depth=depth)
        held = found.count - before
        has_arrays = any(isinstance(inner, list) for inner in value.values())
        if depth == 0 or held or has_arrays:
            _read_statement(
                value, found, held=held, is_alone=found.statements == statements, is_near=depth == 0 or has_arrays
            )


def _walk_member(value: object, path: str, name: str, kind: str, found: Document, *, depth: int) -> None:
    if isinstance(value, list):
        # Groups by year have only a number as their name.
        if name in _NAMES or name.isdigit() or any(map(is_container, value)):
            _walk_array(value, path, _NAMES.get(name, "") or kind, found, depth=depth + 1)
        elif name not in _OTHER_NAMES and (any(map(looks_like_title, value)) or _holds_numbers(name, value)):
            found.has_arrays = True
            found.unknown[path] = _places(value, path, kind)
    elif isinstance(value, dict):
        if _holds_entries(value):
            found.has_arrays = True
            entries = _keyed(value, path, _NAMES.get(name, "") or kind)
            if name in _NAMES:
                found.entries.extend(entries)
            else:
                found.unknown[path] = entries
        else:
            _walk(value, path, _NAMES.get(name, "") or kind, found, depth=depth + 1)


def _holds_numbers(name: str, array: Sequence[object]) -> bool:
    """Return whether an array holds ids as bare numbers, by its name."""
    return name.removesuffix("s") in _NUMBERS and any(isinstance(entry, int) for entry in array)


def _walk_array(array: Sequence[object], path: str, kind: str, found: Document, *, depth: int) -> None:
    found.has_arrays = True
    for place in _places(array, path, kind):
        if is_container(place.entry):
            _walk(place.entry, place.path, kind if kind in ("movie", "show") else "", found, depth=depth + 1)
        else:
            found.entries.append(place)


def _places(array: Sequence[object], path: str, kind: str) -> list[Place]:
    return [Place(path, entry, kind, index) for index, entry in enumerate(array)]


def _keyed(table: Mapping[str, object], path: str, kind: str) -> list[Place]:
    """Return the entries of an object whose keys are ids, each with its id."""
    return [
        Place(f"{path}.{key}" if path else key, {"id": key, **entry}, kind)
        for key, entry in table.items()
        if isinstance(entry, dict)
    ]


def is_container(value: object) -> bool:
    """Return whether an object holds entries and is not an entry: a page, or one of several lists."""
    if not isinstance(value, dict):
        return False
    arrays = [inner for key, inner in value.items() if plain_key(key) in _NAMES and isinstance(inner, list)]
    if any(looks_like_title(entry) and not _is_part(entry) for array in arrays for entry in array):
        return True
    return bool(arrays) and not looks_like_title(value)


def has_list(value: Mapping[str, object]) -> bool:
    """Return whether an object has an array of titles, which may be empty; seasons and episodes are none."""
    names = (plain_key(key) for key, inner in value.items() if isinstance(inner, list))
    return any(_NAMES.get(name, "seasons") not in PARTS for name in names)


def _is_part(entry: object) -> bool:
    """Return whether an object is a season or an episode of the show that contains it."""
    return isinstance(entry, dict) and not {"seasonnumber", "episodenumber", "number"}.isdisjoint(map(plain_key, entry))


def _holds_entries(value: Mapping[str, object]) -> bool:
    """Return whether an object maps ids to entries."""
    return bool(value) and all(
        isinstance(entry, dict) and (parse_id(str(key)) or str(key).isdigit()) for key, entry in value.items()
    )


def looks_like_title(value: object) -> bool:
    """Return whether a value may be a title: an object with a name or an id, or the text of an id."""
    if isinstance(value, str):
        return parse_id(value) is not None
    if not isinstance(value, dict):
        return False
    keys = set(map(plain_key, value))
    return bool(keys & (_TITLES | _IDS)) or any(
        isinstance(inner, dict) for key, inner in value.items() if plain_key(key) in WRAPPERS
    )


def _read_statement(value: Mapping[str, object], found: Document, *, held: int, is_alone: bool, is_near: bool) -> None:
    """Note the length that an object states, which holds a number of entries.

    Numbers of films far from the entries may be those of a user, so that only a total counts there.
    What the last page says of a further one counts. What is around the entries counts more than what is inside.
    """
    pages, total, more = 0, 0, "" if is_alone else None
    for key, stated in _statements(value):
        of = _OF.fullmatch(stated[:60]) if isinstance(stated, str) else None
        if key in _PAGE_COUNTS or (key == "page" and of):
            pages = max(pages, int(of["total"]) if of else _count(stated))
        elif key in (_TOTALS if is_near else _OF_ALL) or (key in _RANGES and of):
            total = max(total, int(of["total"]) if of else _count(stated))
        elif key in _MORE | _LAST:
            is_more = stated is False if key in _LAST else stated not in (None, False, "", 0, "null", "false", "0")
            more = key if is_more else more or ""
            found.statements += 1
    found.page_counts += [pages] if pages else []
    found.totals += [(total, held)] if total else []
    found.more = found.more if more is None else more


def _find_error(value: Mapping[str, object]) -> str:
    """Return the key by which a document says that its service failed, or an empty text."""
    plain = {plain_key(key): stated for key, stated in value.items()}
    named = next((key for key in _ERRORS if str(plain.get(key) or "none").lower() not in _NO_ERRORS), "")
    if named or plain.get("success") in (False, "false"):
        return named or "success"
    return "status" if str(plain.get("status")).lower() in ("error", "fail", "failed") else ""


def _statements(value: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, stated in value.items():
        name = plain_key(key)
        if name in _PAGING and isinstance(stated, dict):
            yield from ((plain_key(inner), number) for inner, number in stated.items())
        else:
            yield name, stated


def _count(value: object) -> int:
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0
