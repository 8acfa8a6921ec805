"""Which wanted titles the user snoozed."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from list_sync.model.decisions import Wish
from list_sync.model.titles import QualityKey


def find_snoozed(wishes: Iterable[Wish], snoozes: Mapping[str, datetime]) -> Mapping[QualityKey, datetime]:
    """Return until when titles are snoozed; `snoozes` has the ends by the keys of entries and of TMDB titles."""
    if not snoozes:
        return {}
    found = {wish.key: _find_end(wish, snoozes) for wish in wishes if wish.key}
    return {key: until for key, until in found.items() if until}


def _find_end(wish: Wish, snoozes: Mapping[str, datetime]) -> datetime | None:
    keys = (f"tmdb:{wish.match.media_type.value}:{wish.match.tmdb_id}", *wish.match.wanted.item.keys)
    return max((snoozes[key] for key in keys if key in snoozes), default=None)
