"""What Radarr and Sonarr exclude from import lists, as exclusions of lists.yaml."""

from collections.abc import Iterator, Sequence

from list_sync.api.overseerr import OverseerrClient
from list_sync.config import Settings
from list_sync.config.policy.editing import Stated, read_stated
from list_sync.config.policy.saving import load_present
from list_sync.errors import ListSyncError
from list_sync.importing.arrs.lists import Exclusion
from list_sync.importing.report import Fate, Report, Thing
from list_sync.model.arrs import ARR_TITLES
from list_sync.model.titles import MediaType

_NOT_FOUND = "the request server knows no one show by its number at TheTVDB; exclude it by its title"


def take_exclusions(
    excluded: Sequence[Exclusion], settings: Settings, client: OverseerrClient, report: Report, *, wanted: bool
) -> list[Stated]:
    """Return the new lines of exclusions, if they are `wanted`; the report says what became of each."""
    if not wanted:
        for one in excluded:
            title = ARR_TITLES[one.media_type]
            reason = f"they count in every sync while {title.upper()}_URL is set; --exclusions writes them down"
            report.add(Fate.LEFT, Thing.EXCLUSION, reason, one.name)
        return []
    known = list(_find_known(settings))
    found = []
    for one, number in _resolve(excluded, client, report):
        line: Stated = {one.media_type.value: str(number)}
        if line in known:
            report.add(Fate.KNOWN, Thing.EXCLUSION, "", one.name)
        else:
            report.add(Fate.TAKEN, Thing.EXCLUSION, "", one.name)
            known.append(line)
            found.append(line)
    return found


def _find_known(settings: Settings) -> Iterator[Stated]:
    """Yield the exclusions that lists.yaml states."""
    _, text = load_present(settings.process.config_dir)
    stated = read_stated(text).get("exclusions")
    yield from (one for one in stated if isinstance(one, dict)) if isinstance(stated, list) else ()


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
