"""How long the facts of titles count, and what a run keeps of those that it reads."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.errors import ServiceUnavailable
from list_sync.model.decisions import ItemStatus, Skip
from list_sync.model.facts import FactsAsked, Ratings, TitleFacts
from list_sync.model.servers import Fingerprint, Glance, ServerMemory
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.filters import CHANGING, LASTING
from list_sync.surveying.facts import TRIED_TOGETHER, KnownFacts, read_ratings
from list_sync.surveying.freshness import SHOW_CHECKS_A_DAY, share_of_facts_gone
from list_sync.surveying.survey import Survey
from tests.builders import NOON, SERVER, a_match, a_show, no_records

FILMS = [(MediaType.MOVIE, number) for number in range(1, 2_001)]


@pytest.mark.parametrize(("lasts", "least", "most"), [(CHANGING, 6, 9), (LASTING, 60, 90)])
def test_facts_get_old_on_another_day_for_each_title(lasts, least, most):
    def first_day(key):
        days = range(1, 100)
        return next(day for day in days if share_of_facts_gone(key, NOON, lasts, now=NOON + timedelta(days=day)))

    days = [first_day(key) for key in FILMS[:300]]

    assert (min(days), max(days)) == (least + 1, most)
    assert max(days.count(day) for day in set(days)) < len(days) / 2
    assert share_of_facts_gone(FILMS[0], NOON + timedelta(days=9), lasts, now=NOON)


class Server:
    """A server whose pages can be read, and counted."""

    def __init__(self):
        self.pages = []

    def fetch_glance(self, _place):
        return Glance(Fingerprint(0, 0, 0, 0), {}, 0)

    def find_details(self, media_type, tmdb_id):
        self.pages.append((media_type, tmdb_id))
        return a_show(tmdb_id)


@pytest.mark.parametrize(("days", "status", "read"), [(5, "filtered", 0), (10, "filtered", 500), (10, "excluded", 0)])
def test_titles_that_a_filter_left_out_share_the_checks_of_a_day_and_excluded_ones_are_not_checked(days, status, read):
    skips = [
        Skip(a_match(number), ItemStatus(status), "", Quality.HD, facts_last=CHANGING if status == "filtered" else None)
        for _, number in FILMS
    ]
    now, server = NOON + timedelta(days=days), Server()
    memory = ServerMemory(
        fingerprint=Fingerprint(0, 0, 0, 0), full_read_at=now, facts=dict.fromkeys(FILMS, (TitleFacts(), NOON))
    )

    Survey(server, SERVER, memory, no_records(), workers=1, stop=threading.Event(), now=now).plan(lambda _known: skips)

    assert len(set(server.pages)) == len(server.pages) == read
    assert read <= SHOW_CHECKS_A_DAY


def test_a_run_keeps_ratings_that_are_not_old_and_stores_only_what_lists_ask_for():
    show, other = (MediaType.TV, 1399), (MediaType.TV, 1)
    rated = TitleFacts(ratings=Ratings(8.0))
    facts = KnownFacts({show: (rated, NOON)}, FactsAsked(frozenset({show}), frozenset({"DE"})))

    page = replace(a_show(), facts=TitleFacts(services={"FR": ("Max",)}))
    facts.take_in({show: page, other: a_show(1)}, keeps_ratings=True)
    assert facts.facts[show].ratings == Ratings(8.0)
    facts.take_in({show: page}, keeps_ratings=False)

    assert facts.facts[show] == TitleFacts(services={"DE": ()})
    assert facts.learned.keys() == {show}


def test_after_some_failures_in_a_row_no_other_rating_is_asked_for():
    asked = []

    class Down:
        def fetch_ratings(self, *key):
            asked.append(key)
            raise ServiceUnavailable("overseerr", "no answer")

    found = read_ratings(FILMS, Down(), workers=1, stop=threading.Event())

    assert len(asked) == TRIED_TOGETHER
    assert found == dict.fromkeys(FILMS, Ratings(is_read=False))
