"""What Radarr and Sonarr exclude from import lists, as exclusions of lists.yaml."""

from collections.abc import Iterator, Sequence

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings
from list_sync.config.policy.editing import read_stated
from list_sync.config.policy.saving import load_present
from list_sync.errors import ListSyncError
from list_sync.importing.arrs.lines import NewExclusion
from list_sync.importing.arrs.lists import Exclusion
from list_sync.importing.arrs.names import REMOVED, Names
from list_sync.importing.report import Fate, Report, Thing
from list_sync.model.arrs import ARR_TITLES
from list_sync.model.titles import MediaType

_NOT_FOUND = "the request server does not find exactly one show by its number at TheTVDB; exclude it by its title"


def take_exclusions(
    excluded: Sequence[Exclusion],
    settings: Settings,
    client: OverseerrClient,
    report: Report,
    *,
    names: Names,
    wanted: bool,
) -> list[NewExclusion]:
    """Return the new lines of exclusions, if they are `wanted`; the report says what became of each."""
    if not wanted:
        for one in excluded:
            title = ARR_TITLES[one.media_type]
            reason = f"they count in every sync while {title.upper()}_URL is set; --exclusions writes them down"
            report.add(Fate.LEFT, Thing.EXCLUSION, reason, one.name)
        return []
    known = set(_find_known(settings))
    found = []
    for one, number in _resolve(excluded, client, report):
        key = (one.media_type.value, str(number))
        name = ":".join(key)
        if key not in known and names.has(Thing.EXCLUSION, name):
            report.add(Fate.LEFT, Thing.EXCLUSION, REMOVED, one.name)
            continue
        names.note(Thing.EXCLUSION, name)
        if key in known:
            report.add(Fate.KNOWN, Thing.EXCLUSION, "", one.name)
        else:
            known.add(key)
            found.append(NewExclusion(one.name, dict([key])))
    return found


def _find_known(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of the exclusions that lists.yaml states."""
    _, text = load_present(settings.process.config_dir)
    stated = read_stated(text).get("exclusions")
    for one in stated if isinstance(stated, list) else ():
        yield from ((key, str(value)) for key, value in one.items()) if isinstance(one, dict) else ()


def _resolve(excluded: Sequence[Exclusion], client: OverseerrClient, report: Report) -> Iterator[tuple[Exclusion, int]]:
    """Yield exclusions with their numbers at TMDB: the request server is asked for that of a show."""
    failure = ""
    for one in excluded:
        if one.media_type is MediaType.MOVIE:
            yield one, one.number
            continue
        if not failure:
            try:
                numbers = {candidate.tmdb_id for candidate in client.find_by_tvdb(one.number)}
            except ListSyncError as error:
                failure = f"the request server could not be asked for their numbers: {error}"
        if failure:
            report.add(Fate.OPEN, Thing.EXCLUSION, failure, one.name)
        elif len(numbers) == 1:
            yield one, numbers.pop()
        else:
            report.add(Fate.LEFT, Thing.EXCLUSION, _NOT_FOUND, one.name)
