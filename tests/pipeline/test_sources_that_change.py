"""What is said of a source over some days: it changes, blocks, is down, and works again, as syncs meet it."""

import pytest

from list_sync.model.report import SyncMode
from list_sync.storage.lists import find_lists
from list_sync.storage.source_faults import find_source_faults
from tests.builders import NOON
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.providers.answers import served

GOOD = served("imdb/list.json")
DRIFTED = Served({"hello": "world"})
BLOCKED = Served("<html><title>Just a moment...</title></html>", 403, {"Server": "cloudflare"})
DOWN = Served({"message": "oops"}, 500)


@pytest.fixture
def imdb():
    with ScriptedServer([GOOD]) as server:
        yield server


def test_since_when_a_source_fails_and_how_is_known_day_by_day(open_session, clock, imdb):
    session = open_session(IMDB_LISTS="ls000000017,ls000000018", IMDB_BASE_URL=imdb.url, CACHE_TTL="3600")

    def sync(answer: Served, *, mode=SyncMode.MANUAL, **later: int) -> list[tuple[str, int, int]]:
        clock.pass_by(**later)
        imdb.break_down(answer)
        session.sync(mode=mode, fresh=mode is SyncMode.MANUAL)
        with session.store.reading() as connection:
            faults = find_source_faults(find_lists(connection, session.store.household))
        return [(str(one.outcome), (one.since - NOON).days, len(one.lists)) for one in faults if one.route == "graphql"]

    assert sync(GOOD) == []
    assert sync(DRIFTED, days=1) == [("drifted", 1, 2)]
    assert sync(DRIFTED, days=1) == [("drifted", 1, 2)]
    # A scheduled sync leaves the lists alone for a minute, and knows the same.
    asked = len(imdb.asked)
    assert sync(GOOD, mode=SyncMode.AUTOMATED, seconds=10) == [("drifted", 1, 2)]
    assert len(imdb.asked) == asked
    assert sync(BLOCKED, days=1) == [("blocked", 3, 2)]
    assert sync(DOWN, days=1) == [("down", 4, 2)]
    assert sync(GOOD, days=1) == []
