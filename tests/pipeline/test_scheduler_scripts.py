"""Two weeks of the users' guide's scheduler script and overlays: each start names other lists, on one data folder."""

from datetime import UTC, datetime, timedelta

import pytest

from list_sync.model.report import SyncMode
from tests.fakes.shelf import SHELVES, synthetic

POLICY = """
defaults: {withdraw: pending}
brake: on
lists: []
"""
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
OFF_PEAK = ("top", "boxoffice", "weekly", "watchlist", "moviemeter")
PEAK = OFF_PEAK[:2]
WEEKEND = ("trending", "popular", "shows", "series", "anticipated")
WEEKDAY = WEEKEND[:2]


def start_by_hour(day):
    """Yield the starts of a day as sync-scheduler.sh makes them: the hours of the syncs, and the lists."""
    yield (2,), OFF_PEAK
    yield (7, 15), PEAK


def start_by_day(day):
    """Yield the starts of a day with the overlays of weekdays and weekends."""
    is_weekend = (MONDAY + timedelta(days=day)).weekday() >= 5
    yield (0, 12), (WEEKEND if is_weekend else WEEKDAY)


def fill(lists, day):
    """Let each list grow by one film a day; on the tenth day, the first list loses its first film for good."""
    for number, name in enumerate(lists):
        SHELVES[name] = [synthetic(100 * number + film) for film in range(4 + day)]
    if day >= 10:
        del SHELVES[lists[0]][0]


@pytest.mark.parametrize(("starts", "lists"), [(start_by_hour, OFF_PEAK), (start_by_day, WEEKEND)])
def test_no_brake_is_applied_and_nothing_is_withdrawn_because_a_list_is_not_set_at_the_moment(
    open_session, clock, demo, tmp_path, starts, lists
):
    (tmp_path / "lists.yaml").write_text(POLICY)
    requester, errors = str(demo.add_user("alice", permissions=32)), []
    for day in range(14):
        fill(lists, day)
        for hours, named in starts(day):
            session = open_session(CONFIG_DIR=str(tmp_path), SHELF_LISTS=",".join(named), OVERSEERR_USER_ID=requester)
            for hour in hours:
                clock.moment = MONDAY + timedelta(days=day, hours=hour)
                errors.append(session.sync(mode=SyncMode.AUTOMATED).error)
            session.close()

    assert set(errors) == {None}
    assert session.settings.policy.brake
    # The film that really left its list is withdrawn, and no other one.
    listed = {item.ids.tmdb for name in lists for item in SHELVES[name]}
    assert {row["tmdb_id"] for row in demo.requests()} == listed
