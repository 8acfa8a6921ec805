"""The server's own rows at one moment, as a random life looks at them."""

from collections import defaultdict

from list_sync.demo.server.database.rows import MediaStatus, RequestStatus
from list_sync.model.titles import Quality
from tests.fakes.wishes import SEASONS

WHOLE = "whole"
QUALITY_OF = {False: Quality.HD, True: Quality.UHD}
THERE = frozenset({MediaStatus.AVAILABLE, MediaStatus.PARTIALLY_AVAILABLE})
_ENDED = frozenset({MediaStatus.AVAILABLE, MediaStatus.DELETED, MediaStatus.BLOCKLISTED})
_STANDING = frozenset({RequestStatus.PENDING, RequestStatus.APPROVED})


def key_of(row):
    """Return the title of a request, and its quality."""
    return (row["media_type"], row["tmdb_id"]), QUALITY_OF[row["is4k"]]


def seasons_of(row):
    """Return the seasons of a request; a film is one whole."""
    return set(row["seasons"] or [WHOLE])


class Look:
    """The server's own rows at one moment."""

    def __init__(self, server):
        rows, media = server.requests(), server.media()
        self.rows = {row["id"]: row for row in rows}
        self.created = {number: row.created for number, row in server.backend.state.requests.items()}
        self.has_4k = server.settings.movie_4k_enabled
        self.asked, self.there = defaultdict(set), defaultdict(set)
        for row in rows:
            self.asked[key_of(row)] |= seasons_of(row)
        self.banned, self._status = set(), {}
        self.blocked_numbers = {block.tmdb for block in server.backend.state.blocks.values()}
        for row in media:
            title = (row["media_type"], row["tmdb_id"])
            if MediaStatus.BLOCKLISTED in (row["status"], row["status4k"]):
                self.banned.add(title)
            for quality, word in ((Quality.HD, "status"), (Quality.UHD, "status4k")):
                seasons = row["seasons" if quality is Quality.HD else "seasons4k"]
                self._status[title, quality] = row[word]
                self.there[title, quality] |= {number for number, status in seasons.items() if status in THERE}
                if row[word] == MediaStatus.AVAILABLE:
                    self.there[title, quality] |= {WHOLE} | (
                        SEASONS.get(title[1], set()) - {0} if not seasons else set()
                    )

    @property
    def pending(self):
        """Return how many requests are pending."""
        return sum(row["status"] == RequestStatus.PENDING for row in self.rows.values())

    def is_pending(self, number):
        """Tell whether a request is pending."""
        return self.rows[number]["status"] == RequestStatus.PENDING

    def is_open(self, number):
        """Tell whether a request is neither fulfilled nor ended."""
        row = self.rows[number]
        return row["status"] in _STANDING and self._status.get(key_of(row)) not in _ENDED

    def count_since(self, moment, user=None):
        """Return how many titles were requested since a moment, by one user or by all."""
        return len(
            {
                key_of(row)
                for number, row in self.rows.items()
                if self.created[number] >= moment.timestamp() and user in (None, row["requested_by"])
            }
        )
