"""Which server a run works with: known by its installation, and by its address where that is not told."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from list_sync.database.schema import servers
from list_sync.model.decisions import ItemStatus, Request
from list_sync.model.servers import HOME, Dialect, ServerInfo
from list_sync.model.titles import Quality
from list_sync.storage.journal import RequestJournal, RequestState
from list_sync.storage.server_memory import load_states, save_states
from list_sync.storage.servers import find_answering, recognise_server
from tests.builders import NOON, a_match, a_state
from tests.storage.recording import FIRST, asked, find_one, read, run

HERE, THERE = "http://here:5055", "http://there:5055"
FIRST_ONE = ServerInfo(Dialect.SEERR, True, True, installation="1 2020", name="Films")
ANOTHER = replace(FIRST_ONE, installation="1 2024", dialect=Dialect.OVERSEERR)
UNTOLD = replace(FIRST_ONE, installation="")


def meet(store, info, address, household=HOME, *, at=NOON):
    """Return the number of the server that answers, and whether the household had another one before."""
    with store.writing() as connection:
        server, is_another = recognise_server(connection, household, info, address=address, at=at)
    return server.server_id, is_another


def where(store, address, info=UNTOLD):
    with store.reading() as connection:
        server = find_answering(connection, HOME, info, address=address)
    return server and server.server_id


def test_a_server_is_found_again_at_another_address(store):
    assert meet(store, FIRST_ONE, HERE) == (1, False)
    assert meet(store, FIRST_ONE, THERE) == (1, False)
    assert (where(store, THERE), where(store, HERE)) == (1, None)


def test_another_server_at_the_same_address_is_told_apart_and_both_are_known_again(store):
    meet(store, FIRST_ONE, HERE)

    for number, (info, server_id) in enumerate([(ANOTHER, 2), (FIRST_ONE, 1), (ANOTHER, 2)], 1):
        assert meet(store, info, HERE, at=NOON + timedelta(hours=number)) == (server_id, True)
        assert where(store, HERE) == server_id


def test_a_copy_of_an_installation_is_another_server_for_another_household(store):
    assert meet(store, FIRST_ONE, HERE) == (1, False)
    assert meet(store, FIRST_ONE, THERE, "large") == (2, False)
    assert (meet(store, FIRST_ONE, HERE), meet(store, FIRST_ONE, THERE, "large")) == ((1, False), (2, False))
    # Each is found again at another address.
    assert meet(store, FIRST_ONE, "http://moved:5055", "large") == (2, False)
    assert meet(store, FIRST_ONE, "http://away:5055") == (1, False)


def test_a_copy_is_one_server_for_all_households_at_its_address_also_for_one_that_was_renamed(store):
    meet(store, FIRST_ONE, HERE)

    assert (meet(store, FIRST_ONE, THERE, "large"), meet(store, FIRST_ONE, THERE, "big")) == ((2, False), (2, False))
    for household in ("big", "large"):
        assert meet(store, FIRST_ONE, "http://moved:5055", household) == (2, False)


def test_two_households_at_one_address_have_one_server_which_may_move(store):
    assert (meet(store, FIRST_ONE, HERE), meet(store, FIRST_ONE, HERE, "large")) == ((1, False), (1, False))
    assert (meet(store, FIRST_ONE, THERE), meet(store, FIRST_ONE, THERE, "large")) == ((1, False), (1, False))


def test_a_server_that_does_not_tell_its_installation_is_known_by_its_address_until_it_does(store):
    assert meet(store, UNTOLD, HERE) == (1, False)
    assert meet(store, UNTOLD, THERE) == (2, True)
    assert meet(store, FIRST_ONE, THERE) == (2, False)
    assert meet(store, UNTOLD, THERE) == (2, False)
    assert meet(store, FIRST_ONE, HERE) == (2, False)


def test_what_is_known_of_two_servers_is_kept_apart(store):
    for server_id in (meet(store, FIRST_ONE, HERE)[0], meet(store, ANOTHER, HERE)[0]):
        journal = RequestJournal(store, server_id=server_id, run_id=1, now=lambda: NOON)
        journal.intend(Request(a_match(server_id), quality=Quality.HD))
        with store.writing() as connection:
            save_states(connection, server_id, [a_state(server_id)], at=NOON, replace=True)

        assert [entry.tmdb_id for entry in journal.load_entries(RequestState.SENT)] == [server_id]
    with store.reading() as connection:
        assert [len(load_states(connection, number)) for number in (1, 2, 3)] == [1, 1, 0]


def test_what_a_server_said_of_a_title_is_forgotten_once_the_household_has_another_one(store):
    meet(store, FIRST_ONE, HERE)
    run(store, asked(), lists=[read(FIRST)])

    meet(store, FIRST_ONE, THERE)
    assert find_one(store, "603").status is ItemStatus.REQUESTED
    meet(store, ANOTHER, THERE)
    assert find_one(store, "603").status is ItemStatus.WAITING


def test_nothing_is_written_as_long_as_the_server_stays_what_it_is(store):
    meet(store, FIRST_ONE, HERE)
    meet(store, FIRST_ONE, HERE, at=NOON + timedelta(hours=1))

    with store.reading() as connection:
        assert connection.scalar(select(servers.c.seen_at)) == NOON
