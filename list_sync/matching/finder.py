"""The look-ups of one title, most trustworthy first: IMDb id, TVDB id, title and year."""

from collections.abc import Sequence

from list_sync.errors import LookupFailed
from list_sync.matching.findings import Finding, for_review, lookup_failed, matched, not_found
from list_sync.matching.lookups import Catalogue
from list_sync.matching.memory import contradiction
from list_sync.matching.ranking import Ambiguous, choose, is_akin, is_named, is_near, rank
from list_sync.matching.title_search import search_title
from list_sync.model.matches import Candidate, MatchMethod
from list_sync.model.sources import WantedItem
from list_sync.model.titles import MediaItem, MediaType


def find_title(wanted: WantedItem, catalogue: Catalogue) -> Finding:
    """Return what the catalogue says a wanted title is; a look-up that failed is a finding of its own."""
    try:
        return _find_by_imdb(wanted, catalogue) or _find_by_tvdb(wanted, catalogue) or _find_by_title(wanted, catalogue)
    except LookupFailed as error:
        return Finding(lookup_failed(wanted, error.message))


def _find_by_imdb(wanted: WantedItem, catalogue: Catalogue) -> Finding | None:
    item = wanted.item
    found = catalogue.find_by_imdb(item.ids.imdb) if item.ids.imdb else ()
    if not found:
        return None
    if len(found) > 1:
        return _doubt(wanted, "several titles have its IMDb id", found)
    return _settle(wanted, found[0], MatchMethod.IMDB_ID, (f"imdb:{item.ids.imdb}",))


def _find_by_tvdb(wanted: WantedItem, catalogue: Catalogue) -> Finding | None:
    item = wanted.item
    # TVDB numbers its films apart from its shows, and the servers look among shows only.
    if item.ids.tvdb is None or item.media_type is MediaType.MOVIE:
        return None
    found = catalogue.find_by_tvdb(item.ids.tvdb)
    if not found:
        return None
    keys = (f"imdb:{item.ids.imdb}",) if item.ids.imdb else ()
    # A number without a kind may be that of a film after all, so that the name has to agree.
    if item.media_type is None and item.title and not any(is_akin(item, candidate) for candidate in found):
        return _doubt(wanted, "the show with its TVDB id has another name", found)
    if len(found) == 1:
        checked = item.keys[-1:] if item.media_type is None and item.title else ()
        return _settle(wanted, found[0], MatchMethod.TVDB_ID, (*keys, f"tvdb:{item.ids.tvdb}", *checked))
    chosen = _choose_namesake(item, found)
    if chosen is None:
        return _doubt(wanted, "several shows have its TVDB id", found)
    return _settle(wanted, chosen, MatchMethod.TVDB_ID, keys)


def _choose_namesake(item: MediaItem, candidates: Sequence[Candidate]) -> Candidate | None:
    named = [candidate for candidate in candidates if is_named(item, candidate) and is_near(item, candidate)]
    if len(named) == 1:
        return named[0]
    choice = choose(item, candidates)
    return choice if isinstance(choice, Candidate) else None


def _find_by_title(wanted: WantedItem, catalogue: Catalogue) -> Finding:
    item = wanted.item
    if not item.title.strip():
        return Finding(not_found(wanted, "TMDB does not know its id" if item.ids else "neither an id nor a title"))
    found = search_title(item, catalogue)
    if isinstance(found.choice, Candidate):
        settled = _settle(wanted, found.choice, MatchMethod.TITLE_AND_YEAR, _keys_of_title(item, found.choice))
        return Finding(settled.result, settled.keys, found.is_proven)
    if found.choice is not None:
        return Finding(for_review(wanted, found.choice), is_proven=found.is_proven)
    return Finding(not_found(wanted, "TMDB has no title of that name"), is_proven=found.is_proven)


def _keys_of_title(item: MediaItem, candidate: Candidate) -> tuple[str, ...]:
    # A film's TVDB number is a show's number too: remembered, it would stand for that show.
    unsafe = ("tmdb:",) if candidate.media_type is MediaType.TV else ("tmdb:", "tvdb:")
    return tuple(key for key in item.keys if not key.startswith(unsafe))


def _settle(wanted: WantedItem, candidate: Candidate, method: MatchMethod, keys: tuple[str, ...]) -> Finding:
    item = wanted.item
    detail = contradiction(item, candidate.media_type, candidate.tmdb_id)
    if detail is not None:
        return _doubt(wanted, detail, (candidate,))
    return Finding(matched(wanted, candidate, method), keys)


def _doubt(wanted: WantedItem, detail: str, candidates: Sequence[Candidate]) -> Finding:
    return Finding(for_review(wanted, Ambiguous(detail, rank(wanted.item, candidates))))
