"""Builds the wishes of a run from matches and the terms of their lists."""

from collections.abc import Iterable, Iterator

from list_sync.model.decisions import Wish
from list_sync.model.matches import MatchResult, NoMatch
from list_sync.model.titles import Quality

_QUALITIES = tuple(Quality)


def build_wishes(results: Iterable[MatchResult]) -> tuple[Wish, ...]:
    """Return a wish for each title in each quality that one of its lists wants.

    A title without a match is wished for in the first quality of each list only: people decide about it once.
    """
    return tuple(wish for result in results for wish in _build_wishes_of(result))


def _build_wishes_of(result: MatchResult) -> Iterator[Wish]:
    wanted = result.wanted
    most = 1 if isinstance(result, NoMatch) else len(Quality)
    for quality in _QUALITIES:
        sources = [source for source in wanted.sources if quality in source.terms.qualities[:most]]
        if len(sources) == len(wanted.sources):
            yield Wish(result, quality)
        elif sources:
            yield Wish(result.narrowed_to(sources), quality)
