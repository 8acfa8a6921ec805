"""What is read of the releases at GitHub, and how often they are asked for."""

import logging
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from list_sync.api.http.client import HttpClient
from list_sync.api.releases import LARGEST_ANSWER, SERVICE, fetch_releases
from list_sync.config import ProcessSettings, Settings
from list_sync.database.store import open_store
from list_sync.errors import ServiceError
from list_sync.model.releases import Release, find_mending
from list_sync.storage.releases import find_releases
from list_sync.updates import look_for_updates, looking_for_updates
from list_sync.version import __version__
from tests.builders import NOON
from tests.fakes.patience import wait_until
from tests.fakes.scripted_server import ScriptedServer, Served

ENTRY = {"tag_name": "v1.3.0", "published_at": "2026-11-28T10:00:00Z", "body": "Fixed.\n\nMends: imdb/graphql\n"}
FOUND = Release("1.3.0", NOON + timedelta(days=5, hours=22), ("imdb/graphql",))
NO_NEWS = Release(__version__)
LISTS = (
    [ENTRY],
    [
        None,
        5,
        "v2.0",
        {},
        {"tag_name": None},
        {"tag_name": "v2.0.0-rc1"},
        {**ENTRY, "tag_name": "v9.0.0", "draft": True},
        {**ENTRY, "tag_name": "v9.1.0", "prerelease": True},
        {**ENTRY, "tag_name": "<script>"},
        ENTRY,
    ],
)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "list_sync.db") as store:
        yield store


def client() -> HttpClient:
    return HttpClient(SERVICE, timeout_seconds=5, retry_attempts=1, max_bytes=LARGEST_ANSWER)


def asking(url: str) -> Settings:
    return Settings(ProcessSettings(update_check=True, update_check_url=url))


def known(store) -> tuple[Release, ...]:
    with store.reading() as connection:
        return find_releases(connection)


@pytest.mark.parametrize("entries", LISTS)
def test_releases_are_read_in_one_request_and_what_is_none_is_left_out(entries):
    with ScriptedServer([Served(entries)]) as server:
        found = fetch_releases(client(), f"{server.url}/releases")

    assert [(one.version, one.mends) for one in found] == [("1.3.0", ("imdb/graphql",))]
    (asked,) = server.asked
    assert (asked.path, asked.query) == ("/releases", {"per_page": "30"})


@pytest.mark.parametrize(
    "answer",
    [
        Served({"message": "API rate limit exceeded"}, 403),
        Served("<html>sign in</html>"),
        Served({"tag_name": "v9"}),
        Served(b"[" * 100_000),
        Served(b'"' + b"x" * LARGEST_ANSWER + b'"'),
        Served(b"", cut_after=-1),
    ],
)
def test_an_answer_that_is_none_is_an_error_and_changes_nothing_that_was_known(answer, store, caplog):
    with ScriptedServer([Served([ENTRY])]) as server:
        assert look_for_updates(asking(server.url), store, client(), now=lambda: NOON)
        server.break_down(answer)
        with pytest.raises(ServiceError):
            fetch_releases(client(), server.url)
        later = NOON + timedelta(days=2)
        with caplog.at_level(logging.INFO):
            assert look_for_updates(asking(server.url), store, client(), now=lambda: later)
        assert not look_for_updates(asking(server.url), store, client(), now=lambda: later + timedelta(hours=23))

    assert {one.version for one in known(store)} == {"1.3.0", __version__}
    assert caplog.messages[-1].startswith("UPDATE_CHECK: ")
    assert caplog.messages[-1].endswith("; syncs go on, and the next look is in a day")


def test_releases_are_asked_for_once_a_day_also_after_a_restart_and_with_a_clock_that_was_ahead(store):
    with ScriptedServer([Served([])]) as server:

        def look_after(**later):
            return look_for_updates(asking(server.url), store, client(), now=lambda: NOON + timedelta(**later))

        assert [look_after(hours=hours) for hours in (0, 1, 23, 25, 26)] == [True, False, False, True, False]
        assert look_after(days=-400)
        assert len(server.asked) == 3

    assert known(store) == (NO_NEWS,)


@pytest.mark.parametrize("mends", ["5", "null", '{"a": 1}', "[5, null]"])
def test_what_others_wrote_into_the_database_mends_nothing_and_breaks_nothing(store, mends):
    with store.writing() as connection:
        row = {"mends": mends, "at": "2026-11-28 10:00:00"}
        connection.execute(text("INSERT INTO releases (version, mends, read_at) VALUES (X'00', :mends, :at)"), row)

    assert find_mending(known(store), "imdb/graphql", version="1.0") is None


def test_nothing_is_asked_for_unless_it_is_wanted(store):
    settings = Settings(ProcessSettings())
    assert settings.process.update_check_url.startswith("https://api.github.com/repos/")

    with looking_for_updates(settings, store, stop=threading.Event()):
        assert "updates" not in [thread.name for thread in threading.enumerate()]


def test_a_daemon_looks_in_a_thread_of_its_own_that_ends_with_it(store):
    with ScriptedServer([Served([ENTRY])]) as server:
        with looking_for_updates(asking(server.url), store, stop=threading.Event(), now=lambda: NOON):
            wait_until(lambda: len(known(store)) == 2)
        wait_until(lambda: "updates" not in [thread.name for thread in threading.enumerate()])

    assert FOUND.version in [one.version for one in known(store)]
