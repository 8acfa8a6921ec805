"""The Radarrs and Sonarrs behind the demo server: what they offer, and the titles that they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from list_sync.demo.server.database.rows import RequestRow
from list_sync.demo.server.faults import ServerSettings


@dataclass(slots=True)
class ArrTitle:
    """A film or show that a Radarr or Sonarr holds; its profile and folder stay those of the first request."""

    tmdb: int
    tvdb: int | None
    profile_id: int
    root_folder: str
    tags: set[int]
    seasons: set[int] = field(default_factory=set)
    has_file: bool = False
    size: int = 10**9


@dataclass(slots=True)
class Arr:
    """One Radarr (`kind` movie) or Sonarr (`kind` tv), with the defaults that the media-request server uses."""

    id: int
    name: str
    kind: str
    is_4k: bool
    root_folder: str
    profile_id: int
    profiles: dict[int, str] = field(default_factory=lambda: {1: "Any", 4: "HD-1080p", 5: "Ultra-HD"})
    root_folders: list[str] = field(default_factory=list)
    tags: dict[int, str] = field(default_factory=lambda: {1: "kids"})
    default_tags: list[int] = field(default_factory=list)
    anime_tags: list[int] = field(default_factory=list)
    free_space: int = 10**12
    titles: dict[int, ArrTitle] = field(default_factory=dict)
    exclusions: list[int] = field(default_factory=list)
    import_lists: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root_folders = self.root_folders or [self.root_folder]

    def add(self, row: RequestRow, tmdb: int, tvdb: int | None) -> bool:
        """Take a request; return False if its profile or folder does not exist. A title that is there keeps its own."""
        profile, folder = row.profile_id or self.profile_id, row.root_folder or self.root_folder
        if profile not in self.profiles or folder not in self.root_folders:
            return False
        # Measured: the tags of a request stand in the place of the default ones, and none of them means none.
        tags = self.default_tags if row.tags is None else row.tags
        held = self.titles.setdefault(tmdb, ArrTitle(tmdb, tvdb, profile, folder, set()))
        held.tags.update(tags)
        held.seasons.update(row.seasons)
        return True


class Arrs:
    """All Radarrs and Sonarrs of one server; those for 4K exist if its settings say so."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._all: list[Arr] = []
        self.reset()

    def reset(self) -> None:
        """Make all of them new and empty."""
        self._all = [
            Arr(0, "Radarr", "movie", is_4k=False, root_folder="/movies", profile_id=4),
            Arr(1, "Radarr 4K", "movie", is_4k=True, root_folder="/movies4k", profile_id=5),
            Arr(0, "Sonarr", "tv", is_4k=False, root_folder="/tv", profile_id=4),
            Arr(1, "Sonarr 4K", "tv", is_4k=True, root_folder="/tv4k", profile_id=5),
        ]

    def of(self, kind: str) -> list[Arr]:
        """Return those for films or for shows that the server has."""
        settings = self._settings
        has_4k = settings.movie_4k_enabled if kind == "movie" else settings.series_4k_enabled
        return [arr for arr in self._all if arr.kind == kind and (has_4k or not arr.is_4k)]

    def find(self, kind: str, number: int | None) -> Arr | None:
        """Return one by its number at the server."""
        return next((arr for arr in self.of(kind) if arr.id == number), None)

    def find_for(self, row: RequestRow) -> Arr | None:
        """Return the one that a request goes to: that of its `serverId`, even of the other quality, or the default."""
        if row.server_id is not None:
            return self.find(row.kind, row.server_id)
        return next((arr for arr in self.of(row.kind) if arr.is_4k == row.is4k), None)

    def holding(self, kind: str, tmdb: int) -> Iterator[Arr]:
        """Yield those that hold a title."""
        yield from (arr for arr in self.of(kind) if tmdb in arr.titles)

    def receive_files(self, kind: str, tmdb: int, *, is_4k: bool, seasons: Collection[int] = ()) -> None:
        """Note that the files of a title are there."""
        for arr in self.holding(kind, tmdb):
            if arr.is_4k == is_4k:
                arr.titles[tmdb].has_file = True
                arr.titles[tmdb].seasons.update(seasons)

    def contents(self) -> list[dict[str, object]]:
        """Return every title that one of them holds."""
        return [
            {
                "arr": arr.name,
                "media_type": arr.kind,
                "tmdb_id": held.tmdb,
                "profile": arr.profiles.get(held.profile_id),
                "root_folder": held.root_folder,
                "tags": sorted(held.tags),
                "seasons": sorted(held.seasons),
                "has_file": held.has_file,
            }
            for arr in self._all
            for held in arr.titles.values()
        ]
