"""Compare what a list states about a title with what TMDB says about it."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from list_sync.model.decisions import ItemStatus, RequestOutcome, Skip, Wish
from list_sync.model.matches import Match, MatchMethod, WantedItem
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaItem, TitleKey


def find_contradiction(match: Match, details: TitleDetails) -> str | None:
    """Return why the TMDB id that a list states seems wrong, or None.

    It seems wrong if both the IMDb id and the name differ. Then the user is asked, because a wrong request is worse
    than a question.
    """
    item = match.wanted.item
    if match.method is not MatchMethod.TMDB_ID or item.ids.imdb is None or details.imdb_id in (None, item.ids.imdb):
        return None
    if not item.title or _letters(item.title) == _letters(details.title):
        return None
    theirs = f"{details.title} ({details.year})" if details.year else details.title
    return f"the list gives TMDB id {match.tmdb_id}, which is {theirs}, {details.imdb_id}: pin which one it is"


def _letters(title: str) -> str:
    return "".join(character for character in title.casefold() if character.isalnum())


def has_other_evidence(item: MediaItem) -> bool:
    """Return whether a title could be found without the TMDB id that its list states."""
    return item.ids.imdb is not None or item.ids.tvdb is not None or bool(item.title and item.year)


def find_stated_number(wanted: WantedItem) -> TitleKey | None:
    """Return the TMDB title that a list states."""
    item = wanted.item
    return (item.media_type, item.ids.tmdb) if item.ids.tmdb is not None and item.media_type is not None else None


def is_misnumbered(wanted: WantedItem, missing: Container[TitleKey], pinned: Container[str] = ()) -> bool:
    """Return whether the stated TMDB number of a title does not exist, and the title may be found without it.

    A pinned title keeps its number: the pin may be stored under it.
    """
    if find_stated_number(wanted) not in missing or any(key in pinned for key in wanted.item.keys):
        return False
    return has_other_evidence(wanted.item)


def find_misnumbered(outcome: RequestOutcome) -> WantedItem | None:
    """Return the title of an outcome whose TMDB id does not exist, without that id.

    Return None for other outcomes, and if nothing else is known by which the title could be found.
    """
    result = outcome.result
    if outcome.status is not ItemStatus.NOT_FOUND or not isinstance(result, Match):
        return None
    if result.method is MatchMethod.REMEMBERED:
        return result.wanted
    is_stated = result.method is MatchMethod.TMDB_ID and has_other_evidence(result.wanted.item)
    return without_tmdb_id(result.wanted) if is_stated else None


def without_tmdb_id(wanted: WantedItem) -> WantedItem:
    """Return a title without the TMDB id that its list states."""
    return replace(wanted, item=replace(wanted.item, ids=replace(wanted.item.ids, tmdb=None)))


def find_missing_number(outcome: RequestOutcome) -> TitleKey | None:
    """Return the TMDB number that an outcome shows not to exist."""
    return outcome.decision.title_key if outcome.status is ItemStatus.NOT_FOUND else None


def part_doubles(wishes: Iterable[Wish], outcomes: Sequence[RequestOutcome]) -> tuple[list[Wish], list[RequestOutcome]]:
    """Part wishes in those still to be decided, and the outcomes of those that are doubles of decided ones."""
    decided = {outcome.decision.quality_key: outcome for outcome in outcomes if outcome.decision.quality_key}
    others: list[Wish] = []
    doubles: list[RequestOutcome] = []
    for wish in wishes:
        first = decided.get(wish.key) if wish.key else None
        if first is None:
            others.append(wish)
        else:
            skip = Skip(wish.result, first.status, first.reason, wish.quality)
            doubles.append(replace(first, decision=skip))
    return others, doubles
