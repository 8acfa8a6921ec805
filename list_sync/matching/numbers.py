"""A TMDB number without a kind: the film or the show of that number, if another stated fact agrees."""

from collections.abc import Sequence

from list_sync.api.sources.tmdb import Catalogue
from list_sync.matching.lookups import read_details
from list_sync.matching.ranking import is_near, is_same
from list_sync.model.matches import Candidate
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaIds, MediaItem, MediaType


def find_numbered(item: MediaItem, catalogue: Catalogue) -> tuple[Candidate, ...]:
    """Return the film and the show with the item's TMDB number; none if it states a kind or no number.

    The servers leave out titles that TMDB does not have or did not answer for, without an error.
    """
    if not item.has_number_without_kind:
        return ()
    found = catalogue.search(f"tmdb:{item.ids.tmdb}").candidates
    return tuple(candidate for candidate in found if candidate.tmdb_id == item.ids.tmdb)


def find_agreeing(item: MediaItem, numbered: Sequence[Candidate], catalogue: Catalogue) -> tuple[Candidate, ...]:
    """Return those that share the item's name near its year, or another id, and contradict none of its ids."""
    named = [candidate for candidate in numbered if is_same(item, candidate) and is_near(item, candidate)]
    if item.ids.imdb is None and item.ids.tvdb is None:
        return tuple(named)
    agreeing = []
    for candidate in numbered:
        pairs = _compare(item.ids, read_details(candidate, catalogue))
        if all(stated == own for stated, own in pairs) and (pairs or candidate in named):
            agreeing.append(candidate)
    return tuple(agreeing)


def _compare(ids: MediaIds, details: TitleDetails) -> list[tuple[object, object]]:
    """Return the pairs of ids that both sides know; TVDB numbers its films apart from its shows."""
    tvdb_id = ids.tvdb if details.media_type is MediaType.TV else None
    pairs = [(ids.imdb, details.imdb_id), (tvdb_id, details.tvdb_id)]
    return [(stated, own) for stated, own in pairs if stated is not None and own is not None]
