"""The folder of settings in a container: lists.yaml, further households, and who may write where."""

import pytest

from tests.container.compose import Project, find_problem
from tests.container.engine import Container
from tests.container.home import OWNER, Home, films, ids
from tests.fakes.house import wait_until

CONFIG = "/usr/src/app/config"
LISTS = "caps: {per_run: 5}\nlists: [{source: 'file:films.json', limit: %d}]\n"
HOUSEHOLD = """\
server: {url: "%s", api_key: {file: /run/secrets/key}}
lists: [file:films.json]
"""


@pytest.mark.skipif(find_problem() is not None, reason=find_problem() or "")
def test_a_lists_file_that_is_made_inside_is_edited_outside_and_planned_applied_and_undone(tmp_path, neighbours):
    Home(tmp_path).write_list(*films(range(3)))
    settings = neighbours.settings(FILE_LISTS="films.json", MAX_REQUESTS_PER_RUN=1, PUID=OWNER, PGID=OWNER)
    project = Project(tmp_path, neighbours, services=["listsync"], **settings)
    file = tmp_path / "config" / "lists.yaml"
    try:
        project.up()
        container = project.container()
        container.wait_for("next sync at")
        container.execute("list-sync", "config", "init")
        made = {path.name: (path.stat().st_uid, path.stat().st_mode & 0o777) for path in file.parent.iterdir()}
        assert made == {"lists.yaml": (OWNER, 0o640), "lists.schema.json": (OWNER, 0o640)}
        container.wait_for("lists.yaml changed")

        beside = file.with_suffix(".tmp")
        beside.write_text(LISTS % 2)
        beside.rename(file)
        container.wait_for("other terms of file:films.json")
        file.write_text("lists: 3\n")
        container.wait_for("the policy stays as it was")
        assert container.execute("list-sync", "health", check=False).returncode == 1
        file.write_text(LISTS % 3)
        container.wait_for("other terms of file:films.json", times=2)
        assert container.execute("list-sync", "health").stdout == "healthy\n"

        assert "2 titles" in container.execute("list-sync", "plan", "-o", "data/plan.json").stdout
        container.execute("list-sync", "apply", "data/plan.json")
        assert neighbours.requested() == ids(range(3))
        container.execute("list-sync", "undo", "3", "--yes")
        assert neighbours.requested() == ids([0])
        assert "taken back" in container.execute("list-sync", "why", "Synthetic Film 000002").stdout
        code, seconds = container.stop()
        assert (code, seconds < 8) == (0, True), container.log
    finally:
        project.remove()


@pytest.mark.parametrize(
    ("mount", "told"),
    [
        ((), f"is lost with it; mount a folder of the host at {CONFIG}"),
        (("--volume", "{folder}:" + CONFIG + ":ro"), "mount it writable, or write its files where it is mounted from"),
    ],
)
def test_where_no_lists_file_can_be_kept_none_is_written(tmp_path, neighbours, mount, told):
    tmp_path.chmod(0o755)
    options = [part.format(folder=tmp_path) for part in mount]
    container = Container.run(options=(*neighbours.network, *options), **neighbours.settings())
    try:
        container.wait_for("Running")
        done = container.execute("list-sync", "config", "init", check=False)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    finally:
        container.remove()


def test_a_household_begins_once_its_secret_can_be_read(tmp_path, neighbours, home, start):
    home.write_list(*films(range(3)))
    households = tmp_path / "config" / "households"
    households.mkdir(parents=True)
    (households / "large.yaml").write_text(HOUSEHOLD % neighbours.addresses["server"])
    secret = tmp_path / "secrets"
    secret.mkdir()
    mounts = ("--volume", f"{tmp_path}/config:{CONFIG}", "--volume", f"{secret}:/run/secrets:ro")
    container = start(home=home, options=mounts)
    container.wait_for("household large: ")
    (secret / "key").write_text(neighbours.addresses["key"])
    (secret / "key").chmod(0o444)
    container.wait_for("household large begins")
    container.wait_for("Sync completed: 1 list; 3 requested")

    assert neighbours.requested() == ids(range(3))
    wait_until(lambda: container.execute("list-sync", "health", check=False).stdout == "healthy\n")
