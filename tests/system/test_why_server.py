"""`why` tells as the server's knowledge only what was read of the server, and what we asked for apart from it."""

import re
import sqlite3
from contextlib import closing


def break_reading_back(server):
    """Let the newest requests, which are read after ours were made, not be had."""
    server.faults.only, server.faults.down_status = "sort=added", 503


def mend(server):
    server.faults.only, server.faults.down_status = "", None


def lines(house, label):
    """Return what `why` says under a label, without the times of day."""
    told = [line for line in house.run("why", "603").stdout.splitlines() if line.startswith(f"  {label}")]
    return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "DAY", line[10:].strip()) for line in told]


def test_what_was_read_back_is_shown_as_the_servers_state_with_its_time(house, server):
    house.run("sync")

    assert lines(house, "server") == ["knows it as processing, request 1 approved (read DAY)"]
    assert lines(house, "ours") == ["asked DAY, confirmed, request 1: created"]


def test_a_request_that_waits_for_approval_is_told_as_the_server_has_it(house, server):
    server.add_user("alice")
    house.run("sync", OVERSEERR_USER_ID="2")

    assert lines(house, "server") == ["knows it as pending, request 1 pending (read DAY)"]
    server.approve(1)
    house.run("sync", OVERSEERR_USER_ID="2")
    assert lines(house, "server") == ["knows it as processing, request 1 approved (read DAY)"]


def test_a_request_that_was_not_read_back_is_shown_as_ours_and_not_as_read_from_the_server(house, server):
    break_reading_back(server)
    house.run("sync", RETRY_ATTEMPTS="0")

    assert [row["tmdb_id"] for row in server.requests()] == [603]
    assert lines(house, "ours") == ["requested by us on DAY (request 1); not read back since"]
    assert not any("request 1" in line or "pending" in line for line in lines(house, "server"))


def test_a_request_that_was_not_read_back_is_read_by_the_next_sync(house, server):
    break_reading_back(server)
    house.run("sync", RETRY_ATTEMPTS="0")
    mend(server)
    house.run("sync")

    assert lines(house, "server") == ["knows it as processing, request 1 approved (read DAY)"]
    assert lines(house, "ours") == ["asked DAY, confirmed, request 1: created"]
    assert len(server.requests()) == 1


def test_a_request_that_radarr_refused_is_told_with_what_to_do(house, server):
    house.run("sync")
    server.fail_request(1)

    done = house.run("sync")

    assert done.returncode == 1
    assert lines(house, "server") == ["knows it as processing, request 1 failed (read DAY)"]
    assert lines(house, "state") == [
        "request_failed: request 1 failed on its way from the server to Radarr: retry it on the server"
    ]
    assert house.run("sync").returncode == 1
    server.approve(1)
    assert house.run("sync").returncode == 0


def test_a_withdrawal_that_was_cut_off_is_explained_and_settled_by_the_next_sync(house, server):
    house.run("sync")
    withdrawing = "UPDATE sent_requests SET state = 'withdrawing', note = 'request 7 came first'"
    with closing(sqlite3.connect(house.data / "list_sync.db")) as connection, connection:
        connection.execute(withdrawing)

    assert lines(house, "ours") == ["asked DAY, withdrawing, request 1: request 7 came first"]
    house.run("sync")
    assert lines(house, "ours") == [
        "asked DAY, confirmed, request 1: request 7 came first; the run was cut off before ours was withdrawn"
    ]
    assert len(server.requests()) == 1
