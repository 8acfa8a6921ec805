"""What people are told of the syncs of a session, through real receivers on loopback."""

import json
import threading
from functools import partial

import pytest
from sqlalchemy import select

from list_sync.database.schema_web import notices
from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.model.exit_codes import FailureKind
from list_sync.model.report import SyncMode
from list_sync.storage.notices import note_told
from tests.fakes.patience import wait_until
from tests.fakes.scripted_server import ScriptedServer, Served
from tests.providers.answers import served

MATRIX = {"title": "The Matrix", "media_type": "movie", "tmdb_id": 603}
GODFATHER = {"title": "The Godfather", "media_type": "movie", "tmdb_id": 238}


@pytest.fixture
def receiver():
    with ScriptedServer([Served("OK")]) as server:
        yield server


@pytest.fixture
def write_list(tmp_path):
    (tmp_path / "drop").mkdir()

    def write(*films, name="films.json"):
        (tmp_path / "drop" / name).write_text(json.dumps(films))

    return write


def to_json(server, secret="s3cret"):
    return server.url.replace("http://", f"json://user:{secret}@")


def told(server):
    return [one.json for one in server.asked]


def is_told(store):
    """Return whether every message that is stored has arrived, and that is stored, too."""
    with store.reading() as connection:
        return all(connection.scalars(select(notices.c.told_at)).all() or [None])


@pytest.fixture
def sync_once(open_session, receiver):
    def sync(**settings):
        session = open_session(**{"FILE_LISTS": "films.json", "NOTIFY_URLS": to_json(receiver), **settings})
        report = session.sync(mode=SyncMode.AUTOMATED)
        session.close()
        return report

    return sync


def test_one_message_tells_what_a_sync_requested_and_an_unchanged_one_tells_nothing(sync_once, receiver, write_list):
    write_list(MATRIX, GODFATHER)
    run = sync_once().run_id
    sync_once()

    (message,) = told(receiver)
    assert message["title"] == "ListSync: 2 requested"
    assert "The Matrix" in message["message"]
    assert "(file:films.json)" in message["message"]
    assert f"/runs/{run}" not in message["message"]


def test_a_dry_run_tells_nothing(open_session, receiver, write_list):
    write_list(MATRIX)
    session = open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(receiver))
    session.sync(mode=SyncMode.MANUAL, dry_run=True)
    open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(receiver), DRY_RUN="true").sync(mode=SyncMode.MANUAL)
    session.close()

    assert receiver.asked == []


def test_a_list_that_fails_is_told_once_also_after_a_restart_and_once_that_it_is_whole(
    sync_once, receiver, write_list, tmp_path
):
    sync = partial(sync_once, FILE_LISTS="films.json,other.json")
    write_list(MATRIX)
    sync(), sync()
    write_list(GODFATHER, name="other.json")
    sync(NOTIFY_ON="attention", CACHE_TTL="0")
    sync(NOTIFY_ON="attention")
    (tmp_path / "drop" / "other.json").write_text("[{")
    sync(NOTIFY_ON="attention", CACHE_TTL="0")

    failed, whole, again = (message["message"].splitlines() for message in told(receiver))
    assert failed[0].startswith("The list file:other.json is failed")
    assert whole == ["The list file:other.json is read whole again."]
    assert again[0].startswith("The list file:other.json is stale")


def test_a_server_that_is_down_is_told_once_and_once_that_syncs_go_through(sync_once, receiver, write_list, demo):
    write_list()
    demo.crash()
    failures = {sync_once().failure, sync_once().failure}
    demo.revive()
    sync_once(), sync_once()

    assert failures == {FailureKind.UNREACHABLE}
    down, again = told(receiver)
    assert down["message"].startswith("The sync could not go through: ")
    assert again["message"] == "Syncs go through again."


def test_a_receiver_that_fails_is_warned_of_once_without_its_address_and_gets_everything_later(
    sync_once, receiver, write_list, caplog
):
    receiver.break_down(Served("no", 500))
    write_list(MATRIX)
    sync_once(NOTIFY_URLS=to_json(receiver, "topsecret"))
    write_list(MATRIX, GODFATHER)
    receiver.break_down(Served("OK"))
    sync_once(NOTIFY_URLS=to_json(receiver, "topsecret"))

    assert [record.message for record in caplog.records if "takes no message" in record.message] == [
        "JSON takes no message: it answered HTTP 500; it is sent later, and syncs go on"
    ]
    assert "topsecret" not in caplog.text
    assert told(receiver)[-1]["title"] == "ListSync: 2 requested"


def test_a_channel_that_takes_its_message_does_not_get_it_again_because_of_another(
    open_session, receiver, write_list, clock
):
    write_list(MATRIX)
    with ScriptedServer([Served("no", 500)]) as broken:
        urls = f"{to_json(broken)},{to_json(receiver)}"
        for _ in range(2):
            session = open_session(FILE_LISTS="films.json", NOTIFY_URLS=urls)
            session.sync(mode=SyncMode.AUTOMATED)
            session.close()

    assert len(receiver.asked) == 1
    assert len(broken.asked) == 2


def test_a_message_that_was_not_sent_before_the_process_ended_is_sent_by_the_next(
    open_session, receiver, write_list, monkeypatch
):
    write_list(MATRIX)
    killed = open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(receiver))
    killed.stop.set()
    monkeypatch.setattr(killed.telling._notifier, "_put", lambda work: None)
    killed.stop.clear()
    killed.sync(mode=SyncMode.AUTOMATED)
    session = open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(receiver))
    session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    assert [message["title"] for message in told(receiver)] == ["ListSync: 1 requested"]


def test_a_sync_does_not_wait_for_a_receiver_that_does_not_answer(open_session, write_list):
    write_list(MATRIX)
    over = threading.Event()
    with ScriptedServer(lambda asked: Served(str(over.wait()))) as silent:
        session = open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(silent))
        report = session.sync(mode=SyncMode.AUTOMATED)
        session.stop.set()
        session.close()
        over.set()

    assert report.error is None


def test_a_pause_is_told_and_that_it_is_over(open_session, receiver, clock):
    session = open_session(NOTIFY_URLS=to_json(receiver))
    session.telling.note_pause(clock.now())
    session.telling.note_pause(clock.now())
    wait_until(lambda: is_told(session.store))
    session.telling.note_pause(None)
    session.close()

    assert [message["message"] for message in told(receiver)] == [
        "Paused until 2026-11-22 12:00: no sync starts.",
        "The pause is over.",
    ]


def test_that_no_backup_can_be_made_is_told_once_and_that_it_is_over(open_session, receiver, write_list):
    write_list(MATRIX)
    session = open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(receiver), NOTIFY_ON="failed")
    for reason in ("the disk is full, 1 MB is free", "the disk is full, 2 MB are free"):
        session.note_backups(reason)
        wait_until(lambda: is_told(session.store))
    session.sync(mode=SyncMode.AUTOMATED)
    session.note_backups("")
    session.close()

    assert [message["message"] for message in told(receiver)] == [
        "No backup could be made: the disk is full, 1 MB is free",
        "A backup was made again.",
    ]


def test_a_database_that_cannot_be_written_is_told_once_all_the_same(open_session, receiver, tmp_path):
    session = open_session(NOTIFY_URLS=to_json(receiver))
    session.store.close()
    (tmp_path / "folder.db").mkdir()
    session.telling._notifier._store = session.store = Store(tmp_path / "folder.db", is_checked=True)
    for _ in range(2):
        with pytest.raises(StorageError):
            session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    (message,) = told(receiver)
    assert message["message"].startswith("The sync could not go through: ")


def test_a_message_that_arrived_is_not_sent_again_because_that_could_not_be_stored(
    open_session, receiver, write_list, monkeypatch
):
    tries = []

    def note_at_last(*arguments, **more):
        tries.append(arguments)
        if len(tries) < 3:
            raise StorageError("the disk is full")
        note_told(*arguments, **more)

    monkeypatch.setattr("list_sync.notifying.notifier.note_told", note_at_last)
    write_list(MATRIX)
    session = open_session(FILE_LISTS="films.json", NOTIFY_URLS=to_json(receiver))
    session.telling._notifier._pauses_seconds = (0.01,)
    session.sync(mode=SyncMode.AUTOMATED)
    wait_until(lambda: len(tries) == 3, "the message that is marked")
    session.close()

    assert len(receiver.asked) == 1


def test_only_what_people_want_to_know_is_told(sync_once, receiver, write_list):
    write_list(MATRIX)
    sync_once(NOTIFY_ON="failed", FILE_LISTS="films.json,missing.json")

    assert receiver.asked == []


def test_discord_gets_markdown_in_which_titles_are_text(open_session, write_list, receiver, monkeypatch):
    from apprise.plugins.discord import NotifyDiscord

    monkeypatch.setattr(NotifyDiscord, "notify_url", receiver.url)
    write_list({**MATRIX, "title": "**The** @everyone <@1> [x](http://evil) \u202eMatrix"})
    session = open_session(
        FILE_LISTS="films.json", DISCORD_WEBHOOK_URL="https://discord.com/api/webhooks/123456789012345678/abc-DEF_1"
    )
    session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    content = receiver.asked[0].json["content"]
    assert "@everyone" not in content
    assert "<@1>" not in content
    assert "](http" not in content
    assert "\u202e" not in content
    assert "\\*\\*The\\*\\*" in content


def test_the_model_of_an_address_in_a_guide_is_a_warning_and_syncs_go_on(open_session, write_list, caplog):
    write_list(MATRIX)
    model = "https://discord.com/api/webhooks/your-webhook-url"
    session = open_session(FILE_LISTS="films.json", DISCORD_WEBHOOK_URL=model)
    session.sync(mode=SyncMode.AUTOMATED)
    session.close()

    assert "DISCORD_WEBHOOK_URL: it is no address of a webhook; copy it in Discord" in caplog.text


def test_titles_that_need_a_person_and_requests_that_fail_are_told_once(sync_once, receiver, write_list, demo):
    demo.faults.radarr_refuses = True
    write_list({"title": "The Thing", "media_type": "movie"}, MATRIX)
    sync_once(), sync_once(), sync_once()

    first, second = (message["message"].splitlines() for message in told(receiver))
    assert first[2:] == ["To be reviewed: 1 title", "• The Thing"]
    assert second == ["Requests that failed: 1 title", "• The Matrix"]


def test_without_a_network_one_cause_is_told_and_not_one_for_each_list(sync_once, receiver, write_list, clock):
    write_list(MATRIX)
    closed = {"IMDB_BASE_URL": "http://127.0.0.1:9", "STEVENLU_BASE_URL": "http://127.0.0.1:9"}
    lists = {"IMDB_LISTS": "ls000000017,ls000000018", "STEVENLU_LISTS": "stevenlu"}
    sync_once(**lists, **closed)
    sync_once(**lists, **closed)
    (message,) = [one["message"] for one in told(receiver)]
    assert "No source in the internet answers: look at the network of this machine." in message
    assert "imdb" not in message

    with ScriptedServer([served("imdb/list.json")]) as imdb, ScriptedServer([served("stevenlu/movies.json")]) as steven:
        clock.pass_by(days=1)
        sync_once(**lists, IMDB_BASE_URL=imdb.url, STEVENLU_BASE_URL=steven.url)

    assert "Sources in the internet answer again." in told(receiver)[-1]["message"]
    assert "is read whole again" not in told(receiver)[-1]["message"]
