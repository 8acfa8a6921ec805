"""The look-up by title and year: which pages are read, and whether they prove that no other title fits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from list_sync.api.sources.tmdb import Catalogue
from list_sync.errors import LookupFailed
from list_sync.matching.lookups import SERVER, read_details
from list_sync.matching.ranking import YEARS_NEAR, Ambiguous, choose, find_named, is_akin, is_named, is_near, rank
from list_sync.matching.titles import country_suffix, relaxed_text, search_text
from list_sync.model.matches import Candidate
from list_sync.model.titles import MediaItem, MediaType

MOST_PAGES = 3
FULL_PAGE = 20
MOST_ASKED_FOR_COUNTRY = 3

Choice = Candidate | Ambiguous | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The results of the search for one query.

    `is_cut`: there is more than was read. `is_proven`: each kind that was asked for has results. During an outage of
    TMDB there would be none.
    """

    candidates: tuple[Candidate, ...]
    is_cut: bool
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The choice among all results of the search; unproven if an outage of TMDB could lead to the same choice."""

    choice: Choice
    is_proven: bool
    candidates: tuple[Candidate, ...] = ()


def search_title(item: MediaItem, catalogue: Catalogue) -> Found:
    """Search for the item by each of its names until one search finds it, and return the choice.

    Raise LookupFailed if the search failed.
    """
    first = _search_name(item, catalogue)
    if isinstance(first.choice, Candidate):
        return first
    for name in item.other_titles:
        others = tuple(other for other in item.names if other != name)
        found = _search_name(replace(item, title=name, other_titles=others), catalogue)
        if isinstance(found.choice, Candidate):
            return found
        first = Found(first.choice or found.choice, first.is_proven and found.is_proven)
    return first


def _search_name(item: MediaItem, catalogue: Catalogue) -> Found:
    text = search_text(item.title)
    if item.year is None:
        return _choose(item, [_read(item, text, catalogue)], catalogue)
    own_year = _read_year(item, text, item.year, catalogue)
    if item.media_type is not None and not own_year.is_cut and find_named(item, own_year.candidates):
        return _choose(item, [own_year], catalogue)
    return _choose(item, _read_widely(item, text, own_year, item.year, catalogue), catalogue)


def _read_widely(item: MediaItem, text: str, own_year: Shelf, year: int, catalogue: Catalogue) -> list[Shelf]:
    # A title with one year of difference is certain only if the results for the years around it are known too.
    shelves = [own_year, *(_read_year(item, text, year + distance, catalogue) for distance in (-1, 1, -2, 2))]
    if any(shelf.is_cut for shelf in shelves):
        # A search with a year has only one page. A search without a year has more, so it also shows the rest.
        shelves = [*(replace(shelf, is_cut=False) for shelf in shelves), _read(item, text, catalogue)]
    relaxed = relaxed_text(item.title)
    if relaxed and not any(find_named(item, shelf.candidates) for shelf in shelves):
        shelves.append(_only_akin(item, _read_year(item, relaxed, year, catalogue)))
    if not any(is_akin(item, candidate) for shelf in shelves for candidate in shelf.candidates):
        # A search by year does not show titles without a date.
        shelves.append(_only_akin(item, _read(item, text, catalogue)))
    return shelves


def _only_akin(item: MediaItem, shelf: Shelf) -> Shelf:
    akin = tuple(candidate for candidate in shelf.candidates if is_akin(item, candidate))
    return replace(shelf, candidates=akin, is_cut=shelf.is_cut and bool(akin))


def _choose(item: MediaItem, shelves: Iterable[Shelf], catalogue: Catalogue) -> Found:
    shelves = tuple(shelves)
    candidates = [candidate for shelf in shelves for candidate in shelf.candidates]
    choice = choose(item, candidates)
    if isinstance(choice, Ambiguous) and country_suffix(item.title):
        candidates = _with_countries(item, candidates, catalogue)
        choice = choose(item, candidates)
    is_proven = all(shelf.is_proven for shelf in shelves)
    if isinstance(choice, Ambiguous) or not any(shelf.is_cut for shelf in shelves):
        return Found(choice, is_proven, tuple(candidates))
    return Found(Ambiguous("more titles of that name than the search shows", rank(item, candidates)), is_proven)


def _with_countries(item: MediaItem, candidates: list[Candidate], catalogue: Catalogue) -> list[Candidate]:
    """Return the candidates with their countries, if these may decide; the search states none for films."""
    open_ones = {one for one in candidates if not one.countries and one.year == item.year and is_akin(item, one)}
    if item.year is None or len(open_ones) > MOST_ASKED_FOR_COUNTRY:
        return candidates
    known = {one: replace(one, countries=read_details(one, catalogue).countries) for one in open_ones}
    return [known.get(one, one) for one in candidates]


def _read_year(item: MediaItem, text: str, year: int, catalogue: Catalogue) -> Shelf:
    return _read(item, f"{text} year:{year}", catalogue)


def _read(item: MediaItem, query: str, catalogue: Catalogue) -> Shelf:
    first = catalogue.search(query)
    candidates = list(first.candidates)
    is_cut = first.total_pages > MOST_PAGES
    if not is_cut:
        for number in range(2, first.total_pages + 1):
            page = catalogue.search(query, page=number)
            if not page.total_results:
                raise LookupFailed(SERVER, f"page {number} of a title search came back empty")
            candidates += page.candidates
    kinds = (item.media_type,) if item.media_type else tuple(MediaType)
    counts = [sum(candidate.media_type is kind for candidate in candidates) for kind in kinds]
    # The answer to `year:` is one page of at most 20 films and 20 shows; it does not say that there are more.
    is_cut = is_cut or (first.total_pages == 1 and max(counts) >= FULL_PAGE)
    return Shelf(tuple(candidates), is_cut, is_proven=min(counts) > 0)


def confirm(item: MediaItem, found: Found, catalogue: Catalogue) -> Found:
    """Check a choice by a search without a year, if it was made because searches of other years were empty.

    This is one more call, and it shows the titles of that name in all years. Raise LookupFailed if it comes back empty
    although a title of that name exists: then TMDB fails.
    """
    if found.is_proven or not isinstance(found.choice, Candidate) or item.year is None:
        return found
    shelf = _read(item, search_text(item.title), catalogue)
    if not shelf.candidates and is_named(item, found.choice):
        raise LookupFailed(SERVER, "a title search came back empty, although a title of that name was found before")
    near = {
        (one.media_type, one.tmdb_id)
        for one in shelf.candidates
        if one.year and is_akin(item, one) and is_near(item, one, YEARS_NEAR)
    }
    known = {(one.media_type, one.tmdb_id) for one in found.candidates}
    choice = (found.choice.media_type, found.choice.tmdb_id)
    return replace(found, is_proven=choice in near and near <= known)
