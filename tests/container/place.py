"""A folder and its server that went through some syncs, and everything that must still be there after a power cut."""

import shutil
import threading
from collections import Counter

from tests.container.engine import Container
from tests.container.home import FIRST_FILM, Home, films, ids
from tests.fakes.house import wait_until

ANNA = {"title": "Anna", "year": 2019, "media_type": "movie"}
ANNAS_ID = 80_000_009
BANNED = 9_900
SECRET = "TRAKT_CLIENT_SECRET"
KEEP_SECRET = f"echo very-secret | list-sync config set {SECRET}"
CONTENT = {
    "titles": "SELECT item_key, overseerr_id FROM synced_items",
    "pins and bans": "SELECT * FROM pins",
    "history": "SELECT id, sync_started FROM sync_history",
    "lists": "SELECT list_type, list_id FROM lists",
    "events": "SELECT * FROM item_events",
}
# One row each: a title by its key and by its id, and the request for it.
DOUBLED = {
    "keys": "SELECT item_key FROM synced_items GROUP BY 1 HAVING count(*) > 1",
    "ids": "SELECT 1 FROM synced_items WHERE overseerr_id > 0 GROUP BY media_type, overseerr_id HAVING count(*) > 1",
    "open requests": "SELECT * FROM sent_requests WHERE state IN ('sent', 'accepted')",
}


class Place:
    """One folder with a pin, a ban and a secret in config.enc, and the neighbours of the containers that live in it."""

    def __init__(self, folder, neighbours):
        self.home = Home(folder)
        self.neighbours = neighbours
        self.wanted = 0

    def run(self, *command, image=None, **settings):
        """Start a container in the folder."""
        more = {"image": image} if image else {}
        settings = self.neighbours.settings(FILE_LISTS="films.json", CACHE_TTL="0", **settings)
        return Container.run(*command, options=(*self.neighbours.network, *self.home.mount), **more, **settings)

    def run_to_the_end(self, *command, **more):
        """Run a command in a container of its own; return what it printed."""
        container = self.run(*command, **more)
        try:
            assert container.wait() == 0, container.log
            return container.log
        finally:
            container.remove()

    def want(self, count):
        """Put more films on the list."""
        self.wanted += count
        self.home.write_list(*films(range(self.wanted)), *films([BANNED]), ANNA)

    def prepare(self, count):
        """Sync, pin, ban, and keep a secret."""
        self.want(count)
        ban = f"list-sync ban movie:{FIRST_FILM + BANNED}"
        pin = f"list-sync pin title:movie:anna:2019 tmdb:movie:{ANNAS_ID}"
        self.run_to_the_end(
            "sh", "-c", f"list-sync sync --dry-run && {ban} && {pin} && {KEEP_SECRET} && list-sync sync"
        )
        self.assert_complete()

    def content(self):
        """Return the rows that no power cut may take."""
        return {name: Counter(self.home.query(statement)) for name, statement in CONTENT.items()}

    def assert_whole(self):
        """The database opens, and what SQLite says of it is good."""
        assert self.home.query("PRAGMA integrity_check", "PRAGMA foreign_key_check") == [[("ok",)], []]

    def assert_complete(self):
        """Every wanted title is on the server once and in the database once."""
        self.assert_whole()
        assert self.neighbours.requested() == [*ids(range(self.wanted)), ANNAS_ID]
        assert self.doubled() == []
        requested = self.home.query("SELECT count(*) FROM synced_items WHERE status = 'requested'")
        assert requested == [(self.wanted + 1,)]

    def assert_nothing_lost(self, before):
        """What was there before is there still, and the secrets open."""
        now = self.content()
        assert [(name, lost) for name in before if (lost := before[name] - now[name])] == []

    def assert_goes_on(self, container, before):
        """Start a container after the power came back, let it sync and end it."""
        container.start()
        self.assert_syncs_and_ends(container)
        self.assert_complete()
        self.assert_nothing_lost(before)

    def assert_syncs_and_ends(self, container):
        """A container that was started just now syncs, opens the secrets and ends."""
        container.wait_for("next sync at", since=container.inspect("{{.State.StartedAt}}"))
        shown = container.execute("list-sync", "config", "show")
        assert SECRET in shown.stdout, shown.stderr
        assert container.stop()[0] == 0, container.log
        self.assert_whole()
        assert self.home.leftovers() == []
        assert self.doubled() == []

    def doubled(self):
        """Return which tables hold something twice, or a request that nobody knows the end of."""
        return [name for name, statement in DOUBLED.items() if self.home.query(statement)]

    def copy_to(self, folder):
        """Return a place with the same content and neighbours."""
        shutil.copytree(self.home.folder, folder, dirs_exist_ok=True)
        copy = Place(folder, self.neighbours)
        copy.wanted = self.wanted
        return copy


def cut_power(container, *, after, begun=None):
    """Kill a container a while from now, or from the moment at which what it does has begun."""
    if begun is not None:
        wait_until(lambda: begun() or not container.is_running)
    threading.Event().wait(after)
    container.kill()
