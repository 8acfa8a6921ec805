"""Several containers: on one server, on one folder, and a second one that asks or takes over."""

import re
import time

import pytest

from tests.container.home import Home, film, films, ids

OVERLAPPING = {"first": range(0, 60), "second": range(30, 90), "third": range(45, 105)}
WANTED = ids(range(0, 105))
TAKEN_OVER_WITHIN_SECONDS = 60.0


@pytest.mark.parametrize("command", [("list-sync", "sync"), ("list-sync",)], ids=["single syncs", "daemons"])
def test_three_with_overlapping_lists_ask_a_lossy_server_for_every_title_once(
    tmp_path, neighbours, start, command, round_number
):
    assert neighbours.server.faults.lossy.get() is True
    neighbours.server.faults.set(post_seconds=0.02)
    containers = []
    for name, numbers in OVERLAPPING.items():
        home = Home(tmp_path / name)
        home.write_list(*films(numbers))
        containers.append(start(*command, home=home, FILE_LISTS="films.json"))

    for container in containers:
        container.wait_for("Sync completed")

    assert neighbours.requested() == WANTED


def test_a_second_container_asks_the_first_to_sync_and_waits_for_it(home, neighbours, start):
    home.write_list(film(1))
    daemon = start(home=home, FILE_LISTS="films.json", CACHE_TTL="0")
    daemon.wait_for("next sync at")
    home.write_list(film(1), film(2))

    second = start("list-sync", "--sync-now", home=home, FILE_LISTS="films.json")

    assert second.wait() == 0, second.log
    assert "asked the running ListSync to sync now" in second.log
    # The changed file is synced for its own sake, before or after.
    (run,) = set(re.findall(r"\brun (\d+)", second.log))
    assert home.query(f"SELECT sync_mode FROM sync_history WHERE id = {run}") == [("manual",)]
    assert neighbours.requested() == ids([1, 2])


def test_two_single_syncs_on_one_folder_take_turns(home, neighbours, start):
    home.write_list(*films(range(40)))
    neighbours.server.faults.set(post_seconds=0.05)
    both = [start("list-sync", "sync", home=home, FILE_LISTS="films.json") for _ in range(2)]

    assert [container.wait() for container in both] == [0, 0]
    assert neighbours.requested() == ids(range(40))
    (_, ended), (began, _) = home.query("SELECT sync_started, sync_completed FROM sync_history ORDER BY id")
    assert ended <= began


def test_a_waiting_container_takes_over_soon_after_the_first_was_killed(home, neighbours, start, record_property):
    home.write_list(film(1))
    first = start(home=home, FILE_LISTS="films.json")
    first.wait_for("next sync at")
    second = start(home=home, FILE_LISTS="films.json")
    second.wait_for("this one waits")
    assert "sync started" not in second.log
    home.write_list(film(1), film(2))

    first.kill()
    killed = time.monotonic()
    second.wait_for("this one takes over", seconds=TAKEN_OVER_WITHIN_SECONDS)
    record_property("seconds until it took over", round(time.monotonic() - killed, 1))

    second.wait_for("Sync completed", seconds=TAKEN_OVER_WITHIN_SECONDS)
    assert second.execute("list-sync", "health").stdout == "healthy\n"
    first.start()
    first.wait_for("this one waits")
