"""Between two syncs: what the server's webhook agent tells is asked of the server, and then the states move."""

import json
from contextlib import closing
from dataclasses import replace

import pytest
import requests

from list_sync.api.overseerr import OverseerrClient
from list_sync.daemon.control import Control
from list_sync.daemon.heartbeat import Heartbeat
from list_sync.daemon.title_queue import MOST_TITLES, READ_TOGETHER, TitleQueue
from list_sync.files.lock import RUN_LOCK, FileLock
from list_sync.model.report import SyncMode
from list_sync.model.servers import HOME, Availability
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.service import start_service
from list_sync.storage.server_memory import load_states
from list_sync.storage.title_search import find_titles
from list_sync.workers import Stop
from tests.fakes.patience import PATIENCE_SECONDS, wait_until
from tests.fakes.shelf import SHELVES, synthetic
from tests.unit.daemon.timetables import timetable

SECRET = "the-secret-of-the-webhooks-of-this-house"
FIRST, SECOND = (MediaType.MOVIE, 5_000_001), (MediaType.MOVIE, 5_000_002)


@pytest.fixture
def synced(open_session):
    """A session with two films, which it requested."""
    SHELVES["films"] = [synthetic(1), synthetic(2)]
    session = open_session(SHELF_LISTS="films", WEBHOOK_SECRET=SECRET, API_TOKEN="the-token-of-this-house")
    session.sync(mode=SyncMode.AUTOMATED)
    return session


def find(session, key):
    with session.store.reading() as connection:
        (record,) = find_titles(connection, HOME, f"movie:{key[1]}")
    return record


def told(session, key):
    """Return the state of a title, and what its history says of the last change."""
    record = find(session, key)
    return record.status.value, record.reason, (record.events[-1].run_id, record.events[-1].status.value)


def refresh(session, *keys, is_request=False):
    """Let a session look at titles; return how often it asked the server for a title."""
    before = session.client.calls.reads
    assert session.refresh(dict.fromkeys(keys, is_request))
    return session.client.calls.reads - before


def test_a_title_that_became_available_is_available_at_once(synced, demo):
    demo.make_available("movie", FIRST[1])

    refresh(synced, FIRST, SECOND)

    assert told(synced, FIRST) == ("already_available", "available on the server", (0, "already_available"))
    assert told(synced, SECOND)[0] == "requested"
    assert len(find(synced, SECOND).events) == 1
    with synced.store.reading() as connection:
        assert load_states(connection, 1)[FIRST].availability is Availability.AVAILABLE


def test_each_word_of_the_server_has_its_state(synced, demo):
    demo.decline(1)
    demo.fail_request(2)

    refresh(synced, FIRST, SECOND)

    assert told(synced, FIRST)[:2] == ("declined", "its request was declined on the server; not asked for again")
    assert told(synced, SECOND)[0] == "request_failed"


def test_a_show_is_available_once_every_season_is(open_session, demo):
    SHELVES["shows"] = [MediaItem("Breaking Bad", MediaType.TV, 2008, MediaIds(tmdb=1396))]
    session = open_session(SHELF_LISTS="shows")
    session.sync(mode=SyncMode.AUTOMATED)
    show = (MediaType.TV, 1396)
    states = []

    for seasons in ([1], None):
        demo.make_available("tv", 1396, seasons)
        assert session.refresh({show: False})
        with session.store.reading() as connection:
            states += [record.status.value for record in find_titles(connection, HOME, "tv:1396")]

    assert states == ["requested", "already_available"]


def test_what_the_server_does_not_confirm_changes_nothing(synced):
    before = [find(synced, key) for key in (FIRST, SECOND)]

    refresh(synced, FIRST, SECOND, (MediaType.MOVIE, 5_000_009), (MediaType.TV, FIRST[1]), (MediaType.MOVIE, 4))

    assert [find(synced, key) for key in (FIRST, SECOND)] == before


def test_titles_on_no_list_and_requests_of_our_own_are_not_read(synced):
    assert refresh(synced, (MediaType.MOVIE, 5_000_009)) == 0
    assert refresh(synced, FIRST, SECOND, is_request=True) == 0


def test_nothing_is_requested_and_the_next_sync_agrees(synced, demo):
    demo.make_available("movie", FIRST[1])
    demo.delete_request(2)
    writes = demo.writes
    refresh(synced, FIRST, SECOND)
    seen = told(synced, FIRST)

    synced.sync(mode=SyncMode.AUTOMATED)

    assert demo.writes == writes
    assert told(synced, FIRST) == seen
    assert told(synced, SECOND)[0] == "declined"


def test_a_server_that_moved_is_believed_before_the_next_sync(synced, demo):
    moved = OverseerrClient(demo.url.replace("127.0.0.1", "localhost"), demo.api_key, synced.client.user_id)
    with closing(synced.client):
        synced.client = moved
    demo.make_available("movie", FIRST[1])

    refresh(synced, FIRST)

    assert told(synced, FIRST)[0] == "already_available"


def test_another_installation_at_the_same_address_is_not_believed_before_a_sync(synced, demo):
    demo.make_available("movie", FIRST[1])
    with synced.store.writing() as connection:
        connection.exec_driver_sql("UPDATE servers SET installation = 'another'")

    refresh(synced, FIRST)

    assert told(synced, FIRST)[0] == "requested"


def test_a_ban_stays_a_ban(synced, demo):
    with synced.store.writing() as connection:
        connection.exec_driver_sql("UPDATE synced_items SET status = 'excluded', reason = 'banned'")
    demo.make_available("movie", FIRST[1])

    refresh(synced, FIRST)

    assert told(synced, FIRST)[:2] == ("excluded", "banned")


def test_while_another_process_syncs_the_titles_wait(synced, demo):
    demo.make_available("movie", FIRST[1])
    lock = FileLock(synced.folder.path / RUN_LOCK)
    assert lock.acquire()

    assert not synced.refresh({FIRST: False})
    lock.release()

    assert told(synced, FIRST)[0] == "requested"


def test_another_installation_at_the_address_is_not_believed(synced, demo):
    with synced.store.writing() as connection:
        connection.exec_driver_sql("UPDATE servers SET installation = 'another'")
    demo.make_available("movie", FIRST[1])

    refresh(synced, FIRST)

    assert told(synced, FIRST)[0] == "requested"


def test_a_title_that_is_told_of_again_and_again_is_one_and_there_are_not_too_many():
    titles = TitleQueue()
    for _ in range(100):
        titles.add({FIRST: True})
    titles.add({FIRST: False})
    titles.add({FIRST: True})
    assert titles.take() == {FIRST: False}
    assert not titles.is_filled

    titles.add({(MediaType.MOVIE, number): False for number in range(MOST_TITLES + 50)})
    taken = [titles.take() for _ in range(MOST_TITLES // READ_TOGETHER)]
    assert {len(some) for some in taken} == {READ_TOGETHER}
    assert not titles.is_filled


@pytest.fixture
def serve(synced, demo, clock, tmp_path):
    """Serve a session, let the server send its webhooks there, and return the queue of titles and the address."""
    titles = TitleQueue()
    synced.settings = replace(synced.settings, web=synced.settings.web.model_copy(update={"web_port": 0}))
    heartbeat = Heartbeat(tmp_path / "heartbeat")
    control = Control(synced.store, synced.folder, timetable(clock), heartbeat, Stop(), titles, lambda: None)
    service = start_service(synced, control)
    address = f"http://127.0.0.1:{service.ports[0]}"
    demo.settings.webhook_url, demo.settings.webhook_authorization = f"{address}/hooks/overseerr", SECRET
    yield titles, address
    service.stop()


def test_the_webhook_of_the_server_moves_a_title_and_the_stream_tells_it(synced, demo, serve):
    titles, address = serve
    headers = {"Authorization": "Bearer the-token-of-this-house"}
    with requests.get(
        f"{address}/api/events?topics=item,run", headers=headers, stream=True, timeout=PATIENCE_SECONDS
    ) as stream:
        lines = stream.iter_lines(decode_unicode=True)
        next(lines)

        demo.make_available("movie", FIRST[1])
        wait_until(lambda: titles.is_filled, "the webhook")
        assert synced.refresh(titles.take())

        told_of = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    item = {"id": find(synced, FIRST).item_id, "status": "already_available", "reason": "available on the server"}
    assert told_of == item


def test_our_own_requests_come_back_as_webhooks_and_cost_no_reads(synced, demo, serve):
    titles, _ = serve
    SHELVES["films"] = [synthetic(number) for number in range(1, 6)]
    synced.sync(mode=SyncMode.WEBHOOK, only=synced.settings.household.lists)

    found = {}
    wait_until(lambda: found.update(titles.take()) or len(found) == 3, "three webhooks")
    before = synced.client.calls.reads

    assert synced.refresh(found)
    assert synced.client.calls.reads == before
    with synced.store.reading() as connection:
        modes = connection.exec_driver_sql("SELECT sync_mode FROM sync_history ORDER BY id").scalars().all()
    assert modes == ["automated", "webhook"]
