"""Titles that were looked for in vain are looked for again in their turn, also where some look-ups fail every time."""

from dataclasses import replace
from datetime import timedelta

from list_sync.matching.memory import LOOKED_UP_AGAIN_PER_RUN, choose_fresh, find_new, unresolved_key
from list_sync.model.matches import NoMatch, NoMatchReason, Unresolved, WantedItem
from list_sync.model.titles import MediaItem, MediaType
from tests.builders import NOON

ITEMS = {unresolved_key(item): item for item in (MediaItem(f"Film {n}", MediaType.MOVIE, 1990) for n in range(55))}
FAILING = frozenset(list(ITEMS)[:LOOKED_UP_AGAIN_PER_RUN])


def look(kept, now):
    """Look for what is due, and return that; what becomes of it is kept."""
    fresh = choose_fresh(kept.values(), wanted=ITEMS.keys(), now=now)
    looked_for = ITEMS.keys() - fresh
    reasons = {key: NoMatchReason.LOOKUP_FAILED if key in FAILING else NoMatchReason.NOT_FOUND for key in looked_for}
    results = [NoMatch(WantedItem(ITEMS[key], ()), reason, "", ()) for key, reason in reasons.items()]
    kept.update((one.key, one) for one in find_new(results, fresh, kept.values(), now=now))
    return looked_for


def test_titles_whose_look_up_fails_every_time_do_not_keep_others_from_being_looked_for():
    kept = {key: Unresolved(key, NoMatchReason.NOT_FOUND, "as it was", (), NOON, 2) for key in ITEMS}
    kept |= {key: replace(kept[key], looked_up_at=NOON - timedelta(days=9)) for key in FAILING}

    looked_for = [look(kept, NOON + timedelta(days=day)) for day in range(1, 7)]

    assert frozenset().union(*looked_for) == ITEMS.keys()
    assert all(kept[key].detail == "as it was" for key in FAILING)
    assert len(looked_for[1] & FAILING) >= LOOKED_UP_AGAIN_PER_RUN - 5
