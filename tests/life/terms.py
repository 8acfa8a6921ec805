"""The terms of a random life: drawn as plain values that a script can hold, and what a list with them wants."""

from dataclasses import replace
from datetime import timedelta

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.model.filters import Filters, IfUnknown, Range, Words
from list_sync.model.terms import Again, Approval, Order, SeasonChoice, SeasonRule, Terms, Withdrawal
from list_sync.model.titles import MediaType, Quality
from tests.fakes.wishes import SEASONS

TITLES = {(title.kind, title.tmdb): title for title in load_catalogue().titles}
QUALITIES = {"hd": (Quality.HD,), "4k": (Quality.UHD,), "both": (Quality.HD, Quality.UHD)}
SEASON_RULES = {
    "all": SeasonRule(),
    "first": SeasonRule(SeasonChoice.FIRST),
    "first:2": SeasonRule(SeasonChoice.FIRST, 2),
    "latest": SeasonRule(SeasonChoice.LATEST),
    "next": SeasonRule(SeasonChoice.NEXT),
    "[1, 3]": SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset({1, 3})),
    "future": SeasonRule(SeasonChoice.FUTURE),
}
CHOICES = {
    "requester": ("owner", "alice", "bob"),
    "approval": ("requester", "key"),
    "quality": tuple(QUALITIES),
    "priority": (0, 1, 2),
    "seasons": tuple(SEASON_RULES),
    "max_seasons": (None, 2, 6),
    "limit": (None, 1, 3),
    "order": ("rank", "added"),
    "max_new_per_day": (None, 1, 2),
    "max_open": (None, 1, 2),
    "hold": (None, 2, 48),
    "again": ("never", "when_readded"),
    "withdraw": ("never", "pending"),
    "kind": (None, "movie", "tv"),
    "years": (None, (1950, 1956), (1990, 2010)),
    "genre": (None, "Drama", "Comedy"),
    "unknown": ("accept", "wait", "reject"),
    "exclude": (False, True),
}
PLAIN_TERMS = {key: values[0] for key, values in CHOICES.items()}
OFTEN = ((), (), ("requester", "withdraw"), ("again",), ("again", "requester", "withdraw"))
# What keeps titles back that a list with plain terms asks for.
HARMLESS = {"requester", "approval", "quality", "priority", "order", "again", "withdraw", "unknown"}


def draw_terms(dice):
    """Draw terms of which most keys are the default ones."""
    changed = {*dice.sample(sorted(CHOICES), dice.choice((0, 1, 2, 3, 6))), *dice.choice(OFTEN)}
    return {key: dice.choice(CHOICES[key]) for key in sorted(changed)}


def draw_quality(dice):
    """Draw the terms that a household without a file can state."""
    return {"quality": dice.choice(tuple(QUALITIES))}


def build_terms(drawn, excluding):
    """Return the terms as the product has them."""
    stated = PLAIN_TERMS | drawn
    years, genre, kind = stated["years"], stated["genre"], stated["kind"]
    unknown = IfUnknown(stated["unknown"])
    filters = Filters(
        kind=MediaType(kind) if kind else None,
        year=Range(*years, unknown) if years else None,
        genres=Words(frozenset({genre}), unknown=unknown) if genre else None,
    )
    hold = stated["hold"]
    return Terms(
        requester="" if stated["requester"] == "owner" else stated["requester"],
        approval=Approval(stated["approval"]),
        qualities=QUALITIES[stated["quality"]],
        priority=stated["priority"],
        seasons=SEASON_RULES[stated["seasons"]],
        max_seasons=stated["max_seasons"],
        limit=stated["limit"],
        order=Order(stated["order"]),
        max_new_per_day=stated["max_new_per_day"],
        max_open=stated["max_open"],
        hold=timedelta(hours=hold) if hold else None,
        again=Again(stated["again"]),
        withdraw=Withdrawal(stated["withdraw"]),
        filters=None if filters == Filters() else filters,
        exclude_lists=(excluding,) if stated["exclude"] else (),
    )


def is_plain(drawn):
    """Tell whether a list with these terms asks for all its titles, for a user without a quota."""
    return drawn.get("requester") != "alice" and all(
        value == PLAIN_TERMS[key] for key, value in drawn.items() if key not in HARMLESS
    )


def passes(drawn, title, stated_years):
    """Tell whether a title may pass the rules of such a list, by what the catalogue says of it."""
    stated, known = PLAIN_TERMS | drawn, TITLES.get(title)
    accepts = stated["unknown"] == "accept"
    if stated["kind"] not in (None, title[0]):
        return False
    if stated["max_seasons"] and title[0] == "tv" and len(SEASONS[title[1]] - {0}) > stated["max_seasons"]:
        return False
    if (
        stated["years"]
        and stated_years
        and not any(stated["years"][0] <= year <= stated["years"][1] for year in stated_years)
    ):
        return False
    genres = {name for _, name in known.genres} if known else set()
    return not stated["genre"] or stated["genre"] in genres or (accepts and not genres)


def find_seasons(drawn, tmdb, today):
    """Return the seasons of a show that such a list may ask for at some time."""
    regular = sorted(SEASONS[tmdb] - {0})
    rule = SEASON_RULES[(PLAIN_TERMS | drawn)["seasons"]]
    if rule.choice is SeasonChoice.FIRST:
        return set(regular[: rule.first])
    if rule.choice is SeasonChoice.NUMBERS:
        return set(rule.numbers) & set(regular)
    aired = {one.number for one in TITLES["tv", tmdb].seasons if one.air_date and one.air_date <= today and one.number}
    if rule.choice is SeasonChoice.LATEST:
        return {max(aired)} if aired else set()
    if rule.choice is SeasonChoice.FUTURE:
        return set(regular) - {
            one.number for one in TITLES["tv", tmdb].seasons if one.air_date and one.air_date < "2026-01-01"
        }
    return set(regular)


def added(item, at):
    """Return an entry with the moment that its source states."""
    return item if at is None else replace(item, added_at=at)
