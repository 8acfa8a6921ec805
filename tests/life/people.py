"""What people do to the server of a random life, and what the server does by itself."""

import requests

from list_sync.demo.server.dialects import Dialect
from tests.fakes.patience import PATIENCE_SECONDS
from tests.life.acting import action
from tests.life.household import MAY_4K, WISHES, draw_wish, number, of

ASKERS = ("alice", "bob", "carol")


class People:
    """Deeds of people, as actions."""

    @action(4, which=number, deed=of("approve", "decline", "fail_request", "delete_request"))
    def person_handles_a_request(self, which, deed):
        rows = self.server.requests()
        if rows:
            getattr(self.server, deed)(rows[which % len(rows)]["id"])
            self.note_removed(rows)

    @action(3, which=number)
    def title_becomes_available(self, which):
        rows = self.server.requests()
        if rows:
            row = rows[which % len(rows)]
            self.server.make_available(row["media_type"], row["tmdb_id"], row["seasons"] or None, is4k=row["is4k"])

    @action(1, which=number)
    def person_deletes_a_title(self, which):
        rows, titles = self.server.requests(), self.server.media()
        if titles:
            row = titles[which % len(titles)]
            self.server.delete_media(row["media_type"], row["tmdb_id"])
            self.note_removed(rows)

    @action(1, place=draw_wish)
    def person_blocks_a_title(self, place):
        if self.server.dialect is not Dialect.OVERSEERR and WISHES[place].title:
            self.server.blocklist(*WISHES[place].title)

    @action(1, place=draw_wish)
    def scan_finds_a_title(self, place):
        if WISHES[place].is_requestable:
            self.server.make_available(*WISHES[place].title)

    @action(2, place=draw_wish, asker=of(*ASKERS))
    def person_asks_for_a_title(self, place, asker):
        self.ask_as_a_person(WISHES[place], asker)

    @action(1, which=number, asker=of(*ASKERS))
    def person_asks_for_a_listed_title(self, which, asker):
        title = self.find_known(which)
        wish = next((wish for wish in WISHES if wish.title == title), None) if title else None
        if wish:
            self.ask_as_a_person(wish, asker)

    def ask_as_a_person(self, wish, asker="carol"):
        if wish.is_requestable and self.users[asker] is not None:
            kind, tmdb = wish.title
            body = {"mediaType": kind, "mediaId": tmdb, "is4k": False}
            if kind == "tv":
                body["seasons"] = sorted(wish.seasons)
            headers = {"X-Api-Key": self.server.api_key, "X-API-User": str(self.users[asker])}
            requests.post(f"{self.server.url}/api/v1/request", json=body, headers=headers, timeout=PATIENCE_SECONDS)

    @action(0.3)
    def server_is_wiped(self):
        rows = self.server.requests()
        self.server.wipe()
        self.note_removed(rows)

    @action(1, is_on=of(True, True, False))
    def server_gets_or_loses_4k(self, is_on):
        self.server.settings.movie_4k_enabled = self.server.settings.series_4k_enabled = is_on

    @action(0.5)
    def user_leaves_or_returns(self):
        if self.users["bob"] is None:
            self.users["bob"] = self.server.add_user("bob", MAY_4K)
            return
        rows = self.server.requests()
        self.server.delete_user(self.users["bob"])
        self.users["bob"] = None
        self.note_removed(rows)

    @action(0.5)
    def user_is_renamed(self):
        if self.users["bob"] is not None:
            self.server.change_user(self.users["bob"], name="robert")
            self.users["bob"] = self.server.add_user("bob", MAY_4K)

    @action(1, films=of(1, 3, None), seasons=of(3, 8, None))
    def quota_changes(self, films, seasons):
        self.server.change_user(self.users["alice"], movie_quota=films, tv_quota=seasons)
