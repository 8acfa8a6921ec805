import os

from list_sync.daemon.heartbeat import Heartbeat


def test_no_heartbeat_is_written_into_a_folder_that_takes_the_place_of_ours_meanwhile(tmp_path, monkeypatch):
    """A mount point whose volume goes away at the worst moment: after the look into the folder."""
    data, away = tmp_path / "data", tmp_path / "away"
    data.mkdir()
    heartbeat = Heartbeat(data / "heartbeat")
    heartbeat.beat()
    (data / "heartbeat").unlink()
    (data / "list_sync.db").touch()
    look = os.listdir

    def look_and_swap(folder):
        found = look(folder)
        data.rename(away)
        data.mkdir()
        return found

    monkeypatch.setattr(os, "listdir", look_and_swap)
    heartbeat.beat()

    assert look(data) == []
    assert sorted(look(away)) == ["heartbeat", "list_sync.db"]
