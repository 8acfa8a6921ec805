"""A host is lost in the middle of a sync, and the newest backup of its schedule is restored elsewhere."""

from benchmarks.drill import drill

FILMS = 60


def test_after_a_host_is_lost_nothing_is_requested_twice_and_everything_is_found_again(tmp_path):
    seen = drill(FILMS, tmp_path)

    assert all(seen.promises.values()), seen.promises
    assert 0 < seen.after_backup <= FILMS // 10
    # What was requested after the backup is found on the server, and only the rest is requested.
    assert seen.requested_by_sync == FILMS // 10 - seen.after_backup
