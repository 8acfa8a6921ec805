"""The note on a list in tables: why it is not complete, and how it was read."""

from collections.abc import Mapping, Sequence

from list_sync.model.sources import CACHE_ROUTE, Attempt, describe_unsupported


def shown_note(reason: str | None, attempts: Sequence[Attempt], unsupported: int, kinds: Mapping[str, int]) -> str:
    """Return the note on a list: why it is not complete or how it was read, and the entries that cannot be requested.

    If a copy was used, the note states its age.
    """
    age = attempts[0].reason if reason and attempts and attempts[0].route == CACHE_ROUTE else ""
    left_out = describe_unsupported(unsupported, kinds) if unsupported else ""
    return "; ".join(filter(None, [age, reason or _shown_attempts(attempts), left_out]))


def _shown_attempts(attempts: Sequence[Attempt]) -> str:
    """Return the results of the routes of a list, unless the first route succeeded."""
    if len(attempts) == 1:
        return attempts[0].reason
    return ", ".join(f"{attempt.route}: {attempt.outcome.words}" for attempt in attempts)
