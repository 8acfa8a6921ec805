"""Takes over the import lists and exclusions of the user's own Radarr or Sonarr: reads, and changes lists.yaml."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial

from list_sync.api.http.client import HttpClient
from list_sync.api.overseerr import OverseerrClient
from list_sync.api.sources.servarr import Server
from list_sync.clients import open_quick_client
from list_sync.config import Settings
from list_sync.errors import ConfigError, ListSyncError
from list_sync.importing.arrs.excluding import take_exclusions
from list_sync.importing.arrs.lines import collect
from list_sync.importing.arrs.lists import parse_exclusions, parse_import_lists
from list_sync.importing.arrs.names import load_names, remember_names
from list_sync.importing.arrs.terms import Place, find_service
from list_sync.importing.arrs.writing import write_lines
from list_sync.importing.report import Report
from list_sync.logins import NAMES, open_logins
from list_sync.model.arrs import ARR_TITLES, ArrNames, ArrService
from list_sync.model.moments import utc_now
from list_sync.model.titles import MediaType
from list_sync.providers import get_provider, radarr, sonarr
from list_sync.providers.scripts import build_context

PROGRAMS: Mapping[str, MediaType] = {title.lower(): kind for kind, title in ARR_TITLES.items()}
_LEFT_TO_SERVER = {
    MediaType.MOVIE: "minimum availability and searches",
    MediaType.TV: "searches, the type of shows and season folders",
}
_BUILD = {MediaType.MOVIE: radarr.build_server, MediaType.TV: sonarr.build_server}


def import_arr(settings: Settings, media_type: MediaType, *, with_exclusions: bool, dry_run: bool) -> Report:
    """Return what was taken of a Radarr (films) or Sonarr (shows), after lists.yaml was changed, and what was not.

    Raise ConfigError, or a ServiceError if Radarr or Sonarr does not give its import lists.
    """
    title = ARR_TITLES[media_type]
    report = Report(f"the import lists of {title}", is_dry_run=dry_run)
    with open_arr(settings, media_type) as arr:
        rows = parse_import_lists(arr.fetch_list("importlist"), service=arr.http.service)
        if not (version := arr.fetch_version()).startswith(title):
            raise ConfigError(f"{title.upper()}_URL leads to {version}: set it to the address of {title}")
        names = arr.fetch_names()
        excluded = parse_exclusions(arr.fetch_exclusion_rows(), media_type)
    imported = load_names(settings)
    with closing(open_quick_client(settings)) as client:
        place = Place(media_type, names, _find_service(client, media_type, names, report) if rows else None)
        has_log_in = partial(_has_log_in, settings)
        lists = collect(rows, place, settings, report, names=imported, has_log_in=has_log_in)
        exclusions = take_exclusions(excluded, settings, client, report, names=imported, wanted=with_exclusions)
    if lists:
        report.notes.append(f"The request server goes on deciding about {_LEFT_TO_SERVER[media_type]}.")
        report.notes.append(f"Next: list-sync check, list-sync plan, then switch off in {title} what was taken.")
    if write_lines(settings, lists, exclusions, report):
        remember_names(settings, imported, now=utc_now())
    return report


@contextmanager
def open_arr(settings: Settings, media_type: MediaType) -> Iterator[Server]:
    """Give the Radarr or Sonarr of the settings; raise ConfigError naming the settings that are missing."""
    name = ARR_TITLES[media_type].lower()
    provider, known = get_provider(name), settings.household.credentials
    is_overridden = name in settings.process.base_urls
    missing = [
        one
        for one in provider.required_credentials
        if one not in known and not (is_overridden and one.endswith("_URL"))
    ]
    if missing:
        raise ConfigError(f"{' and '.join(missing)} must be set, to read the import lists of {ARR_TITLES[media_type]}")
    process = settings.process
    http = HttpClient(name, timeout_seconds=process.http_timeout, retry_attempts=process.retry_attempts)
    with closing(http):
        yield _BUILD[media_type](build_context(provider, settings, http))


def _find_service(client: OverseerrClient, media_type: MediaType, names: ArrNames, report: Report) -> ArrService | None:
    """Return which of the request server's Radarrs or Sonarrs it is; note why its names are not used, if they are not.

    A name counts in a request only if the server knows it, and most people have one Radarr, which both use.
    """
    title = ARR_TITLES[media_type]
    try:
        service = find_service(names, client.fetch_services(media_type))
    except ListSyncError as error:
        reason = f"the request server does not show its {title} ({error})"
    else:
        if service is not None:
            return service
        reason = f"no {title} of the request server has its profiles and folders"
    report.notes.append(f"Quality profiles, root folders and tags were not taken: {reason}.")
    return None


def _has_log_in(settings: Settings, service: str) -> bool:
    """Return whether the credential of a log-in is set, or `list-sync login` stored it."""
    name = NAMES[service]
    if name in settings.household.credentials:
        return True
    with open_logins(settings) as logins:
        return bool(logins.find_credentials([name]))
