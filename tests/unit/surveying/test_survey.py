"""Which titles a run looks at, and which it leaves to the runs after it."""

import threading
from collections import Counter
from datetime import timedelta

from list_sync.model.decisions import ItemStatus, Policy, Request, Skip
from list_sync.model.servers import Availability, Fingerprint, Glance, ServerMemory
from list_sync.model.titles import MediaType, Quality
from list_sync.surveying.survey import Survey
from tests.builders import NOON, SERVER, a_match, a_plan, a_show, a_state, a_wish, no_records

FINGERPRINT = Fingerprint(0, 0, 0, 0, 0)
SHOWS = range(1, 701)


class Server:
    """Shows whatever it is asked for, and counts how often."""

    def __init__(self):
        self.shown = Counter()

    def fetch_glance(self, _place):
        return Glance(FINGERPRINT, {}, 0)

    def count_state_pages(self, _fingerprint):
        return 2

    def find_details(self, _media_type, tmdb_id):
        self.shown[tmdb_id] += 1
        return a_show(tmdb_id)


def leave_all_alone(_knowledge):
    return [
        Skip(a_match(number, MediaType.TV), ItemStatus.ALREADY_REQUESTED, "requested", Quality.HD) for number in SHOWS
    ]


def survey_daily(server, checked_at, *, days):
    for day in range(days):
        now = NOON + timedelta(days=day)
        shows = {(MediaType.TV, number): (a_show(number), at) for number, at in checked_at.items()}
        memory = ServerMemory({}, shows, FINGERPRINT, now)
        survey = Survey(server, SERVER, memory, no_records(), workers=1, stop=threading.Event(), now=now)
        survey.plan(leave_all_alone)
        checked_at.update((tmdb_id, now) for _, tmdb_id in survey.learned_details)


def test_every_one_of_many_shows_has_its_turn_at_being_looked_at_for_new_seasons():
    server = Server()

    survey_daily(server, dict.fromkeys(SHOWS, NOON), days=30)

    assert set(server.shown) == set(SHOWS)
    assert max(server.shown.values()) - min(server.shown.values()) <= 1


def test_shows_that_a_wrong_clock_dated_years_ahead_are_looked_at_first():
    server = Server()
    wrong = dict.fromkeys(range(601, 621), NOON + timedelta(days=1_000))

    survey_daily(server, dict.fromkeys(SHOWS, NOON - timedelta(days=30)) | wrong, days=1)

    assert set(wrong) <= set(server.shown)


def test_a_capped_plan_does_not_go_through_a_long_list_once_for_each_of_its_shows():
    wanted = [a_wish(a_match(number, MediaType.TV)) for number in SHOWS]
    there = {
        (MediaType.TV, number): a_state(
            number, MediaType.TV, Availability.AVAILABLE, seasons={1: Availability.AVAILABLE}
        )
        for number in SHOWS[:-5]
    }
    plans = []

    def make(knowledge):
        plans.append(a_plan(wanted, knowledge, Policy(max_requests_per_run=2)))
        return plans[-1]

    class StockedServer(Server):
        def find_details(self, media_type, tmdb_id):
            super().find_details(media_type, tmdb_id)
            state = there.get((media_type, tmdb_id))
            return a_show(tmdb_id, season_numbers=(1,), state=state or a_state(tmdb_id, MediaType.TV))

    memory = ServerMemory(there, {}, FINGERPRINT, NOON)
    survey = Survey(StockedServer(), SERVER, memory, no_records(), workers=1, stop=threading.Event(), now=NOON)

    decisions = survey.plan(make)

    assert [decision.seasons for decision in decisions if isinstance(decision, Request)] == [(1,), (1,)]
    assert len(plans) <= len(SHOWS) // 50 + 3
