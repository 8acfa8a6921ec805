"""How often shows are looked at for new seasons, by how many there are and how often one syncs."""

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import pytest

from list_sync.errors import LookupFailed
from list_sync.model.decisions import ItemStatus, Skip
from list_sync.model.servers import Fingerprint, Glance, ServerMemory
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.survey import Survey
from tests.builders import NOON, SERVER, a_match, a_show, no_records

FINGERPRINT = Fingerprint(0, 0, 0, 0, 0)


@dataclass
class Household:
    """Shows that the server has already, and syncs at which only their checks are due."""

    shows: dict
    is_tmdb_down: bool = False
    gone: frozenset = frozenset()
    now: object = NOON
    checks: defaultdict = field(default_factory=lambda: defaultdict(list))
    tries: dict = field(default_factory=dict)
    unreadable: set = field(default_factory=set)

    def __post_init__(self):
        self.known = {key: (show, NOON) for key, show in self.shows.items()}
        self.decisions = [
            Skip(a_match(number, kind), ItemStatus.ALREADY_AVAILABLE, "available", Quality.HD)
            for kind, number in self.shows
        ]

    def fetch_glance(self, _place):
        return Glance(FINGERPRINT, {}, 0)

    def find_details(self, media_type, tmdb_id):
        self.checks[tmdb_id].append(self.now)
        return None if self.is_tmdb_down or tmdb_id in self.gone else self.shows[media_type, tmdb_id]

    def find_by_imdb(self, _imdb_id):
        if self.is_tmdb_down:
            raise LookupFailed("overseerr", "TMDB is down")
        return ()

    def sync_for(self, days, *, every_hours):
        for number in range(1, round(days * 24 / every_hours) + 1):
            self.now = NOON + timedelta(hours=number * every_hours)
            memory = ServerMemory({}, self.known, FINGERPRINT, self.now, self.tries)
            survey = Survey(self, SERVER, memory, no_records(), workers=1, stop=threading.Event(), now=self.now)
            survey.plan(lambda _knowledge: self.decisions)
            self.unreadable |= survey.knowledge.unreadable | survey.knowledge.unknown_to_tmdb
            self.known.update((key, (details, self.now)) for key, details in survey.learned_details.items())
            self.tries.update(dict.fromkeys(survey.tried, self.now))

    def gaps(self):
        """Return the days between one check and the next, of all shows."""
        return [(b - a) / timedelta(days=1) for checks in self.checks.values() for a, b in pairwise([NOON, *checks])]

    def most_checks_within_a_day(self):
        moments = sorted(at for checks in self.checks.values() for at in checks)
        starts, most = 0, 0
        for end, at in enumerate(moments):
            while at - moments[starts] >= timedelta(days=1):
                starts += 1
            most = max(most, end - starts + 1)
        return most


def a_household(count, **more):
    return Household({(MediaType.TV, number): replace(a_show(number), **more) for number in range(1, count + 1)})


@pytest.mark.parametrize(("shows", "every_hours"), [(100, 0.25), (400, 1), (400, 6), (1_400, 8), (1_400, 24)])
def test_running_shows_are_looked_at_every_six_to_nine_days_at_any_interval(shows, every_hours):
    household = a_household(shows, status="Returning Series")

    household.sync_for(30, every_hours=every_hours)

    assert len(household.checks) == shows
    assert min(household.gaps()) >= 6
    assert max(household.gaps()) <= 9 + every_hours / 24
    assert household.most_checks_within_a_day() <= 500


def test_more_shows_than_five_hundred_a_day_allow_for_each_have_their_turn():
    household = a_household(6_000, status="Returning Series")

    household.sync_for(27, every_hours=24)

    assert household.most_checks_within_a_day() == 500
    assert Counter(map(len, household.checks.values())).keys() == {1, 2}
    assert len(household.checks) == 6_000


@pytest.mark.parametrize("every_hours", [0.25, 3, 24])
def test_after_a_long_rest_all_are_overdue_and_five_hundred_a_day_are_looked_at(every_hours):
    household = a_household(800, status="Returning Series")
    household.known = {key: (show, NOON - timedelta(days=30)) for key, (show, _) in household.known.items()}

    household.sync_for(3, every_hours=every_hours)

    assert len(household.checks) == 800
    assert household.most_checks_within_a_day() <= 500


def test_shows_that_ended_are_looked_at_every_sixty_days_and_take_no_turn_of_those_that_run():
    ended = {(MediaType.TV, number): replace(a_show(number), status="Ended") for number in range(1_001, 4_001)}
    running = {(MediaType.TV, number): replace(a_show(number), status="Returning Series") for number in range(1, 501)}
    household = Household({**running, **ended})

    household.sync_for(70, every_hours=24)

    assert max(gap for gap in household.gaps() if gap < 50) <= 10
    assert {len(household.checks[number]) for _, number in ended} == {1}
    assert min(household.checks[number][0] for _, number in ended) == NOON + timedelta(days=60)
    assert household.most_checks_within_a_day() <= 500


def test_a_show_is_looked_at_on_the_day_on_which_its_next_episode_airs():
    household = a_household(1, status="Ended", next_episode_on=(NOON + timedelta(days=20)).date())

    household.sync_for(40, every_hours=6)

    (checked,) = household.checks[1]
    assert timedelta(days=19.5) <= checked - NOON <= timedelta(days=20)


def test_checks_that_fail_are_no_errors_and_are_tried_once_a_day():
    household = a_household(700, status="Returning Series")
    household.is_tmdb_down = True

    household.sync_for(14, every_hours=6)

    assert household.most_checks_within_a_day() <= 500
    assert min(gap for gap in household.gaps() if gap < 6) >= 1
    assert not household.unreadable


def test_shows_that_are_gone_from_tmdb_stay_what_they_are_on_the_server():
    household = a_household(3)
    household.gone = frozenset({1, 2})
    household.sync_for(10, every_hours=24)

    assert {1, 2, 3} == household.checks.keys()
    assert not household.unreadable
