"""Whatever people and lists change over many runs, no season of a show is requested twice in one quality."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.model.decisions import Knowledge, OwnRequest, OwnState, Request
from list_sync.model.facts import TitleFacts
from list_sync.model.filters import Filters, Release, Released
from list_sync.model.servers import Availability, MediaState, RequestStatus, ServerRequest
from list_sync.model.terms import SeasonChoice, SeasonRule, Terms
from list_sync.model.titles import MediaType, Quality
from list_sync.planning.decide import decide
from tests.builders import NOON, SERVER, a_list, a_match, a_show, a_wish

KEY = (MediaType.TV, 1399)
SHOW = a_show(season_numbers=range(6))
AIRS = {number: (NOON + timedelta(days=10 * (number - 3))).date() for number in range(1, 6)}
OVER = {RequestStatus.DECLINED, RequestStatus.COMPLETED, RequestStatus.FAILED}

rules = st.one_of(
    st.sampled_from([SeasonChoice.ALL, SeasonChoice.LATEST, SeasonChoice.NEXT, SeasonChoice.FUTURE]).map(SeasonRule),
    st.integers(1, 5).map(lambda first: SeasonRule(SeasonChoice.FIRST, first=first)),
    st.frozensets(st.integers(0, 5), min_size=1).map(lambda chosen: SeasonRule(SeasonChoice.NUMBERS, numbers=chosen)),
)
terms = st.builds(
    Terms,
    seasons=rules,
    filters=st.none() | st.just(Filters(released=Release(Released.AIRED))),
    max_seasons=st.sampled_from([None, 3]),
)
# What people and downloads do to the newest request between two runs.
events = st.sampled_from(["nothing", "available", "declined", "failed", "deleted", "season deleted"])
steps = st.lists(
    st.tuples(st.lists(terms, min_size=1, max_size=3), st.integers(0, 15), events), min_size=1, max_size=12
)


class World:
    """The server and our journal, as far as they concern one show."""

    def __init__(self):
        self.rows = []
        self.seasons = {}
        self.own = None

    def knowledge(self):
        live = any(row.status not in OVER for row in self.rows)
        there = {number for number, status in self.seasons.items() if status is Availability.AVAILABLE}
        whole = Availability.PARTIALLY_AVAILABLE if there else Availability.PROCESSING if live else Availability.UNKNOWN
        state = MediaState(*KEY, whole, seasons=dict(self.seasons), requests=tuple(self.rows))
        own = {(*KEY, Quality.HD): self.own} if self.own else {}
        return Knowledge(SERVER, {KEY: state}, {KEY: SHOW}, own, facts={KEY: TitleFacts(air_dates=AIRS)})

    def take(self, request, at):
        number = len(self.rows) + 1
        self.rows.append(ServerRequest(number, *KEY, Quality.HD, RequestStatus.APPROVED, frozenset(request.seasons)))
        self.seasons |= dict.fromkeys(request.seasons, Availability.PROCESSING)
        before = self.own.seasons if self.own else frozenset()
        self.own = OwnRequest(OwnState.ON_SERVER, at, before | set(request.seasons))

    def happen(self, event):
        if not self.rows or event == "nothing":
            return
        newest = self.rows[-1]
        status = {
            "available": RequestStatus.COMPLETED,
            "declined": RequestStatus.DECLINED,
            "failed": RequestStatus.FAILED,
        }
        availability = {"available": Availability.AVAILABLE, "season deleted": Availability.DELETED}
        for season in newest.seasons:
            self.seasons[season] = availability.get(event, Availability.UNKNOWN)
        self.rows.pop()
        if event != "deleted":
            self.rows.append(replace(newest, status=status.get(event, newest.status)))


@settings(max_examples=60)
@given(steps)
def test_no_season_is_requested_twice_whatever_happens_between_runs(steps):
    world, asked, now = World(), set(), NOON
    for stated, days, event in steps:
        now += timedelta(days=days)
        sources = tuple(replace(a_list(list_id=f"ls{place}"), terms=one) for place, one in enumerate(stated))
        match = a_match(*KEY[::-1], sources=sources)

        decision = decide(replace(a_wish(match), result=match), world.knowledge(), now=now)

        if isinstance(decision, Request):
            assert decision.seasons
            assert not asked & set(decision.seasons)
            asked |= set(decision.seasons)
            world.take(decision, now)
            assert not isinstance(decide(replace(a_wish(match), result=match), world.knowledge(), now=now), Request)
        world.happen(event)
