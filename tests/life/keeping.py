"""What is done with the records of a random life: backups, restoring one, an import of ListSync 0.6, forgetting."""

import shutil
import tempfile
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

from list_sync.backups.adopting import adopt_database
from list_sync.backups.archive import write_archive
from list_sync.backups.unpacking import Wanted, unpack
from list_sync.config.environment import Environment
from list_sync.config.settings import parse_settings
from list_sync.database.old_database import open_old
from list_sync.database.rewriting import rewrite_file
from list_sync.forgetting.persons import forget_person
from list_sync.importing.reading import OldFolder
from list_sync.importing.report import Report
from list_sync.importing.settling import settle
from list_sync.importing.titles import read_titles
from list_sync.importing.writing import write_database
from list_sync.model.households import HOME
from list_sync.model.sources import ListKey
from list_sync.model.titles import Quality
from list_sync.providers import available_providers
from tests.fakes.dying import Death, DyingStore
from tests.fakes.former_program import FormerFolder
from tests.life.acting import action
from tests.life.household import LISTS, WISHES, number, of, some_wishes
from tests.life.look import WHOLE, key_of, seasons_of

PERSONS = ("alice", "bob", "robert", "carol")
KNOWN = (
    *("ours", "confirmed", "touched", "exempt", "unknown", "taken_back", "posted_at", "posted_before", "made_in"),
    *("bans", "snoozed", "copies", "maybe_copies", "titles_before", "gone"),
)
_STANDING = ("requested", "already_requested", "already_available", "skipped")


@dataclass
class Kept:
    """A backup, and what the records knew when it was made."""

    file: Path
    known: dict
    keys: dict
    seasons: dict


class BackingUpClient:
    """A client beside which a backup is made before or after one of the calls that write."""

    def __init__(self, client, write, back_up, *, is_after):
        self._client, self._left, self._back_up, self._is_after = client, write, back_up, is_after

    def __getattr__(self, name):
        return getattr(self._client, name)

    def create_request(self, **request):
        self._left -= 1
        if self._left == 0 and not self._is_after:
            self._back_up()
        answer = self._client.create_request(**request)
        if self._left == 0 and self._is_after:
            self._back_up()
        return answer


class Keeping:
    """Deeds with the whole of the records, as actions."""

    @action(2)
    def we_back_up(self):
        file = Path(self.folder.name) / f"backup-{len(self.backups)}.tar.gz"
        notes = []
        database = Path(self.folder.name) / "shelf.db"
        manifest = write_archive(file, database=database, others={}, program="1", made_at=self.now, notes=notes)
        assert manifest.is_verified, notes
        known = deepcopy({name: getattr(self, name) for name in KNOWN})
        rows = {row["id"]: row for row in self.server.requests()}
        keys, seasons = ({number: read(row) for number, row in rows.items()} for read in (key_of, seasons_of))
        self.backups.append(Kept(file, known, keys, seasons))

    @action(2, write=of(1, 1, 2, 4), is_after=of(True, False), gained=some_wishes(1, 4))
    def sync_is_backed_up_meanwhile(self, write, is_after, gained):
        self.list_gains(LISTS[1], gained, is_dated=False)

        def back_up():
            self.we_back_up()
            # Of what the run has read, copies may be kept already.
            self.backups[-1].known["maybe_copies"] |= {name: list(entries) for name, entries in self.lists.items()}

        self.sync_and_check(client=BackingUpClient(self.parts.client, write, back_up, is_after=is_after))

    @action(3, which=number, moves=of(False, True))
    def we_restore(self, which, moves):
        if not self.backups:
            return
        kept = self.backups[which % len(self.backups)]
        self.process.close()
        folder = Path(self.folder.name)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            unpack(kept.file, Path(name), Wanted("shelf.db", {}))
            adopt_database(Path(name) / "shelf.db", source=kept.file)
            for file in folder.glob("shelf.db*"):
                file.unlink()
            shutil.move(Path(name) / "shelf.db", folder / "shelf.db")
        self.remember(kept)
        if moves:
            old, new = (
                ("127.0.0.1", "localhost") if "127.0.0.1" in self.bench.server.url else ("localhost", "127.0.0.1")
            )
            place = SimpleNamespace(url=self.bench.server.url.replace(old, new), api_key=self.server.api_key)
            self.bench = replace(self.bench, server=place)
        self.start_process()

    def remember(self, kept):
        """Go back to what the records of a backup know; of later requests they know what the server says."""
        rows = {row["id"]: row for row in self.server.requests()}
        there = {number: key_of(row) for number, row in rows.items()}
        present = {name: getattr(self, name) for name in KNOWN}
        for name, value in deepcopy(kept.known).items():
            setattr(self, name, value)
        later = {key for key, at in present["posted_at"].items() if self.posted_at.get(key) != at}
        self.exempt |= present["exempt"] | later
        self.gone |= present["gone"]
        for request in self.confirmed - {one for one in there if there[one] == kept.keys.get(one)}:
            key = kept.keys[request]
            if key in there.values():
                self.exempt.add(key)
            else:
                self.taken_back[key] |= kept.seasons[request]
        self.confirmed = {one for one in self.confirmed if there.get(one) == kept.keys.get(one)}
        # The records do not know those that were made later, but for one that was under way.
        self.unknown |= present["ours"] - self.ours
        self.ours = {one for one in self.ours if there.get(one) == kept.keys.get(one)} | (
            present["ours"] & there.keys()
        )
        self.is_behind, self.just_made = True, set()

    @action(
        1, places=some_wishes(1, 6), status=of(*_STANDING, "not_found"), kill=of(0, 0, 1, 2, 3), asks=of(True, False)
    )
    def we_import_a_former_folder(self, places, status, kill, asks):
        titles = [WISHES[place] for place in places if WISHES[place].title]
        with tempfile.TemporaryDirectory() as name:
            former, list_id = FormerFolder(Path(name)), self.list_id(LISTS[0])
            for wish in titles:
                kind, tmdb = wish.title
                source = {"source_list_type": "shelf", "source_list_id": list_id}
                former.add_title(wish.item.title, tmdb, status, kind, **source)
            with open_old(former.database) as old:
                found = read_titles(old, {("shelf", list_id): ListKey("shelf", list_id)}, now=self.now)
        known = {(kind, tmdb) for kind, tmdb in self.query("SELECT media_type, tmdb_id FROM sent_requests")}
        before = self.look()
        report, old = Report("life"), OldFolder(former.path, (), found, (), None)
        store = DyingStore(self.parts.store, kill, is_after=True) if kill else self.parts.store
        try:
            write_database(store, old, Quality.HD, report, now=self.now)
            if asks:
                settle(store, self.settings(), Quality.HD, found.values(), report, now=self.now)
        except Death:
            asks = False
            self.start_process()
        for title in {wish.title for wish in titles} - known if status in _STANDING else ():
            key = (title, Quality.HD)
            self.touched.add(key)
            if asks and status == "requested" and not (before.asked[key] or before.there[key]):
                self.taken_back[key] |= {WHOLE} if title[0] == "movie" else set(range(1, 100))
                self.exempt.discard(key)
            else:
                self.exempt.add(key)

    def settings(self):
        variables = {"OVERSEERR_URL": self.bench.server.url, "OVERSEERR_API_KEY": self.server.api_key}
        return parse_settings(Environment((variables,)), available_providers())

    @action(2, who=of(*PERSONS), kill=of(0, 0, 0, 1), is_after=of(True, False))
    def we_forget(self, who, kill, is_after):
        users = {HOME: self.parts.client.fetch_users()}
        store = DyingStore(self.parts.store, kill, is_after=is_after) if kill else self.parts.store
        try:
            forget_person(store, who, users, numbers_count_in=HOME, is_trial=False)
        except Death:
            self.start_process()
            forget_person(self.parts.store, who, users, numbers_count_in=HOME, is_trial=False)
        database = self.parts.store.path
        rewrite_file(database)
        left = forget_person(self.parts.store, who, users, numbers_count_in=HOME, is_trial=True).counts
        assert not any(left.values()), f"{who} is still in the records: {left}"
        for file in (database, database.with_name("shelf.db-wal")):
            assert not file.exists() or who.encode() not in file.read_bytes().lower(), (
                f"bytes of {who} are in {file.name}"
            )
