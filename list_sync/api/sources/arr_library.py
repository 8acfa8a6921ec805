"""What the user's own Radarr and Sonarr hold: one title, the usual sizes of their titles, and the free space."""

from collections.abc import Iterable, Mapping
from statistics import median

from list_sync.api.http.payloads import find_count, find_size
from list_sync.api.sources.servarr import Server
from list_sync.model.arrs import HeldTitle
from list_sync.model.plans import Sizes
from list_sync.model.servers import TitleDetails
from list_sync.model.titles import MediaType

Fields = Mapping[str, object]
_FIELDS = frozenset({"episodeFileCount", "hasFile", "seasonNumber", "seasons", "sizeOnDisk", "statistics"})
_NOTHING: Fields = {}


def find_held(arrs: Mapping[MediaType, Server], details: TitleDetails, seasons: frozenset[int]) -> HeldTitle | None:
    """Return what Radarr or Sonarr has of a title, or of some seasons of it; None if neither is known for its kind."""
    arr = arrs.get(details.media_type)
    if arr is None or (details.media_type is MediaType.TV and details.tvdb_id is None):
        return None
    if details.media_type is MediaType.MOVIE:
        rows = arr.fetch_rows("movie", {"tmdbId": details.tmdb_id}, _FIELDS)
        return HeldTitle(bool(rows), any(_as_object(row).get("hasFile") is True for row in rows))
    rows = arr.fetch_rows("series", {"tvdbId": details.tvdb_id or 0}, _FIELDS)
    return HeldTitle(bool(rows), any(_has_files(_as_object(row), seasons) for row in rows))


def _has_files(show: Fields, seasons: frozenset[int]) -> bool:
    """Return whether there are files of the seasons; of the whole show, if it does not say so of seasons."""
    counts = {
        season.get("seasonNumber"): find_count(_as_object(season.get("statistics")).get("episodeFileCount"))
        for season in _seasons_of(show)
    }
    told = [counts.get(number) for number in seasons]
    if seasons and None not in told:
        return any(told)
    return bool(find_count(_as_object(show.get("statistics")).get("episodeFileCount")))


def fetch_sizes(arrs: Mapping[MediaType, Server]) -> Sizes:
    """Return the free space where root folders are, and the median size of a film and of a season; raise ServiceError.

    One disk counts once, also if several of them use it.
    """
    disks = {disk for arr in arrs.values() for disk in _find_disks(arr)}
    films, shows = arrs.get(MediaType.MOVIE), arrs.get(MediaType.TV)
    return Sizes(
        free_bytes=sum(free for _, free in disks) if disks else None,
        film_bytes=_median(_size_of(row) for row in films.fetch_rows("movie", {}, _FIELDS)) if films else None,
        season_bytes=_median(map(_season_size, shows.fetch_rows("series", {}, _FIELDS))) if shows else None,
    )


def fetch_free_space(arr: Server) -> dict[str, int]:
    """Return the free bytes of each root folder whose space is known; raise ServiceError."""
    folders = map(_as_object, arr.fetch_list("rootfolder"))
    known = ((str(folder.get("path") or ""), find_size(folder.get("freeSpace"))) for folder in folders)
    return {path.rstrip("/\\"): free for path, free in known if free is not None}


def _find_disks(arr: Server) -> set[tuple[int, int]]:
    """Return the disks on which root folders are, each by its whole and its free bytes."""
    roots = [str(_as_object(row).get("path") or "") for row in arr.fetch_list("rootfolder")]
    disks = {str(_as_object(row).get("path") or ""): _as_object(row) for row in arr.fetch_list("diskspace")}
    found = set()
    for root in roots:
        path = max((path for path in disks if _is_inside(root, path)), key=len, default=None)
        if path is not None and (free := find_size(disks[path].get("freeSpace"))) is not None:
            found.add((find_size(disks[path].get("totalSpace")) or 0, free))
    return found


def _is_inside(folder: str, disk: str) -> bool:
    return f"{folder.rstrip('/')}/".startswith(f"{disk.rstrip('/')}/")


def _season_size(row: object) -> int:
    """Return the bytes of one season of a show: those of the show by the number of its seasons that have files."""
    show = _as_object(row)
    sizes = [find_size(_as_object(season.get("statistics")).get("sizeOnDisk")) for season in _seasons_of(show)]
    there = sum(bool(size) for size in sizes) or len(sizes) or 1
    return (find_size(_as_object(show.get("statistics")).get("sizeOnDisk")) or 0) // there


def _size_of(row: object) -> int:
    return find_size(_as_object(row).get("sizeOnDisk")) or 0


def _median(sizes: Iterable[int]) -> int | None:
    known = [size for size in sizes if size > 0]
    return int(median(known)) if known else None


def _seasons_of(show: Fields) -> list[Fields]:
    seasons = show.get("seasons")
    return [_as_object(one) for one in seasons] if isinstance(seasons, list) else []


def _as_object(value: object) -> Fields:
    return value if isinstance(value, Mapping) else _NOTHING
