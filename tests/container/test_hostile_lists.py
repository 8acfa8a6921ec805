"""Hostile documents as lists of a container with little memory: the other lists are read, and it goes on."""

import re

from tests.container.home import films, ids
from tests.container.memory import Watch
from tests.fakes.hostile_documents import hostile_documents

# Just below the largest file that is read.
SIZE = 31_000_000
LITTLE = ("--memory", "256m", "--restart", "unless-stopped")
STATE = "{{.RestartCount}} {{.State.OOMKilled}} {{.State.Running}}"
NOT_READ = re.compile(r'list "(\S+)" could not be read: ')
# Those that take the most memory.
HARDEST = ("arrays", "objects", "small entries", "keys", "lines", "elements in an entry", "nested elements")


def test_they_leave_the_other_lists_and_the_container_alone(home, neighbours, start, record_property):
    home.write_list(*films(range(20)))
    documents = hostile_documents(SIZE)
    names = [name.replace(" ", "-") for name in HARDEST]
    for name, file in zip(HARDEST, names, strict=True):
        (home.data / "drop" / file).write_bytes(documents[name])
    container = start(home=home, options=LITTLE, FILE_LISTS=",".join([*names, "films.json"]))

    with Watch(container) as memory:
        container.wait_for("next sync at")
    record_property("MB", memory.peak >> 20)

    assert container.inspect(STATE) == "0 false true"
    assert set(ids(range(20))) <= set(neighbours.requested())
    assert container.execute("list-sync", "health").stdout == "healthy\n"
    assert sorted(NOT_READ.findall(container.log)) == sorted(names)
