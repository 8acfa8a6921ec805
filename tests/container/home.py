"""A data folder on the host that containers mount, looked at from outside."""

import contextlib
import json
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

from tests.container.engine import DATA, IMAGE, docker

# The entrypoint takes over what belongs to root; whoever else runs the tests has to be able to read what it writes.
OWNER = os.getuid() or 1000
FIRST_FILM = 5_000_000


def film(number):
    return {"title": f"Synthetic Film {number:06d}", "media_type": "movie", "tmdb_id": FIRST_FILM + number}


def films(numbers):
    return [film(number) for number in numbers]


def ids(numbers):
    return [FIRST_FILM + number for number in numbers]


def give_to(user, folder):
    """Make a folder and all that is in it another user's, as `sudo chown -R` would."""
    mount = ("--mount", f"type=bind,source={folder},target=/given")
    chown = ("--entrypoint", "chown", IMAGE, "-R", f"{user}:{user}", "/given")
    docker("run", "--rm", "--user", "0", "--network", "none", *mount, *chown)


class Home:
    """One data folder, and the options with which containers live in it."""

    def __init__(self, folder):
        self.folder = folder
        self.data = folder / "data"

    @property
    def mount(self):
        return ("--volume", f"{self.data}:{DATA}", "--env", f"PUID={OWNER}", "--env", f"PGID={OWNER}")

    def write_list(self, *entries, name="films.json"):
        (self.data / "drop").mkdir(parents=True, exist_ok=True)
        (self.data / "drop" / name).write_text(json.dumps(entries))

    @contextlib.contextmanager
    def copied(self):
        """Give a copy of the database with what lies beside it, so that looking changes nothing."""
        with tempfile.TemporaryDirectory(prefix="list-sync-") as folder:
            for path in self.data.glob("list_sync.db*"):
                shutil.copy(path, folder)
            yield Path(folder) / "list_sync.db"

    def query(self, *statements):
        """Return the rows of each statement; of one alone just those."""
        with self.copied() as database, contextlib.closing(sqlite3.connect(database)) as connection:
            answers = [connection.execute(statement).fetchall() for statement in statements]
        return answers[0] if len(answers) == 1 else answers

    def leftovers(self):
        """Return the names of what SQLite leaves beside a database that was not closed."""
        return sorted(path.name for path in self.data.glob("*.db-*"))
