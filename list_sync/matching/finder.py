"""The look-ups of one title, most trustworthy first: IMDb id, TMDB number without kind, TVDB id, title and year."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from list_sync.api.sources.tmdb import Catalogue
from list_sync.errors import LookupFailed
from list_sync.matching.lookups import read_details
from list_sync.matching.memory import contradiction, for_review
from list_sync.matching.ranking import Ambiguous, choose, find_named, is_akin, is_named, is_near, is_same, rank
from list_sync.matching.title_search import confirm, search_title
from list_sync.matching.titles import is_searchable, plain_title
from list_sync.model.matches import (
    Candidate,
    Match,
    MatchMethod,
    MatchResult,
    NoMatch,
    NoMatchReason,
    Resolution,
    WantedItem,
)
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaIds, MediaItem, MediaType, with_year


@dataclass(frozen=True, slots=True)
class Finding:
    """A result, and the keys to remember it under; unproven if an outage of TMDB could give the same result.

    `title` and `year` are those of the TMDB title, if no list states a name.
    """

    result: MatchResult
    keys: tuple[str, ...] = ()
    is_proven: bool = True
    title: str = ""
    year: int | None = None

    @property
    def has_failed(self) -> bool:
        """Return whether the look-up failed, which says nothing about the title."""
        return isinstance(self.result, NoMatch) and self.result.reason is NoMatchReason.LOOKUP_FAILED

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """Return what to remember of it."""
        match = self.result
        if isinstance(match, NoMatch):
            return ()
        found = (match.media_type, match.tmdb_id, match.method, self.title, self.year)
        return tuple(Resolution(key, *found) for key in self.keys)


@dataclass(frozen=True, slots=True)
class Search:
    """A wanted title, and its item with a plain title to compare and search by."""

    wanted: WantedItem
    item: MediaItem

    @property
    def id_keys(self) -> tuple[str, ...]:
        """Return the IMDb key, which is always looked up first, if there is one."""
        return tuple(key for key in self.wanted.item.keys if key.startswith("imdb:"))

    @property
    def title_keys(self) -> tuple[str, ...]:
        """Return the key of the title, if there is one."""
        return tuple(key for key in self.wanted.item.keys if key.startswith("title:"))


def find_title(wanted: WantedItem, catalogue: Catalogue) -> Finding:
    """Return what the catalogue says a wanted title is; a look-up that failed is a finding of its own."""
    item = replace(wanted.item, title=plain_title(wanted.item.title, wanted.item.year))
    search = Search(wanted, item)
    try:
        return _find_by_imdb(search, catalogue) or _find_stated(wanted) or _find_otherwise(search, catalogue)
    except LookupFailed as error:
        return Finding(NoMatch(wanted, NoMatchReason.LOOKUP_FAILED, error.message), is_proven=False)


def _find_by_imdb(search: Search, catalogue: Catalogue) -> Finding | None:
    item = search.item
    found = catalogue.find_by_imdb(item.ids.imdb) if item.ids.imdb else ()
    if not found:
        return None
    if len(found) > 1:
        return _doubt(search, "several titles have its IMDb id", found)
    # A list may call a mini-series a film: the id, the name and the year together count more than its kind.
    of_any_kind = replace(item, media_type=None)
    is_same = item.year is not None and is_named(item, found[0]) and is_near(of_any_kind, found[0])
    if is_same and item.media_type not in (None, found[0].media_type):
        search = replace(search, item=of_any_kind)
        return _settle(search, found[0], MatchMethod.IMDB_ID, search.id_keys + search.title_keys)
    return _settle(search, found[0], MatchMethod.IMDB_ID, search.id_keys)


def _find_stated(wanted: WantedItem) -> Finding | None:
    """Return the title that a list states, if another list contradicts it and TMDB does not know its IMDb id."""
    item = wanted.item
    if item.ids.tmdb is None or item.media_type is None:
        return None
    return Finding(Match(wanted, item.media_type, item.ids.tmdb, MatchMethod.TMDB_ID))


def _find_otherwise(search: Search, catalogue: Catalogue) -> Finding:
    numbered = _find_numbered(search.item, catalogue)
    agreeing = _find_agreeing(search.item, numbered, catalogue)
    if len(agreeing) == 1:
        keys = _safe_keys(search, agreeing[0], unsafe=("title:",))
        return _settle(search, agreeing[0], MatchMethod.TMDB_ID, keys)
    finding = _find_by_tvdb(search, catalogue) or _find_by_title(search, catalogue)
    if search.item.has_number_without_kind and isinstance(finding.result, NoMatch):
        return _with_numbered(search, finding, finding.result, numbered)
    return finding


def _find_numbered(item: MediaItem, catalogue: Catalogue) -> tuple[Candidate, ...]:
    """Return the film and the show with the item's TMDB number; none if it states a kind or no number.

    The servers leave out titles that TMDB does not have or did not answer for, without an error.
    """
    if not item.has_number_without_kind:
        return ()
    found = catalogue.search(f"tmdb:{item.ids.tmdb}").candidates
    return tuple(candidate for candidate in found if candidate.tmdb_id == item.ids.tmdb)


def _find_agreeing(item: MediaItem, numbered: Sequence[Candidate], catalogue: Catalogue) -> tuple[Candidate, ...]:
    """Return those that share the item's name near its year, or another id, and contradict none of its ids."""
    named = [candidate for candidate in numbered if is_same(item, candidate) and is_near(item, candidate)]
    if item.ids.imdb is None and item.ids.tvdb is None:
        return tuple(named)
    agreeing = []
    for candidate in numbered:
        pairs = _compare_ids(item.ids, read_details(candidate, catalogue))
        if all(stated == own for stated, own in pairs) and (pairs or candidate in named):
            agreeing.append(candidate)
    return tuple(agreeing)


def _compare_ids(ids: MediaIds, details: TitleDetails) -> list[tuple[object, object]]:
    """Return the pairs of ids that both sides know; TVDB numbers its films apart from its shows."""
    tvdb_id = ids.tvdb if details.media_type is MediaType.TV else None
    pairs = [(ids.imdb, details.imdb_id), (tvdb_id, details.tvdb_id)]
    return [(stated, own) for stated, own in pairs if stated is not None and own is not None]


def _with_numbered(search: Search, finding: Finding, result: NoMatch, numbered: Sequence[Candidate]) -> Finding:
    """Return a finding whose candidates include the film and the show of the stated number."""
    is_titled = bool(search.item.title.strip())
    # An outage can hide a title that exists. A number alone always waits for review.
    is_proven = finding.is_proven and len(numbered) >= (2 if is_titled else 1)
    if numbered:
        other_names = "the film or show with its TMDB number has another name"
        is_unfound = is_titled and result.reason is NoMatchReason.NOT_FOUND
        candidates = dict.fromkeys((*numbered, *result.candidates))
        finding = _doubt(search, other_names if is_unfound else result.detail, tuple(candidates))
    return replace(finding, is_proven=is_proven)


def _find_by_tvdb(search: Search, catalogue: Catalogue) -> Finding | None:
    item = search.item
    # TVDB has separate numbers for films and shows, and the servers search shows only.
    if item.ids.tvdb is None or item.media_type is MediaType.MOVIE:
        return None
    found = catalogue.find_by_tvdb(item.ids.tvdb)
    if not found:
        return None
    # A number without a kind may belong to a film, so the name has to agree.
    is_checked = item.media_type is None and bool(item.title)
    if is_checked and not any(is_akin(item, candidate) for candidate in found):
        return _doubt(search, "the show with its TVDB id has another name", found)
    if len(found) == 1:
        keys = (*search.id_keys, f"tvdb:{item.ids.tvdb}", *(search.title_keys if is_checked else ()))
        return _settle(search, found[0], MatchMethod.TVDB_ID, keys)
    chosen = _choose_namesake(item, found)
    if chosen is None:
        return _doubt(search, "several shows have its TVDB id", found)
    return _settle(search, chosen, MatchMethod.TVDB_ID, search.id_keys)


def _choose_namesake(item: MediaItem, candidates: Sequence[Candidate]) -> Candidate | None:
    named = find_named(item, candidates)
    if len(named) == 1:
        return named[0]
    choice = choose(item, candidates)
    return choice if isinstance(choice, Candidate) else None


def _find_by_title(search: Search, catalogue: Catalogue) -> Finding:
    item, wanted = search.item, search.wanted
    if not item.title.strip():
        return Finding(NoMatch(wanted, NoMatchReason.NOT_FOUND, _why_untitled(item)))
    found = confirm(item, search_title(item, catalogue), catalogue)
    if isinstance(found.choice, Candidate):
        finding = _check_ids(search, found.choice, catalogue)
        if isinstance(finding.result, Match):
            considered = rank(item, dict.fromkeys(found.candidates))
            finding = replace(finding, result=replace(finding.result, considered=considered))
        return replace(finding, is_proven=found.is_proven)
    if found.choice is not None:
        return Finding(for_review(wanted, found.choice), is_proven=found.is_proven)
    if not is_searchable(item.title):
        doubt = _doubt(search, "a title without letters or digits cannot be searched for", ())
        return replace(doubt, is_proven=found.is_proven)
    absent = NoMatch(wanted, NoMatchReason.NOT_FOUND, "TMDB has no title of that name")
    return Finding(absent, is_proven=found.is_proven)


def _why_untitled(item: MediaItem) -> str:
    if item.ids.imdb is not None or item.ids.tvdb is not None:
        return "TMDB does not know its id"
    return "a TMDB number, but not whether of a film or of a show" if item.ids else "neither an id nor a title"


def _check_ids(search: Search, candidate: Candidate, catalogue: Catalogue) -> Finding:
    """Check that ids which the look-ups by id did not find do not contradict those of the candidate."""
    ids = search.item.ids
    is_show = candidate.media_type is MediaType.TV
    if ids.imdb is not None or (is_show and ids.tvdb is not None):
        details = read_details(candidate, catalogue)
        if ids.imdb is not None and details.imdb_id not in (None, ids.imdb):
            return _doubt(search, f"the title of its name and year is {details.imdb_id}, not {ids.imdb}", (candidate,))
        if is_show and ids.tvdb is not None and details.tvdb_id not in (None, ids.tvdb):
            doubt = f"the show of its name and year has TVDB id {details.tvdb_id}, not {ids.tvdb}"
            return _doubt(search, doubt, (candidate,))
    return _settle(search, candidate, MatchMethod.TITLE_AND_YEAR, _safe_keys(search, candidate, unsafe=("tmdb:",)))


def _safe_keys(search: Search, candidate: Candidate, *, unsafe: tuple[str, ...]) -> tuple[str, ...]:
    # A film's TVDB number is also the number of some show, and would be remembered for that show.
    if candidate.media_type is MediaType.MOVIE:
        unsafe += ("tvdb:",)
    return tuple(key for key in search.wanted.item.keys if not key.startswith(unsafe))


def _settle(search: Search, candidate: Candidate, method: MatchMethod, keys: tuple[str, ...]) -> Finding:
    detail = contradiction(search.item, candidate.media_type, candidate.tmdb_id)
    if detail is not None:
        return _doubt(search, detail, (candidate,))
    match = Match(search.wanted, candidate.media_type, candidate.tmdb_id, method)
    if search.item.title:
        return Finding(match, keys)
    named = replace(match, name=with_year(candidate.title, candidate.year))
    return Finding(named, keys, title=candidate.title, year=candidate.year)


def _doubt(search: Search, detail: str, candidates: Sequence[Candidate]) -> Finding:
    return Finding(for_review(search.wanted, Ambiguous(detail, rank(search.item, candidates))))
