"""An in-memory TMDB behind a server: finds titles by id and by words as the real servers do, and can be down."""

import threading

from list_sync.errors import LookupFailed
from list_sync.matching.titles import strict_key
from list_sync.model.matches import SearchPage
from list_sync.model.servers import MediaState, TitleDetails
from list_sync.model.titles import MediaType

PAGE_SIZE = 20


class FakeCatalogue:
    """Holds candidates; counts the calls sent to it; `is_down` empties searches and fails look-ups by id."""

    def __init__(self, *titles, imdb=None, tvdb=None):
        self.titles = titles
        self.imdb = imdb or {}
        self.tvdb = tvdb or {}
        self.own_ids = {}
        self.countries = {}
        self.is_down = False
        self.calls = []
        self._lock = threading.Lock()

    def find_by_imdb(self, imdb_id):
        self._count("imdb", imdb_id)
        return self._by_id(self.imdb.get(imdb_id, ()))

    def find_by_tvdb(self, tvdb_id):
        self._count("tvdb", tvdb_id)
        return self._by_id(self.tvdb.get(tvdb_id, ()))

    def search(self, query, *, page=1):
        self._count("search", query, page)
        if self.is_down:
            return SearchPage((), 1, 1, 0)
        if query.startswith("tmdb:"):
            numbered = tuple(title for title in self.titles if query == f"tmdb:{title.tmdb_id}")
            return SearchPage(numbered, 1, 1, len(numbered))
        text, _, year = query.partition(" year:")
        found = [title for title in self.titles if _has_words(title, text)]
        if year:
            found = [title for title in found if title.year == int(year)]
            shown = [title for kind in MediaType for title in [t for t in found if t.media_type is kind][:PAGE_SIZE]]
            return SearchPage(tuple(shown), 1, 1, len(shown))
        shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return SearchPage(tuple(shown), page, max(1, -(-len(found) // PAGE_SIZE)), len(found))

    def find_details(self, media_type, tmdb_id):
        self._count("details", media_type, tmdb_id)
        known = [title for title in self.titles if (title.media_type, title.tmdb_id) == (media_type, tmdb_id)]
        if self.is_down or not known:
            return None
        state = MediaState(media_type, tmdb_id)
        imdb_id, tvdb_id = self.own_ids.get((media_type, tmdb_id), (None, None))
        countries = self.countries.get((media_type, tmdb_id), ())
        return TitleDetails(media_type, tmdb_id, known[0].title, known[0].year, imdb_id, tvdb_id, (), state, countries)

    def count(self, kind):
        return sum(call[0] == kind for call in self.calls)

    def _count(self, *call):
        with self._lock:
            self.calls.append(call)

    def _by_id(self, found):
        if self.is_down:
            raise LookupFailed("overseerr", "Unable to retrieve search results.")
        return tuple(found)


def _has_words(title, text):
    names = f"{strict_key(title.title)} {strict_key(title.original_title)}".split()
    return all(any(name.startswith(word) for name in names) for word in strict_key(text).split())
