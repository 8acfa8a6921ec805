"""The result of looking for one title, for the report and for the memory."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from list_sync.matching.ranking import Ambiguous
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


@dataclass(frozen=True, slots=True)
class Finding:
    """A result, and the keys to remember it under; unproven if an outage of TMDB could give the same result."""

    result: MatchResult
    keys: tuple[str, ...] = ()
    is_proven: bool = True

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
        return tuple(Resolution(key, match.media_type, match.tmdb_id, match.method) for key in self.keys)


def without_contested_keys(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings without those keys that two of them would remember as different titles."""
    meanings: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for finding in findings:
        for resolution in finding.resolutions:
            meanings[resolution.key].add((resolution.media_type, resolution.tmdb_id))
    contested = {key for key, titles in meanings.items() if len(titles) > 1}
    if not contested:
        return tuple(findings)
    return tuple(
        replace(finding, keys=tuple(key for key in finding.keys if key not in contested)) for finding in findings
    )


def matched(wanted: WantedItem, candidate: Candidate, method: MatchMethod) -> Match:
    """Return the match of a wanted title with a candidate."""
    return Match(wanted, candidate.media_type, candidate.tmdb_id, method)


def for_review(wanted: WantedItem, doubt: Ambiguous) -> NoMatch:
    """Return a title that waits for a decision of the user."""
    return NoMatch(wanted, NoMatchReason.AMBIGUOUS, doubt.detail, doubt.candidates)


def not_found(wanted: WantedItem, detail: str) -> NoMatch:
    """Return a title that TMDB is known not to have."""
    return NoMatch(wanted, NoMatchReason.NOT_FOUND, detail)


def lookup_failed(wanted: WantedItem, detail: str) -> NoMatch:
    """Return a title that could not be looked up, which says nothing about it."""
    return NoMatch(wanted, NoMatchReason.LOOKUP_FAILED, detail)
