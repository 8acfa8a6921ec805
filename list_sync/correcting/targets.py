"""The TMDB title that a pin names: whether it exists and is of that kind, and its name, as the server says."""

from collections.abc import Callable

from list_sync.api.mediaserver.tmdb_watch import TmdbWatch
from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import ConfigError, InvalidListId, ServiceError, reason_of
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaType, with_year
from list_sync.storage.title_search import TitleRecord

OpenServer = Callable[[], OverseerrClient]


def check_target(open_server: OpenServer, media_type: MediaType, tmdb_id: int) -> tuple[str, str]:
    """Return the name of a TMDB title, and why it could not be checked: one of them is "".

    Raise InvalidListId if TMDB has no title with this number of this kind.
    """
    try:
        server = open_server()
        try:
            found = _find(server, media_type, tmdb_id)
        finally:
            server.close()
    except (ConfigError, ServiceError) as error:
        return "", reason_of(error)
    return (with_year(found.title, found.year), "") if found else ("", "TMDB does not answer the server")


def _find(server: OverseerrClient, media_type: MediaType, tmdb_id: int) -> TitleDetails | None:
    """Return the title; None if TMDB does not answer, which looks like a title that does not exist."""
    found = server.find_details(media_type, tmdb_id)
    if found is None and TmdbWatch().is_answering(server):
        found = server.find_details(media_type, tmdb_id)
        if found is None:
            raise InvalidListId(_describe_missing(server, media_type, tmdb_id))
    return found


def _describe_missing(server: OverseerrClient, media_type: MediaType, tmdb_id: int) -> str:
    other = MediaType.TV if media_type is MediaType.MOVIE else MediaType.MOVIE
    found = server.find_details(other, tmdb_id)
    missing = f"TMDB has no {media_type.word} {tmdb_id}"
    if found is None:
        return f"{missing}: copy the address of the title's page at themoviedb.org"
    name = with_year(found.title, found.year)
    return f"{missing}, but a {other.word}, {name}: write tmdb:{other.value}:{tmdb_id}, if you mean that one"


def find_target_name(open_server: OpenServer, record: TitleRecord) -> str:
    """Return the name of the TMDB title that an entry was matched to, "" if it cannot be asked for."""
    if record.media_type is None or record.tmdb_id is None:
        return ""
    try:
        return check_target(open_server, record.media_type, record.tmdb_id)[0]
    except InvalidListId:
        return ""
