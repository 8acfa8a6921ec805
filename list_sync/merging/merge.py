"""The same title on several lists becomes one wanted title, before and after matching."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from list_sync.model.decisions import Wish
from list_sync.model.matches import Match, NoMatch, Place, WantedItem
from list_sync.model.sources import FetchResult, ListRef
from list_sync.model.terms import Order
from list_sync.model.titles import MediaIds, MediaItem, MediaType, QualityKey


def merge_items(results: Iterable[FetchResult]) -> tuple[WantedItem, ...]:
    """Return every wanted title once, in the order of lists and ranks, with all the lists that want it.

    Before look-ups, two entries are merged only if there is no doubt: all their ids are the same, or they share an id
    or key, no id contradicts, and title and year are the same. Other entries of one title are merged after matching.
    So a wrong id on one list does not affect another list.
    """
    merged: list[WantedItem] = []
    places: dict[tuple[str, int | None], int] = {}
    for result in results:
        for wanted in _read_entries(result):
            _add(wanted, merged, places)
    return tuple(merged)


def _read_entries(result: FetchResult) -> Iterator[WantedItem]:
    """Yield the entries of one list, each with its place there if the terms of the list or seasons on it ask for it."""
    source, sources = result.source, (result.source,)
    if not source.terms.needs_places and all(item.season is None for item in result.items):
        for item in result.items:
            yield WantedItem(item, sources)
        return
    ranks = _rank(result.items, source.terms.order)
    for item, rank in zip(result.items, ranks, strict=True):
        yield WantedItem(item, sources, (Place(source.key, rank, item.added_at, item.season, item.rating),))


def _rank(items: Sequence[MediaItem], order: Order) -> Sequence[int]:
    """Return the rank of each entry, from 1; an entry for which the source does not state what decides comes last."""
    if order is Order.RANK:
        return range(1, len(items) + 1)
    if order is Order.ADDED:
        values = [item.added_at.timestamp() if item.added_at else None for item in items]
    else:
        values = [item.rating for item in items]
    best_first = sorted(range(len(items)), key=lambda place: _worst_last(values[place]))
    ranks = {place: rank for rank, place in enumerate(best_first, start=1)}
    return [ranks[place] for place in range(len(items))]


def _worst_last(value: float | None) -> tuple[bool, float]:
    return (value is None, -(value or 0))


def _add(entry: WantedItem, merged: list[WantedItem], places: dict[tuple[str, int | None], int]) -> None:
    item = entry.item
    keys = _merge_keys(item)
    known = [places[key] for key in keys if key in places]
    place = next((place for place in known if _are_one(merged[place].item, item)), None)
    if place is None:
        place = len(merged)
        merged.append(entry)
    else:
        merged[place] = _joined(merged[place], item, entry)
        keys = _merge_keys(merged[place].item)
    for key in keys:
        places.setdefault(key, place)


def _merge_keys(item: MediaItem) -> list[tuple[str, int | None]]:
    keys = item.keys
    if item.ids:
        keys = tuple([key for key in keys if not key.startswith("title:")])
    return [(key, item.season) for key in keys]


def _are_one(ours: MediaItem, theirs: MediaItem) -> bool:
    if not _agree(ours, theirs):
        return False
    has_same_name = ours.year is not None and ours.keys[-1] == theirs.keys[-1]
    return has_same_name or (ours.ids == theirs.ids and not _may_be_two(ours, theirs))


def _may_be_two(ours: MediaItem, theirs: MediaItem) -> bool:
    """Return whether entries with the same ids may be a film and a show: TVDB numbers these apart."""
    has_number_alone = ours.ids.tvdb is not None and ours.ids == MediaIds(tvdb=ours.ids.tvdb)
    return has_number_alone and None in (ours.media_type, theirs.media_type)


def _agree(ours: MediaItem, theirs: MediaItem) -> bool:
    pairs = (
        (ours.ids.tmdb, theirs.ids.tmdb),
        (ours.ids.imdb, theirs.ids.imdb),
        (ours.ids.tvdb, theirs.ids.tvdb),
        (ours.media_type, theirs.media_type),
    )
    return all(one is None or other is None or one == other for one, other in pairs)


def _joined(wanted: WantedItem, item: MediaItem, other: WantedItem) -> WantedItem:
    """Return one title of two, of which the second says of itself what `item` says."""
    ours = wanted.item
    joined = MediaItem(
        title=ours.title or item.title,
        media_type=ours.media_type or item.media_type,
        year=ours.year if ours.year is not None else item.year,
        ids=ours.ids.merged_with(item.ids),
        season=ours.season,
        other_titles=ours.other_titles or item.other_titles,
    )
    known = {source for source, _ in wanted.all_entries}
    entries = wanted.all_entries + tuple(entry for entry in other.all_entries if entry[0] not in known)
    return WantedItem(joined, _united(wanted.sources, other.sources), wanted.places + other.places, entries)


def _united(ours: tuple[ListRef, ...], theirs: tuple[ListRef, ...]) -> tuple[ListRef, ...]:
    return ours + tuple(source for source in theirs if source not in ours)


def merge_wishes(wishes: Sequence[Wish], lists: Sequence[ListRef] = ()) -> tuple[Wish, ...]:
    """Return each title once in each quality: the most trusted match stays, with all lists and all wanted seasons.

    `lists` are the lists of the run, most important first: the lists of each wish keep their order.
    """
    ranks = {source: rank for rank, source in enumerate(lists)}
    merged: list[Wish] = []
    places: dict[QualityKey, int] = {}
    for wish in wishes:
        key, result = wish.key, wish.result
        if key is None or isinstance(result, NoMatch):
            merged.append(wish)
            continue
        seasons = _seasons_of(result)
        match = result if seasons == result.seasons else replace(result, seasons=seasons)
        place = places.setdefault(key, len(merged))
        if place == len(merged):
            merged.append(wish if match is result else replace(wish, result=match))
        else:
            merged[place] = replace(wish, result=_joined_matches(merged[place].match, match, ranks))
    return tuple(merged)


def _seasons_of(match: Match) -> frozenset[int] | None:
    wanted, season = match.wanted, match.wanted.item.season
    if match.media_type is MediaType.MOVIE or season is None:
        return match.seasons
    # A title that is looked up a second time was merged before, and its places have the seasons of all its entries.
    return match.narrowed_to(wanted.sources).seasons if wanted.places else (match.seasons or frozenset()) | {season}


def _joined_matches(ours: Match, theirs: Match, ranks: Mapping[ListRef, int]) -> Match:
    order = list(type(ours.method))
    best, other = sorted((ours, theirs), key=lambda match: order.index(match.method))
    joined = _joined(best.wanted, _without_contradictions(best.wanted.item, other.wanted.item), other.wanted)
    both = None if ours.seasons is None or theirs.seasons is None else ours.seasons | theirs.seasons
    united = _united(ours.wanted.sources, theirs.wanted.sources)
    sources = tuple(sorted(united, key=lambda source: ranks.get(source, len(ranks))))
    return replace(best, wanted=replace(joined, sources=sources), seasons=both)


def _without_contradictions(ours: MediaItem, theirs: MediaItem) -> MediaItem:
    return theirs if _agree(ours, theirs) else replace(theirs, ids=MediaIds())
