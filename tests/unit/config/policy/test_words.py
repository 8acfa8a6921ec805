"""Terms and policies in words, as tables and the log show them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.config.policy.words import describe_length, describe_policy, describe_terms
from list_sync.model.filters import Filters, IfUnknown, NotOn, Range, Rating, RatingSource, Release, Released, Words
from list_sync.model.policy import Caps, Exclusions, HouseholdPolicy, PauseWhen
from list_sync.model.terms import (
    Again,
    Approval,
    Order,
    SeasonChoice,
    SeasonRule,
    ServerOptions,
    TagsMode,
    Terms,
    Withdrawal,
)
from list_sync.model.titles import MediaType, Quality


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, ""),
        ({"qualities": (Quality.HD, Quality.UHD), "requester": "each"}, "HD and 4K, requested by each person"),
        ({"seasons": SeasonRule(SeasonChoice.FIRST)}, "the first season"),
        ({"seasons": SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset({0, 2}))}, "seasons specials, 2"),
        ({"seasons": SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset({0}))}, "specials"),
        ({"max_seasons": 1, "seasons": SeasonRule(SeasonChoice.NEXT)},
         "one season after the other, no shows with more than 1 season"),
        ({"limit": 50, "order": Order.ADDED, "max_open": 3}, "at most 50 new titles, newest first, at most 3 open"),
        ({"approval": Approval.KEY, "priority": -2}, "approved as the owner of the API key, priority -2"),
        ({"again": Again.WHEN_READDED, "withdraw": Withdrawal.PENDING, "schedule": "0 3 * * *"},
         "again when readded, withdrawn when it left, at 0 3 * * *"),
        ({"server": ServerOptions(2, "HD", "/movies", ("kids",)), "schedule": "6h"},
         "server 2, profile HD, folder /movies, tags kids, every 6h"),
        ({"schedule": "0 3 1 1,7 0-6"}, "at 0 3 1 1,7 0-6"),
        ({"server": ServerOptions(tags=("kids", 3), tags_mode=TagsMode.REPLACE, anime=ServerOptions(tags=()))},
         "only tags kids and 3, for anime no tags"),
        ({"exclude_lists": ("imdb:top", "trakt:a/b")}, "without the titles of imdb:top and trakt:a/b"),
        ({"filters": Filters(MediaType.MOVIE, Range(1990, 1999), runtime=Range(most=150))},
         "films only, year 1990-1999, runtime ≤150 minutes"),
        ({"filters": Filters(genres=Words(frozenset({"Drama"}), frozenset({"Horror"}), IfUnknown.REJECT))},
         "genre Drama, not Horror (reject if unknown)"),
        ({"filters": Filters(rating=Rating(RatingSource.IMDB, 7.5, 500), released=Release(Released.AIRED))},
         "rating ≥7.5 (imdb) by 500 votes, released (aired)"),
        ({"filters": Filters(not_on=NotOn("DE", frozenset({"Netflix", "Max"})))}, "not on Max or Netflix in DE"),
    ],
)  # fmt: skip
def test_what_is_special_about_a_list_is_said_in_a_few_words(terms, words):
    assert describe_terms(Terms(**terms)) == words


def test_what_the_defaults_state_is_not_repeated():
    usual = Terms(limit=3, requester="alice", filters=Filters(MediaType.TV))

    assert describe_terms(replace(usual, hold=timedelta(days=7)), usual) == "after 7d"


@pytest.mark.parametrize(("length", "words"), [(90, "1h 30m"), (0, "0m"), (1440 * 8 + 60, "8d 1h")])
def test_a_length_is_written_as_in_the_file(length, words):
    assert describe_length(timedelta(minutes=length)) == words


def test_a_policy_is_said_in_sentences():
    policy = HouseholdPolicy(
        caps=Caps(50, 100, 20),
        pause_when=PauseWhen(50, 1_500_000_000_000, 2),
        brake=True,
        exclusions=Exclusions(frozenset({(MediaType.TV, 1399)}), ("1917",), ("imdb:top",)),
    )

    assert list(describe_policy(policy)) == [
        "at most 50 in a sync, 100 a day, 20 a day for each requester",
        "nothing new while 50 requests are pending",
        "nothing new while less than 1500 GB are free",
        "nothing new while the requester has 2 or fewer requests left",
        "never: 2 titles, the titles of imdb:top",
        "the brake is on",
    ]
