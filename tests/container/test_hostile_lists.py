"""Hostile documents as lists of a container with little memory: the other lists are read, and it goes on."""

import re

from tests.container.home import films, ids
from tests.container.memory import Watch
from tests.fakes.hostile_documents import hostile_documents

# Just below the largest file that is read.
SIZE = 31_000_000
LITTLE = ("--memory", "256m", "--restart", "unless-stopped")
STATE = "{{.RestartCount}} {{.State.OOMKilled}} {{.State.Running}}"
NOT_READ = re.compile(r'list "(\S+)" could not be read: (.*)')
# Documents that mean something: a number between the brackets is a list, and a table may have empty rows.


def test_all_of_them_at_once_leave_the_other_lists_and_the_container_alone(home, neighbours, start, record_property):
    home.write_list(*films(range(20)))
    for name, content in hostile_documents(SIZE).items():
        (home.data / "drop" / name.replace(" ", "-")).write_bytes(content)
    names = sorted(path.name for path in (home.data / "drop").iterdir())
    neighbours.server.faults.set(only="GET /api/v1/settings/public", slow_seconds=2.0)
    container = start(home=home, options=LITTLE, FILE_LISTS=",".join(names))

    with Watch(container) as memory:
        container.wait_for("next sync at", seconds=240)
    record_property("MB", memory.peak >> 20)

    assert container.inspect(STATE) == "0 false true"
    assert set(ids(range(20))) <= set(neighbours.requested())
    assert container.execute("list-sync", "health").stdout == "healthy\n"
    failed = dict(NOT_READ.findall(container.log))
    assert sorted(failed) == [name for name in names if name != "films.json"]
