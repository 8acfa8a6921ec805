"""What an import list of Radarr or Sonarr wants of its titles, in the words of lists.yaml."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from list_sync.api.http.payloads import find_positive_int
from list_sync.config.policy.editing import Stated, merge
from list_sync.importing.arrs.lists import ImportList
from list_sync.importing.arrs.readings import Source
from list_sync.model.arrs import ARR_TITLES, ArrNames, ArrService
from list_sync.model.titles import MediaType, Quality

# Sonarr's words for what is monitored -> our seasons; None: nothing would be downloaded there.
_SEASONS: Mapping[str, str | None] = {
    **{"all": "all", "missing": "all", "monitorspecials": "all", "unmonitorspecials": "all"},
    **{"firstseason": "first", "pilot": "first", "lastseason": "latest", "latestseason": "latest", "recent": "latest"},
    **{"future": "future", "none": None, "existing": None, "skip": None, "unknown": None},
}
_NEAR = frozenset({"pilot", "recent", "monitorspecials"})


@dataclass(frozen=True, slots=True)
class Place:
    """The Radarr or Sonarr that is imported from: its own names, and what it is at the request server, if known."""

    media_type: MediaType
    names: ArrNames
    service: ArrService | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is written beside `source`; `notes` say what is different here, `left` names options without counterpart."""

    stated: Stated
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def find_service(names: ArrNames, services: Sequence[ArrService]) -> ArrService | None:
    """Return which of the server's Radarrs or Sonarrs has these names: its default one before others."""
    fitting = [one for one in services if one.fits(names)]
    return min(fitting, key=lambda one: (not one.is_default, one.quality is Quality.UHD, one.service_id), default=None)


def build_terms(one: ImportList, source: Source, place: Place) -> Terms:
    """Return what an import list wants of the titles of one of its lists."""
    obstacles = tuple(_find_obstacles(one, place.media_type))
    stated: Stated = dict(source.terms)
    notes, left = [*source.notes, *obstacles], list(source.left)
    if obstacles:
        stated = {"enabled": "off", **stated}
    if not source.is_one_kind:
        stated = merge(stated, {"filters": {"kind": place.media_type.value}})
    if place.media_type is MediaType.TV:
        word = _word_of(one, "shouldMonitor")
        seasons = _SEASONS.get(word)
        if seasons and seasons != "all":
            stated["seasons"] = seasons
        if word in _NEAR:
            left.append(f"monitor: {word}")
    if _word_of(one, "monitor") == "movieandcollection":
        notes.append("only the titles of the list are requested, not the rest of their collections (tmdb:collection/N)")
    return Terms(stated | _find_server_terms(one, place), tuple(notes), tuple(left))


def _find_obstacles(one: ImportList, media_type: MediaType) -> Iterator[str]:
    """Yield why an import list downloads nothing where it is, so that it requests nothing here either."""
    arr = ARR_TITLES[media_type]
    switches = ("enabled", "enableAuto") if media_type is MediaType.MOVIE else ("enableAutomaticAdd",)
    if any(one.options.get(switch) is False for switch in switches):
        yield f"{arr} adds nothing from it by itself, so it is off here"
        return
    word = _word_of(one, "monitor" if media_type is MediaType.MOVIE else "shouldMonitor")
    is_nothing = word == "none" if media_type is MediaType.MOVIE else bool(word) and _SEASONS.get(word) is None
    if is_nothing or one.options.get("shouldMonitor") is False:
        yield f"{arr} adds its titles without downloading them, so it is off here"


def _word_of(one: ImportList, option: str) -> str:
    value = one.options.get(option)
    return value.strip().lower() if isinstance(value, str) else ""


def _find_server_terms(one: ImportList, place: Place) -> Stated:
    """Return where the titles go, as far as the request server has it and would not do so by itself."""
    service, names = place.service, place.names
    if service is None:
        return {}
    server: Stated = {}
    if not service.is_default:
        server["name"] = service.name
    profile_id = find_positive_int(one.options.get("qualityProfileId"))
    profile = _name_of(names.profiles, profile_id)
    if profile and profile_id != service.profile_id:
        server["profile"] = profile
    path = one.options.get("rootFolderPath")
    folder = names.find_folder(path) if isinstance(path, str) and path else None
    if folder is not None and folder.rstrip("/\\") != service.root_folder.rstrip("/\\"):
        server["root_folder"] = folder
    tags = one.options.get("tags")
    numbers = list(map(find_positive_int, tags)) if isinstance(tags, list) else []
    if known := [name for number in numbers if (name := _name_of(names.tags, number))]:
        server["tags"] = list(known)
    quality: Stated = {"quality": service.quality.value} if service.quality is Quality.UHD else {}
    return quality | ({"server": server} if server else {})


def _name_of(names: Mapping[int, str], number: int | None) -> str:
    """Return a name; digits alone would be read as a number, so that one is stated by its number."""
    name = names.get(number, "") if number else ""
    return str(number) if name.isdigit() else name
