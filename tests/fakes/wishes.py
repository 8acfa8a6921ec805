"""What the lists of a stateful test may hold, each entry with the one title that it is."""

from collections import Counter
from dataclasses import dataclass

from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.demo.catalogue.synthetic import synthetic_imdb_id, synthetic_title, synthetic_tmdb_id, synthetic_year
from list_sync.model.titles import MediaIds, MediaItem, MediaType

FILMS = 12
SHOWS = 6
# Their ids name several titles at once, so that what they are depends on what else the lists hold.
UNSETTLED_GROUPS = frozenset({"contradictory-ids", "unknown-ids"})

_CATALOGUE = load_catalogue()
_SHOWS = {title.tmdb: title for title in _CATALOGUE.titles if title.kind == "tv"}
_FILMS = {title.tmdb for title in _CATALOGUE.titles if title.kind == "movie"}
_TVDB_IDS = Counter(show.tvdb for show in _SHOWS.values())


@dataclass(frozen=True)
class Wish:
    """One entry of a list; `title` is the kind and TMDB id that it means, None if it means none."""

    item: MediaItem
    title: tuple | None

    def __repr__(self):
        return f"<{self.item.label} {self.item.ids} s{self.item.season} = {self.title}>"

    @property
    def is_requestable(self):
        """Tell whether the server would take a request for it."""
        if self.title is None:
            return False
        kind, tmdb = self.title
        if kind == "movie":
            return tmdb in _FILMS or 0 <= tmdb - synthetic_tmdb_id(0) < FILMS
        return tmdb in _SHOWS and _TVDB_IDS[_SHOWS[tmdb].tvdb] == 1 and bool(self.seasons)

    @property
    def seasons(self):
        """Return the seasons of a show that the entry asks for."""
        kind, tmdb = self.title
        numbers = {season.number for season in _SHOWS[tmdb].seasons} if kind == "tv" else set()
        return numbers - {0} if self.item.season is None else numbers & {self.item.season}


def synthetic_wishes(number):
    """Return a film in three spellings: by its TMDB id, its IMDb id, its name and year."""
    title, tmdb = synthetic_title(number), synthetic_tmdb_id(number)
    spellings = (
        MediaItem(title, MediaType.MOVIE, None, MediaIds(tmdb=tmdb)),
        MediaItem(title, MediaType.MOVIE, None, MediaIds(imdb=synthetic_imdb_id(number))),
        MediaItem(title, MediaType.MOVIE, synthetic_year(number), MediaIds()),
    )
    return [Wish(item, ("movie", tmdb)) for item in spellings]


def show_wishes(show):
    """Return a show by each of its ids, and two of its seasons."""
    year = int(show.date[:4])
    ids = [MediaIds(tmdb=show.tmdb), MediaIds(tvdb=show.tvdb), *([MediaIds(imdb=show.imdb)] if show.imdb else [])]
    items = [MediaItem(show.title, MediaType.TV, year, known) for known in ids]
    items += [MediaItem(show.title, MediaType.TV, year, MediaIds(tmdb=show.tmdb), season) for season in (1, 2)]
    return [Wish(item, ("tv", show.tmdb)) for item in items]


def case_wishes(case):
    """Return a hard case of the catalogue without and with its ids."""
    stated = case.item
    kind = MediaType(stated.media_type) if stated.media_type else None
    ids = MediaIds(stated.tmdb, stated.imdb, stated.tvdb)
    for known, expected in ((MediaIds(), case.by_title), (ids, case.by_ids)):
        title = (expected.kind, expected.tmdb) if expected.answer == "match" else None
        yield Wish(MediaItem(stated.title, kind, stated.year, known), title)


def _plain_shows():
    numbered = [show for show in _SHOWS.values() if show.tvdb and _TVDB_IDS[show.tvdb] == 1]
    return [show for show in numbered if {1, 2} <= {season.number for season in show.seasons}][:SHOWS]


PLAIN = [wish for number in range(FILMS) for wish in synthetic_wishes(number)]
SHOW_WISHES = [wish for show in _plain_shows() for wish in show_wishes(show)]
HARD = [wish for case in _CATALOGUE.cases if case.group not in UNSETTLED_GROUPS for wish in case_wishes(case)]
SEASONS = {tmdb: {season.number for season in show.seasons} for tmdb, show in _SHOWS.items()}
