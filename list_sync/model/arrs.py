"""The Radarrs and Sonarrs behind the media-request server: their numbers, names and defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from list_sync.model.titles import MediaType, Quality

ARR_TITLES = {MediaType.MOVIE: "Radarr", MediaType.TV: "Sonarr"}


@dataclass(frozen=True, slots=True)
class ArrNames:
    """What a Radarr or Sonarr calls its quality profiles and tags, by number, and its root folders."""

    profiles: Mapping[int, str] = field(default_factory=dict)
    root_folders: tuple[str, ...] = ()
    tags: Mapping[int, str] = field(default_factory=dict)

    def find_folder(self, path: str) -> str | None:
        """Return a root folder as it is written there; a slash or backslash at the end makes no difference."""
        return next((folder for folder in self.root_folders if folder.rstrip("/\\") == path.rstrip("/\\")), None)


@dataclass(frozen=True, slots=True)
class ArrService:
    """A Radarr or Sonarr as the media-request server lists it, with the defaults for its requests.

    `names` are None until they were read, at `names_at`. `asked_for` is the policy for which the server was last asked
    about it: asking about a Radarr that is down ends some servers.
    """

    service_id: int
    name: str
    is_4k: bool = False
    is_default: bool = False
    profile_id: int | None = None
    root_folder: str = ""
    tags: tuple[int, ...] = ()
    anime_tags: tuple[int, ...] = ()
    names: ArrNames | None = None
    names_at: datetime | None = None
    asked_for: str = ""

    @property
    def quality(self) -> Quality:
        """Return the quality of the requests that go to it."""
        return Quality.UHD if self.is_4k else Quality.HD

    def fits(self, names: ArrNames) -> bool:
        """Return whether names can be those of this one: they hold its default profile and its default folder."""
        return self.profile_id in names.profiles and names.find_folder(self.root_folder) is not None


@dataclass(frozen=True, slots=True)
class HeldTitle:
    """What Radarr or Sonarr itself says of a title."""

    has_title: bool
    has_files: bool
