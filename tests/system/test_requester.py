"""The user in whose name requests are made: what `check` and `sync` say where that user may not ask."""

import pytest

from list_sync.demo.server.users.permissions import Permission

MAY_ASK_FOR_ALL = Permission.REQUEST | Permission.REQUEST_4K


@pytest.mark.parametrize("command", [("check",), ("sync",)])
def test_a_requester_who_does_not_exist_has_the_exit_code_of_a_refusal(house, server, command):
    server.add_user("alice")

    done = house.run(*command, OVERSEERR_USER_ID="77")

    assert done.returncode == 4
    assert "OVERSEERR_USER_ID=77 is not a user of the server" in done.stdout + done.stderr
    assert "2 (alice)" in done.stdout + done.stderr
    assert server.requests() == []


@pytest.mark.parametrize(
    ("permissions", "is_4k", "words"),
    [
        (Permission.NONE, "false", "user 2 (alice) may not request films and shows:"),
        (Permission.REQUEST_TV, "false", "user 2 (alice) may not request films:"),
        (Permission.REQUEST_MOVIE, "false", "user 2 (alice) may not request shows:"),
        (Permission.REQUEST, "true", "user 2 (alice) may not request 4K films and 4K shows:"),
        (Permission.REQUEST | Permission.REQUEST_4K_MOVIE, "true", "user 2 (alice) may not request 4K shows:"),
    ],
)
def test_check_sees_that_the_requester_lacks_a_permission(house, server, permissions, is_4k, words):
    server.settings.movie_4k_enabled = server.settings.series_4k_enabled = True
    server.add_user("alice", permissions)

    done = house.run("check", OVERSEERR_USER_ID="2", OVERSEERR_4K=is_4k)

    assert f"fix  {words}" in done.stdout
    assert done.returncode == 4


def test_check_sees_that_the_requesters_quota_is_used_up(house, server):
    server.add_user("alice", movie_quota=1, tv_quota=5)
    house.run("sync", OVERSEERR_USER_ID="2")

    done = house.run("check", OVERSEERR_USER_ID="2")

    assert "fix  the quota of user 2 (alice) for films is used up: 1 film in 7 days;" in done.stdout
    assert "for shows" not in done.stdout
    assert done.returncode == 4


def test_check_sees_that_the_server_has_no_4k_for_a_requester_who_may_ask_for_it(house, server):
    server.settings.movie_4k_enabled = True
    server.add_user("alice", MAY_ASK_FOR_ALL)

    done = house.run("check", OVERSEERR_USER_ID="2", OVERSEERR_4K="true")

    assert "fix  OVERSEERR_4K is true, but the server has no 4K server for shows: add one" in done.stdout
    assert "ok   user 2 (alice) may request films and shows in 4K" in done.stdout
    assert done.returncode == 2


@pytest.mark.parametrize(("user_id", "words"), [("1", "user 1 (admin)"), ("2", "user 2 (alice)")])
def test_check_says_that_the_requester_may_request(house, server, user_id, words):
    server.add_user("alice", Permission.REQUEST, movie_quota=2)

    done = house.run("check", OVERSEERR_USER_ID=user_id)

    assert f"ok   {words} may request films and shows" in done.stdout
    assert done.returncode == 0


def test_a_sync_names_the_setting_once_if_the_requester_may_not_ask(house, server):
    server.add_user("alice", Permission.NONE)
    house.write_list(*({"title": f"Film {number}", "type": "movie", "tmdb": number} for number in (603, 550, 155)))

    done = house.run("sync", OVERSEERR_USER_ID="2")

    assert done.stdout.count("user 2 (OVERSEERR_USER_ID) may not request films: give this user the permission") == 1
    assert done.stdout.count("INFO Running: request_failed") == 1
    assert "2 more not sent: user 2 may not request films" in done.stdout
