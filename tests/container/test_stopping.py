"""`docker stop` in every stage: exit code 0 within 8 seconds, and the write-ahead log is folded in."""

import threading

import pytest

from list_sync.database.schema import SCHEMA_VERSION
from tests.container.engine import ROUNDS
from tests.container.home import film
from tests.container.place import Place
from tests.fakes.house import wait_until

PROMISED_SECONDS = 8.0
# Long enough for a call to be under way; where it is not, what is asserted holds as well.
UNDER_WAY_SECONDS = 0.7
FIGHT_CLUB_BY_TITLE = {"title": "Fight Club", "year": 1999, "media_type": "movie"}
NEVER = 60.0


@pytest.fixture
def home(home):
    home.write_list(film(1), film(2))
    return home


def assert_stops(container, home, record_property):
    code, seconds = container.stop(seconds=20)
    record_property("seconds", round(seconds, 2))
    assert code == 0, container.log
    assert seconds < PROMISED_SECONDS
    assert home.leftovers() == []
    assert "Traceback" not in container.log
    integrity, running = home.query(
        "PRAGMA integrity_check", "SELECT count(*) FROM sync_history WHERE status = 'running'"
    )
    assert (integrity, running) == ([("ok",)], [(0,)])


def pause():
    threading.Event().wait(UNDER_WAY_SECONDS)


def test_while_a_list_is_fetched(home, neighbours, start, record_property):
    neighbours.sources.fault("imdb", "*", f"slow:{NEVER}")
    container = start(
        home=home,
        FILE_LISTS="films.json",
        IMDB_LISTS="top",
        IMDB_BASE_URL=neighbours.addresses["sources"]["IMDB_BASE_URL"],
    )
    container.wait_for("films.json: 2 titles")

    assert_stops(container, home, record_property)


def test_while_a_title_is_matched(home, neighbours, start, record_property):
    home.write_list(FIGHT_CLUB_BY_TITLE)
    neighbours.server.faults.set(only="GET /api/v1/search", slow_seconds=NEVER)
    container = start(home=home, FILE_LISTS="films.json")
    container.wait_for("sync started")
    wait_until(lambda: neighbours.server.backend.traffic.reads.get() > 0)
    pause()

    assert_stops(container, home, record_property)


@pytest.mark.parametrize("seconds", [3.0, NEVER])
def test_while_a_request_is_sent(home, neighbours, start, record_property, seconds):
    neighbours.server.faults.set(only="POST /api/v1/request", slow_seconds=seconds)
    container = start(home=home, FILE_LISTS="films.json")
    wait_until(neighbours.server.posts_by_title)

    assert_stops(container, home, record_property)


def test_while_what_was_sent_is_verified(home, neighbours, start, record_property):
    neighbours.server.faults.post_seconds.get()
    neighbours.server.faults.set(post_seconds=0.5)
    container = start(home=home, FILE_LISTS="films.json")
    wait_until(neighbours.server.posts_by_title)
    neighbours.server.faults.set(only="GET /api/v1", slow_seconds=NEVER)
    wait_until(lambda: len(neighbours.server.requests()) == 2)
    pause()

    assert_stops(container, home, record_property)
    assert len(neighbours.server.posts_by_title()) == 2


def test_while_it_waits_for_the_next_sync(home, start, record_property):
    container = start(home=home, FILE_LISTS="films.json")
    container.wait_for("next sync at")

    assert_stops(container, home, record_property)
    assert container.state_words() == ["Sync completed"]


def test_while_it_waits_for_the_server_to_come(home, neighbours, start, record_property):
    neighbours.server.crash()
    container = start(home=home, FILE_LISTS="films.json", RETRY_ATTEMPTS="0")
    container.wait_for("Error: ")

    assert_stops(container, home, record_property)


def test_while_it_waits_for_another_container_to_end(home, start, record_property):
    first = start(home=home, FILE_LISTS="films.json")
    first.wait_for("next sync at")
    second = start(home=home, FILE_LISTS="films.json")
    second.wait_for("this one waits")

    code, seconds = second.stop(seconds=20)

    record_property("seconds", round(seconds, 2))
    assert (code, seconds < PROMISED_SECONDS) == (0, True)
    assert_stops(first, home, record_property)


@pytest.mark.parametrize("times", [4, 60])
def test_while_it_migrates_the_database(tmp_path, neighbours, build_next_image, record_property, times):
    place = Place(tmp_path, neighbours)
    place.prepare(5)
    before = place.content()
    container = place.run(image=build_next_image(times))
    try:
        wait_until((place.home.data / f"list_sync.db.backup.{SCHEMA_VERSION}").exists)
        pause()

        code, seconds = container.stop(seconds=20)

        record_property(f"seconds, a migration of {times}", round(seconds, 2))
        assert (code, seconds < PROMISED_SECONDS) == (0, True), container.log
        place.assert_whole()
        place.assert_nothing_lost(before)
        container.start()
        container.wait_for("next sync at", times=container.log.count("next sync at") + 1)
        assert container.stop()[0] == 0
        place.assert_complete()
        place.assert_nothing_lost(before)
    finally:
        container.remove()


# Not from 0 on: before the entrypoint's first line has run, and in the milliseconds in which it becomes the next
# program, the signal ends it as it ends any other.
@pytest.mark.parametrize("delay", [number / 10 for number in range(1, 13, max(1, 6 // ROUNDS))])
def test_while_it_starts(home, start, record_property, delay):
    container = start(home=home, FILE_LISTS="films.json")
    threading.Event().wait(delay)

    code, seconds = container.stop(seconds=20)

    record_property("seconds", round(seconds, 2))
    assert (code, seconds < PROMISED_SECONDS) == (0, True), container.log
    assert home.leftovers() == []
