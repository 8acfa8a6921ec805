"""What the commands say of requests that vanished at once, and what settles them."""

import pytest

from list_sync.files.lock import FileLock
from list_sync.model.decisions import Request
from list_sync.model.journal import RequestState
from list_sync.model.servers import HOME, AnswerKind, Dialect, ServerInfo
from list_sync.model.titles import Quality
from list_sync.storage.journal import RequestJournal
from list_sync.storage.servers import recognise_server
from tests.builders import NOON, a_match
from tests.unit.commands.records import a_report, record, requested

URL = "http://host:5055"
WORDS = (
    "12 of our requests vanished from the server at once, and their titles wait:"
    " run list-sync accept-reset --ask-again or --keep-away"
)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", f"{URL}/")
    monkeypatch.setenv("OVERSEERR_API_KEY", "key")


@pytest.fixture
def vanished(store, server):
    """A journal in which twelve requests vanished and one stands."""
    record(store, requested())
    with store.writing() as connection:
        server, _ = recognise_server(connection, HOME, ServerInfo(Dialect.SEERR, True, True), address=URL, at=NOON)
    journal = RequestJournal(store, server_id=server.server_id, run_id=1, now=lambda: NOON)
    numbers = [journal.intend(Request(a_match(number), quality=Quality.HD)) for number in range(1, 14)]
    for number in numbers:
        journal.settle(number, state=RequestState.CONFIRMED, request_id=number, answer=AnswerKind.CREATED)
    journal.mark(numbers[1:], RequestState.VANISHED)
    return journal


def states(journal):
    entries = journal.load_entries(*RequestState)
    return [str(entry.state) for entry in entries[:1]], {str(entry.state) for entry in entries[1:]}


@pytest.mark.usefixtures("vanished")
def test_status_and_health_say_that_requests_vanished_and_what_settles_it(cli, home):
    with FileLock(home / "data" / "daemon.lock"):
        (home / "data" / "heartbeat").touch()
        health = cli("health")

    assert f"reset     {WORDS}" in cli("status").lines
    assert (health.code, health.lines) == (1, [f"unhealthy: {WORDS}"])


def test_all_of_it_goes_on_after_the_server_moved_to_another_address(cli, vanished, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://other:5055")

    assert f"reset     {WORDS}" in cli("status").lines
    assert cli("accept-reset", "--keep-away").code == 0
    assert states(vanished) == (["confirmed"], {"confirmed"})


def test_the_closing_line_says_so_and_the_sync_has_failures():
    assert a_report().closing_line == "Sync completed: 1 list; no titles; 4 reads and 0 writes"
    report = a_report(vanished=12)
    assert report.closing_line.endswith(f"; {WORDS}")
    assert report.has_failures


@pytest.mark.parametrize(
    ("word", "state", "said"),
    [
        ("--ask-again", "released", "12 requests forgotten: their titles are requested again from the next sync on"),
        ("--keep-away", "confirmed", "12 requests count as deleted by people: their titles are not requested again"),
    ],
)
def test_one_option_settles_all_that_vanished_and_nothing_else(cli, vanished, word, state, said):
    answer = cli("accept-reset", word)

    assert (answer.code, answer.lines) == (0, [said])
    assert states(vanished) == (["confirmed"], {state})
    assert "reset" not in cli("status").out
    assert cli("accept-reset", word).out.startswith("nothing to decide")


@pytest.mark.parametrize("words", [(), ("--ask-again", "--keep-away")])
def test_without_exactly_one_option_it_says_what_both_do_and_settles_nothing(cli, vanished, words):
    answer = cli("accept-reset", *words)

    assert (answer.code, answer.out) == (2, "")
    assert [line.split(":")[0].strip() for line in answer.err.splitlines()[1:]] == ["--ask-again", "--keep-away"]
    assert states(vanished) == (["confirmed"], {"vanished"})


def test_without_a_run_there_is_nothing_to_decide(cli, store):
    answer = cli("accept-reset", "--ask-again")

    assert (answer.code, answer.out) == (0, "nothing to decide: no requests vanished from the server\n")
