"""The compose files on a real engine: hardened, load balancing, and the guide's script for backups."""

import json
import sqlite3
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.container.compose import REPOSITORY, Project, find_problem
from tests.container.home import OWNER, Home, film, films, ids

pytestmark = pytest.mark.skipif(find_problem() is not None, reason=find_problem() or "")

GUIDE = REPOSITORY.parent / "shared" / "guide" / "advanced-usage.md"
# What the users' guide has people do, in our words: stop, copy, archive, start; and the way back.
BACKUP = """#!/bin/bash
set -e
service() { docker-compose "$1" listsync; }
case "$1" in
  backup)
    folder=$(date +%Y%m%d_%H%M%S)
    mkdir -p "backups/$folder"
    service stop
    cp data/list_sync.db "backups/$folder/"
    if [ -e data/config.enc ]; then cp data/config.enc "backups/$folder/"; fi
    tar -C backups -czf "backups/$folder.tar.gz" "$folder"
    rm -r "backups/$folder"
    service start
    ;;
  restore)
    service stop
    cp data/list_sync.db data/list_sync.db.pre-restore
    folder=$(mktemp -d)
    tar -C "$folder" -xzf "$2"
    cp "$folder"/*/list_sync.db data/
    if ls "$folder"/*/config.enc >/dev/null 2>&1; then cp "$folder"/*/config.enc data/; fi
    rm -r "$folder"
    service start
    ;;
esac
"""
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"


def guides_script():
    text = GUIDE.read_text(encoding="utf-8")
    begin = text.index("# backup-restore.sh")
    return "#!/bin/bash\n" + text[begin : text.index("```", begin)]


@pytest.fixture
def open_project(neighbours):
    projects = []

    def open_project(folder, *files, services=("listsync",), **settings):
        projects.append(Project(folder, neighbours, *files, services=services, **settings))
        return projects[-1]

    yield open_project
    for project in projects:
        project.remove()


def content(database):
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            table: connection.execute(f"SELECT * FROM {table}").fetchall() for (table,) in connection.execute(TABLES)
        }


def test_the_compose_file_syncs_hardened_and_healthy(tmp_path, neighbours, open_project):
    Home(tmp_path).write_list(film(1))
    project = open_project(tmp_path, **neighbours.settings(FILE_LISTS="films.json", PUID=OWNER, PGID=OWNER))
    project.up()
    container = project.container()
    container.wait_for("next sync at")

    assert container.execute("list-sync", "health").stdout == "healthy\n"
    host = json.loads(container.inspect("{{json .HostConfig}}"))
    assert (host["ReadonlyRootfs"], host["SecurityOpt"]) == (True, ["no-new-privileges:true"])
    assert (host["CapDrop"], len(host["CapAdd"])) == (["ALL"], 6)
    assert (host["Memory"], host["PidsLimit"]) == (512 * 2**20, 512)
    rights = container.execute("sh", "-c", "grep -h CapEff $(grep -l '^Name:.list-sync$' /proc/[0-9]*/status)").stdout
    assert set(rights.split()) == {"CapEff:", "0" * 16}
    assert container.execute("touch", "/x", check=False).returncode != 0
    project.compose("stop", "listsync")
    assert (container.exit_code, Home(tmp_path).leftovers()) == (0, [])
    assert neighbours.requested() == ids([1])


@pytest.mark.parametrize("script", ["ours", "the guide's"])
def test_stop_copy_start_and_the_way_back_give_a_whole_database(tmp_path, neighbours, open_project, script):
    if script == "the guide's" and not GUIDE.exists():
        pytest.skip("the users' guide is not here")
    if find_docker_compose() is None:
        pytest.skip("the script calls docker-compose")
    (tmp_path / "backup-restore.sh").write_text(BACKUP if script == "ours" else guides_script())
    home = Home(tmp_path)
    home.write_list(*films(range(5)))
    settings = neighbours.settings(FILE_LISTS="films.json", PUID=OWNER, PGID=OWNER, CACHE_TTL="0")
    project = open_project(tmp_path, **settings)
    project.up()
    container = project.container()
    container.wait_for("next sync at")
    container.execute("list-sync", "ban", "movie:5000900")

    project.run(["bash", "backup-restore.sh", "backup"])
    (archive,) = (tmp_path / "backups").glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "opened", filter="data")
    (copied,) = (tmp_path / "opened").glob("*/list_sync.db")
    before = content(copied)
    container.wait_for("next sync at", times=2)
    home.write_list(*films(range(5, 9)))
    container.execute("list-sync", "--sync-now")
    project.run(["bash", "backup-restore.sh", "restore", str(archive.relative_to(tmp_path))])
    container.wait_for("next sync at", times=3)
    project.compose("stop", "listsync")

    assert [len(before[table]) for table in ("synced_items", "pins", "sync_history")] == [5, 1, 1]
    now = content(home.data / "list_sync.db")
    assert home.leftovers() == []
    # The restored one has synced once more since, with the later list.
    for table in ("sync_history", "pins", "item_events", "sent_requests"):
        assert now[table][: len(before[table])] == before[table], table
    assert len(now["sync_history"]) == 2
    assert neighbours.requested() == ids(range(9))


def find_docker_compose():
    try:
        return subprocess.run(["docker-compose", "version"], capture_output=True)
    except OSError:
        return None


def test_the_pair_of_the_load_balancing_syncs_from_a_folder_that_is_read_only_for_both(
    tmp_path, neighbours, open_project, round_number
):
    (tmp_path / "data-shared" / "drop").mkdir(parents=True)
    (tmp_path / "data-shared" / "drop" / "films.json").write_text(json.dumps(films(range(20))))
    sources = neighbours.addresses["sources"]
    project = open_project(
        tmp_path,
        "docker/load-balancing.yml",
        services=("listsync-prepare", "listsync-imdb", "listsync-trakt"),
        OVERSEERR_URL=neighbours.addresses["server"],
        API_KEY=neighbours.addresses["key"],
        ALL_FILE_LISTS="films.json",
        ALL_IMDB_LISTS="top",
        ALL_TRAKT_LISTS="demo/long-weekend",
        TRAKT_CLIENT_ID=sources["TRAKT_CLIENT_ID"],
    )
    lead_to_the_neighbours(project, sources)
    project.up()
    pair = [project.container(service) for service in ("listsync-imdb", "listsync-trakt")]
    for container in pair:
        container.wait_for("next sync at")

    requested = neighbours.requested()
    assert len(requested) == len(set(requested)) > 20 + 21
    assert set(ids(range(20))) <= set(requested)
    for container, kept in zip(pair, ("data-imdb", "data-trakt"), strict=True):
        assert "Sync completed" in container.closings()[-1]
        assert "not read" not in container.closings()[-1]
        assert container.execute("list-sync", "health").stdout == "healthy\n"
        assert container.execute("touch", "/usr/src/app/data/x", check=False).returncode != 0
        assert container.stop()[0] == 0
        assert (tmp_path / kept / "list_sync.db").exists()
        assert sorted(path.name for path in (tmp_path / kept).glob("*.db-*")) == []
    assert sorted(path.name for path in (tmp_path / "data-shared").iterdir()) == ["drop", "logs"]
    assert Path(tmp_path / "data-shared" / "logs").is_dir()


def lead_to_the_neighbours(project, sources):
    """Let the pair read the stand-ins of the sources, for which the file has no variables."""
    path = project.folder / "docker-compose.override.yml"
    overrides = json.loads(path.read_text())
    bases = {name: text for name, text in sources.items() if name.endswith("_BASE_URL")}
    for service in ("listsync-imdb", "listsync-trakt"):
        overrides["services"][service]["environment"] = bases
    path.write_text(json.dumps(overrides))
