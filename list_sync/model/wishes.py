"""What the lists wish for: a title in a quality."""

from dataclasses import dataclass

from list_sync.model.decisions import QualityKey
from list_sync.model.matches import Match, MatchResult, NoMatch
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import Quality


@dataclass(frozen=True, slots=True)
class Wish:
    """One title in one quality; the lists of `result` are those that want it in this quality."""

    result: MatchResult
    quality: Quality

    @property
    def match(self) -> Match:
        """Return the match of a title that was matched."""
        if isinstance(self.result, NoMatch):
            raise TypeError("a title without a match was decided before")
        return self.result

    @property
    def key(self) -> QualityKey | None:
        """Return the kind, the TMDB id and the quality of a title that was matched."""
        result = self.result
        return (result.media_type, result.tmdb_id, self.quality) if isinstance(result, Match) else None

    @property
    def decided_by(self) -> ListRef:
        """Return the list whose terms count: the most important one."""
        return self.result.wanted.sources[0]

    @property
    def terms(self) -> Terms:
        """Return the terms that count."""
        return self.decided_by.terms
