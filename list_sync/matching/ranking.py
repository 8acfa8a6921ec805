"""Choose the candidate that a wanted title is, if there is no doubt, independent of their order (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from list_sync.matching.titles import country_suffix, is_same_name, plain_keys, weak_keys, without_country
from list_sync.model.matches import Candidate
from list_sync.model.titles import MediaItem

MOST_CANDIDATES = 10
YEARS_OFF = 1
YEARS_NEAR = 2


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Only a person can say which of these candidates it is, or whether it is none of them."""

    detail: str
    candidates: tuple[Candidate, ...]


def choose(item: MediaItem, candidates: Sequence[Candidate]) -> Candidate | Ambiguous | None:
    """Return the one candidate that the item is, the candidates for a review, or None if there are none.

    The year must be the same, or one off with no other title of that name near. The same name written in another way
    counts only in the same year, if no candidate has the exact name. Names that are only similar wait for review.
    """
    unique = tuple({(candidate.media_type, candidate.tmdb_id): candidate for candidate in candidates}.values())
    if item.year is None:
        return Ambiguous("the list gives no year", rank(item, unique)) if unique else None
    akin = [candidate for candidate in unique if is_near(item, candidate, YEARS_NEAR) and is_akin(item, candidate)]
    named = find_named(item, akin)
    if named:
        return _among_named(item, named, akin)
    likely = [candidate for candidate in akin if not _is_of_another_country(item, candidate)]
    if len(likely) == 1 and likely[0].year == item.year and is_same(item, likely[0]):
        return likely[0]
    if akin:
        return Ambiguous("a title of nearly that name or year, which is not proof enough", rank(item, akin))
    similar = [candidate for candidate in unique if _is_similar(item, candidate)]
    return Ambiguous("no title of that name, year and kind, but similar ones", rank(item, similar)) if similar else None


def find_named(item: MediaItem, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates of the item's kind with exactly its name, at most one year apart."""
    return [candidate for candidate in candidates if is_near(item, candidate) and is_named(item, candidate)]


def is_named(item: MediaItem, candidate: Candidate) -> bool:
    """Return whether the candidate's title or original title is the item's, in the strict tier."""
    keys = frozenset().union(*map(plain_keys, item.names))
    return not (keys.isdisjoint(plain_keys(candidate.title)) and keys.isdisjoint(plain_keys(candidate.original_title)))


def is_same(item: MediaItem, candidate: Candidate) -> bool:
    """Return whether the names are the same; a country in brackets must be one that the candidate comes from."""
    names = (candidate.title, candidate.original_title)
    if any(is_same_name(own, name) for own in item.names for name in names):
        return True
    bare = without_country(item.title)
    return country_suffix(item.title) in candidate.countries and any(is_same_name(bare, name) for name in names)


def is_akin(item: MediaItem, candidate: Candidate) -> bool:
    """Return whether the names are so similar that the candidate may be the item: a reason for doubt, not a proof."""
    names = (candidate.title, candidate.original_title)
    return (
        is_named(item, candidate)
        or is_same(item, candidate)
        or any(_are_akin(own, name) for own in item.names for name in names)
    )


def _are_akin(left: str, right: str) -> bool:
    countries = {country_suffix(left), country_suffix(right)} - {""}
    return len(countries) < 2 and not weak_keys(left).isdisjoint(weak_keys(right))


def _is_of_another_country(item: MediaItem, candidate: Candidate) -> bool:
    stated = country_suffix(item.title)
    return bool(stated and candidate.countries) and stated not in candidate.countries


def is_near(item: MediaItem, candidate: Candidate, years: int = YEARS_OFF) -> bool:
    """Return whether kind and year fit the item; a candidate without a year always fits."""
    if item.media_type not in (None, candidate.media_type):
        return False
    return item.year is None or candidate.year is None or abs(candidate.year - item.year) <= years


def rank(item: MediaItem, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the most likely candidates, best first, few enough for a review."""

    def order(candidate: Candidate) -> tuple[bool, bool, bool, int, float, str, int]:
        distance = abs(candidate.year - item.year) if candidate.year and item.year else 99
        return (
            item.media_type not in (None, candidate.media_type),
            not is_named(item, candidate),
            not is_akin(item, candidate),
            distance,
            -candidate.popularity,
            candidate.media_type.value,
            candidate.tmdb_id,
        )

    return tuple(sorted(candidates, key=order)[:MOST_CANDIDATES])


def _is_similar(item: MediaItem, candidate: Candidate) -> bool:
    """Return whether a candidate belongs in a review: it has that kind and year, or the name in another kind."""
    if candidate.year is not None and is_near(item, candidate):
        return True
    return is_akin(item, candidate) and is_near(replace(item, media_type=None), candidate, YEARS_NEAR)


def _among_named(item: MediaItem, named: list[Candidate], akin: list[Candidate]) -> Candidate | Ambiguous:
    same_year = [candidate for candidate in named if candidate.year == item.year]
    # Without a kind, a film and a show of the same name compete, so one year of difference is a reason for doubt.
    is_alone = len(akin) == 1 and akin[0].year is not None
    if len(same_year) == 1 and (item.media_type is not None or is_alone):
        return same_year[0]
    if is_alone:
        return named[0]
    return Ambiguous("several titles of that name", rank(item, akin))
