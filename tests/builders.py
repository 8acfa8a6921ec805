"""Valid values by default; a test overrides only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime

from list_sync.model.decisions import Wish
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.matches import Match, MatchMethod, WantedItem
from list_sync.model.servers import (
    Availability,
    Dialect,
    MediaState,
    RequestStatus,
    ServerInfo,
    ServerRequest,
    TitleDetails,
)
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType, Quality
from list_sync.planning.caps import cap
from list_sync.planning.plan import decide_all
from list_sync.surveying.own import OwnRecords

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SERVER = ServerInfo(Dialect.SEERR, movie_4k=True, series_4k=True)


def an_item(title="The Matrix", media_type=MediaType.MOVIE, year=1999, *, tmdb=None, imdb=None, tvdb=None, season=None):
    return MediaItem(title, media_type, year, MediaIds(tmdb, imdb, tvdb), season)


def a_list(provider="imdb", list_id="ls000000001"):
    return ListRef(provider, list_id)


def a_wanted(item=None, *sources):
    return WantedItem(item or an_item(), sources or (a_list(),))


def a_match(
    tmdb_id=603, media_type=MediaType.MOVIE, *, seasons=None, method=MatchMethod.TMDB_ID, item=None, sources=()
):
    item = item or an_item(media_type=media_type, tmdb=tmdb_id)
    return Match(a_wanted(item, *sources), media_type, tmdb_id, method, seasons)


def a_wish(result=None, quality=Quality.HD, *, requester_id=1):
    """Return a wish of lists that want their titles in this quality alone."""
    result = result or a_match()
    terms = Terms(requester_id, (quality,))
    sources = tuple(replace(source, terms=terms) for source in result.wanted.sources)
    return Wish(replace(result, wanted=replace(result.wanted, sources=sources)), quality)


def a_plan(wishes, knowledge, policy):
    """Return one decision for each wish; what is over a cap waits."""
    return cap(decide_all(wishes, knowledge, policy, now=NOON), policy, now=NOON)


def a_result(*items, source=None, state=FetchState.COMPLETE, reason=None, expected=None, **more):
    return FetchResult(source or a_list(), items, state, "api", NOON, reason, expected=expected, **more)


def a_server_request(
    request_id=1,
    tmdb_id=603,
    media_type=MediaType.MOVIE,
    *,
    quality=Quality.HD,
    status=RequestStatus.APPROVED,
    seasons=(),
):
    return ServerRequest(request_id, media_type, tmdb_id, quality, status, frozenset(seasons), 1)


def an_entry(entry_id=1, state="confirmed", media_type=MediaType.MOVIE, tmdb_id=603, **more):
    values = {"quality": Quality.HD, "seasons": (), "requester_id": 1, "sent_at": NOON, **more}
    return JournalEntry(entry_id, 1, media_type, tmdb_id, state=RequestState(state), **values)


def a_state(
    tmdb_id=603, media_type=MediaType.MOVIE, availability=Availability.UNKNOWN, *, requests=(), seasons=None, **more
):
    return MediaState(media_type, tmdb_id, availability, seasons=seasons or {}, requests=tuple(requests), **more)


def a_show(tmdb_id=1399, *, tvdb_id=121361, season_numbers=(0, 1, 2, 3), state=None):
    state = state or a_state(tmdb_id, MediaType.TV)
    return TitleDetails(
        MediaType.TV, tmdb_id, "Game of Thrones", 2011, "tt0944947", tvdb_id, tuple(season_numbers), state
    )


class NoEntries:
    """A journal that no request was written to."""

    def load_entries(self, *_states, since=None):
        return ()

    def mark(self, entry_ids, state):
        assert not entry_ids


def no_records():
    return OwnRecords(NoEntries())
