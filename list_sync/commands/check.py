"""`check`: checks settings, folders, server and sources, and prints what to fix."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from list_sync.commands.printing import say, shown_count, shown_time
from list_sync.config import HouseholdSettings, ProcessSettings, Settings, find_state_folder, hide_credentials
from list_sync.errors import ConfigError, ListSyncError
from list_sync.fetching.completeness import counted, describe_not_understood
from list_sync.fetching.reasons import describe_failure
from list_sync.main import Session, open_logins, open_session, prepare_settings
from list_sync.model.report import ExitCode, FailureKind
from list_sync.model.servers import UserQuota
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType, Quality
from list_sync.providers import get_provider
from list_sync.sources import find_export

# The command's exit code is the first of these that a finding has.
GRAVEST = (ExitCode.CONFIGURATION, ExitCode.UNREACHABLE, ExitCode.REFUSED, ExitCode.FAILURES)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of the check; `code` is OK if there is nothing to fix."""

    text: str
    code: ExitCode = ExitCode.OK


def check(*, offline: bool) -> ExitCode:
    """Print one line for each result, and what to fix; with `offline`, use no network."""
    settings = prepare_settings()
    findings = []
    for finding in look_at_everything(settings, offline=offline):
        say(f"{'ok ' if finding.code is ExitCode.OK else 'fix'}  {finding.text}")
        findings.append(finding)
    codes = {finding.code for finding in findings}
    return next((code for code in GRAVEST if code in codes), ExitCode.OK)


def look_at_everything(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    """Yield the results, in the order in which a run would meet the problems."""
    yield from (Finding(f"note: {warning}") for warning in settings.warnings)
    yield from look_at_connection_settings(settings.household)
    yield from look_at_folder(settings.process)
    yield from look_at_logins(settings)
    bad_lists: set[ListRef] = set()
    for source, finding in look_at_lists(settings):
        if finding.code is not ExitCode.OK:
            bad_lists.add(source)
        yield finding
    if not settings.household.lists:
        yield Finding("no lists are set: for example IMDB_LISTS=top", ExitCode.CONFIGURATION)
    elif not bad_lists:
        yield Finding(f"{shown_count(len(settings.household.lists), 'list')}, all spelled correctly")
    if not offline and settings.household.overseerr_url and settings.household.overseerr_api_key:
        yield from look_outside(settings, [source for source in settings.household.lists if source not in bad_lists])


def look_at_connection_settings(household: HouseholdSettings) -> Iterator[Finding]:
    """Yield whether the server's address and key are set."""
    if household.overseerr_url is None:
        yield Finding("OVERSEERR_URL is not set: for example http://192.168.1.10:5055", ExitCode.CONFIGURATION)
    if household.overseerr_api_key is None:
        advice = "copy the API key from the server's page Settings, General"
        yield Finding(f"OVERSEERR_API_KEY is not set: {advice}", ExitCode.CONFIGURATION)
    if household.overseerr_url and household.overseerr_api_key:
        yield Finding(
            f"server {hide_credentials(household.overseerr_url)}, requests as user {household.overseerr_user_id}"
        )


def look_at_folder(process: ProcessSettings) -> Iterator[Finding]:
    """Yield whether the data folder can be used."""
    try:
        folder = find_state_folder(process.data_dir)
    except ConfigError as error:
        yield Finding(str(error), ExitCode.CONFIGURATION)
    else:
        yield Finding(folder.note or f"data folder {folder.path} can be written")


def look_at_logins(settings: Settings) -> Iterator[Finding]:
    """Yield each log-in, and whether it has expired or will expire soon."""
    with open_logins(settings) as logins:
        known = logins.describe()
    for login in known:
        if login.expires_at is None:
            yield Finding(f"logged in to {login.service}")
            continue
        until = f"{shown_time(login.expires_at, settings.process.zone)} ({settings.process.tz})"
        again = f"log in again: list-sync login {login.service}"
        is_over = login.expires_at <= datetime.now(UTC)
        if login.is_renewed:
            note = "the next sync renews it" if is_over else "it is renewed before"
            yield Finding(f"logged in to {login.service} until {until}; {note}")
        elif not is_over:
            yield Finding(f"logged in to {login.service} until {until}, and not renewed: {again}", ExitCode.REFUSED)
        else:
            yield Finding(f"the log-in to {login.service} ended at {until}: {again}", ExitCode.REFUSED)


def look_at_lists(settings: Settings) -> Iterator[tuple[ListRef, Finding]]:
    """Yield for each list how its spelling was understood or what is wrong with it, and missing credentials."""
    for source in settings.household.lists:
        provider = get_provider(source.provider)
        try:
            provider.check(source.list_id)
        except ListSyncError as error:
            yield (
                source,
                Finding(
                    f"{source} ({provider.info.lists_setting}): {error}",
                    ExitCode.CONFIGURATION,
                ),
            )
            continue
        yield source, Finding(f'{source.name}, written "{source.shown_id}" in {provider.info.lists_setting}')
        missing = [name for name in provider.required_credentials if name not in settings.household.credentials]
        others = [route for route in provider.routes_of(source.list_id)[1:] if route.needs]
        instead = next(
            (one.name for one in others if all(name in settings.household.credentials for name in one.needs)), None
        )
        export = find_export(settings, source) if missing else ""
        if export:
            yield source, Finding(f"{source} is read from the export {export}: {' and '.join(missing)} is not set")
        elif missing and instead:
            yield source, Finding(f"{source} is read by {instead}: {' and '.join(missing)} is not set")
        elif missing:
            text = f"{source} needs {' and '.join(missing)}, which is not set"
            yield source, Finding(text, ExitCode.CONFIGURATION)


def look_outside(settings: Settings, sources: list[ListRef]) -> Iterator[Finding]:
    """Yield whether the server accepts us, and whether the first page of each list can be read."""
    try:
        with open_session(settings) as session:
            yield from look_at_server(session)
            for source in sources:
                yield look_at_source(session, source)
    except ListSyncError as error:
        yield Finding(str(error), FailureKind.of(error).exit_code)


def look_at_server(session: Session) -> Iterator[Finding]:
    """Yield whether address, key and user are right, and whether the server can handle 4K requests."""
    try:
        info = session.client.check_access()
    except ListSyncError as error:
        yield Finding(str(error), FailureKind.of(error).exit_code)
        return
    yield Finding(f"the server is {info.dialect.value} {info.version}".rstrip() + " and lets us in")
    quality = session.settings.household.quality
    missing = [kind.plural for kind in MediaType if not info.offers(kind, quality)]
    if missing:
        text = f"OVERSEERR_4K is true, but the server has no 4K server for {' and '.join(missing)}"
        advice = "add one on the server's page Settings, Services, or set OVERSEERR_4K=false"
        yield Finding(f"{text}: {advice}", ExitCode.CONFIGURATION)
    yield from look_at_requester(session)


def look_at_requester(session: Session) -> Iterator[Finding]:
    """Yield whether the server accepts requests from OVERSEERR_USER_ID: permissions and quota."""
    try:
        user, quotas = session.client.fetch_requester(), session.client.fetch_quotas()
    except ListSyncError as error:
        yield Finding(str(error), FailureKind.of(error).exit_code)
        return
    name, quality = f"user {user.user_id} ({user.name})", session.settings.household.quality
    refused = [kind for kind in MediaType if not user.may_request(kind, quality)]
    if refused:
        kinds = " and ".join(f"{'4K ' if quality is Quality.UHD else ''}{kind.plural}" for kind in refused)
        advice = "give this user the permission on the server's page Users, or set OVERSEERR_USER_ID to another one"
        yield Finding(f"{name} may not request {kinds}: {advice}", ExitCode.REFUSED)
    used_up = [(kind, quota) for kind, quota in quotas.items() if quota.remaining == 0 and kind not in refused]
    for kind, quota in used_up:
        text = f"the quota of {name} for {kind.plural} is used up: {_describe_quota(kind, quota)}"
        yield Finding(f"{text}; raise it on the server's page Users, or wait", ExitCode.REFUSED)
    if not refused and not used_up:
        yield Finding(f"{name} may request films and shows{' in 4K' if quality is Quality.UHD else ''}")


def _describe_quota(kind: MediaType, quota: UserQuota) -> str:
    unit = "season" if kind is MediaType.TV else "film"
    days = f" in {shown_count(quota.days, 'day')}" if quota.days else ""
    return f"{shown_count(quota.limit or 0, unit)}{days}"


def look_at_source(session: Session, source: ListRef) -> Finding:
    """Return the route by which the first page of a list can be read, or the error of each route."""
    provider, context, failures = get_provider(source.provider), session.sources.make_context(source), []
    routes = provider.routes_of(source.list_id)
    for route in routes:
        lacking = [name for name in route.needs if not context.credentials.get(name)]
        try:
            page = None if lacking else next(provider.pages(source.list_id, context, route=route), None)
        except ListSyncError as error:
            if len(routes) == 1:
                return Finding(describe_failure(source, error), ExitCode.FAILURES)
            failures.append(f"{route.name}: {error}")
            continue
        if lacking:
            failures.append(f"{route.name}: needs {' and '.join(lacking)}")
            continue
        if page is not None and page.not_understood:
            advice = "fix these entries if you can; the other entries are used"
            return Finding(f"{source}: {describe_not_understood(page)}; {advice}", ExitCode.FAILURES)
        total = "an unknown number of entries" if page is None or page.total is None else counted(page.total)
        way = f" by {route.name}" if failures else ""
        return Finding(f"{source} can be read{way}: {total}")
    return Finding(f"{source}: {'; '.join(failures)}", ExitCode.FAILURES)
