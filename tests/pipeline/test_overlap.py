"""Several of our processes, each with its own data folder, write to one lossy server at the same time."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from list_sync.demo.catalogue.synthetic import synthetic_tmdb_id
from list_sync.demo.server.demo_server import DemoServer
from tests.fakes.patience import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
# What becomes of a title when two want it: ours, theirs, or theirs a moment earlier.
GOOD_ENDS = {"requested", "already_requested"}


@pytest.mark.parametrize(
    "shares",
    [[range(100), range(25, 125)], [range(60), range(20, 80), range(40, 100)]],
    ids=["two processes", "three processes"],
)
def test_every_title_that_several_processes_want_is_there_exactly_once(shares, tmp_path):
    with DemoServer(synthetic_films=125, latency_seconds=0.002, post_seconds=0.01) as server:
        processes = [start(tmp_path / str(number), server, share) for number, share in enumerate(shares)]
        reports = [json.loads(process.communicate(timeout=PATIENCE_SECONDS)[0]) for process in processes]
        asked_for = Counter(row["tmdb_id"] for row in server.requests())

    wanted = {synthetic_tmdb_id(number) for share in shares for number in share}
    assert asked_for == Counter(wanted)
    for report, process, share in zip(reports, processes, shares, strict=True):
        assert process.returncode == 0
        assert report["counts"].keys() <= GOOD_ENDS
        assert sum(report["counts"].values()) == len(share)


def start(folder, server, numbers):
    """Start one sync with a list of synthetic films, as a container of its own would run it."""
    films = [{"media_type": "movie", "tmdb_id": synthetic_tmdb_id(number)} for number in numbers]
    drop = folder / "drop"
    drop.mkdir(parents=True)
    (drop / "films.json").write_text(json.dumps(films), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "OVERSEERR_URL": server.url,
        "OVERSEERR_API_KEY": server.api_key,
        "FILE_LISTS": "films.json",
        "DATA_DIR": str(folder),
        "CONFIG_DIR": str(folder / "config"),
    }
    command = [sys.executable, "-m", "list_sync", "sync", "--json"]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
