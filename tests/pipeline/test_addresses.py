"""One server by several addresses, and several servers by one."""

from types import SimpleNamespace

import pytest

from list_sync.demo.server.database.state import OWNER_ID
from list_sync.demo.server.demo_server import DemoServer, Dialect
from list_sync.model.terms import Terms
from tests.fakes.shelf import Bench, synthetic

FILM = synthetic(1)


def by_another_address(server):
    return SimpleNamespace(url=server.url.replace("127.0.0.1", "localhost"), api_key=server.api_key)


@pytest.mark.parametrize("dialect", Dialect)
def test_what_was_taken_back_is_not_asked_for_again_by_another_address_of_the_server(tmp_path, dialect):
    with DemoServer(dialect, synthetic_films=2) as demo:
        bench = Bench(tmp_path, demo)
        bench.sync(FILM)
        demo.delete_request(1)

        for server in (by_another_address(demo), demo, by_another_address(demo)):
            bench.server = server
            assert bench.sync(FILM).counts == {"declined": 1}
        assert demo.writes == 1


def test_two_servers_that_are_used_in_turn_are_each_asked_once_and_kept_apart(bench, demo):
    with DemoServer(Dialect.JELLYSEERR, synthetic_films=2) as other:
        # Set up a minute before, as no two servers of one household are set up in the same second.
        other.backend.state.users[OWNER_ID].created -= 60
        for server, state in (
            (demo, "requested"),
            (other, "requested"),
            (demo, "already_requested"),
            (other, "already_requested"),
        ):
            bench.server = server
            assert bench.sync(FILM).counts == {state: 1}
        demo.delete_request(1)

        assert bench.sync(FILM).counts == {"already_requested": 1}
        bench.server = demo
        assert bench.sync(FILM).counts == {"declined": 1}
        assert (demo.writes, other.writes) == (1, 1)


def test_another_user_as_requester_asks_for_nothing_that_was_asked_for_or_taken_back(bench, demo):
    bench.sync(FILM, synthetic(2))
    demo.delete_request(1)
    bench.terms = Terms(requester_id=demo.add_user("alice"))

    assert bench.sync(FILM, synthetic(2)).counts == {"already_requested": 1, "declined": 1}
    assert demo.writes == 2
