"""Checks settings, folders, log-ins, lists, server and sources, in the order in which a run would meet the problems."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

from list_sync.api.overseerr import OverseerrClient
from list_sync.checking.findings import Finding, find_gravest
from list_sync.checking.households import look_at_households
from list_sync.checking.terms import look_at_terms
from list_sync.config import HouseholdSettings, ProcessSettings, Settings, find_state_folder
from list_sync.config.environment import KEY_NAME, PASSPHRASE, PROVIDERS_FOLDER, SECRETS_NAME, Environment
from list_sync.config.folders import find_exposed
from list_sync.config.messages import find_addresses, find_broker
from list_sync.config.policy.joining import describe_joining
from list_sync.config.web import WebSettings
from list_sync.database.looking import load_version
from list_sync.errors import ListSyncError, StorageError
from list_sync.fetching.completeness import describe_not_understood
from list_sync.fetching.routes import Try, choose, fail, find_missing_keys
from list_sync.files.modes import can_others_write
from list_sync.logins import Logins
from list_sync.model.arrs import ARR_TITLES
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.masking import bare_address
from list_sync.model.moments import utc_now
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import SHOWN, ListRef
from list_sync.model.titles import MediaType, Quality, counted
from list_sync.model.users import UserQuota
from list_sync.notifying.channels import open_channels
from list_sync.providers import get_provider
from list_sync.sources import Sources, find_export
from list_sync.surveying.learning import Agreeing, open_agreement

__all__ = ["Finding", "find_gravest", "look_at_everything"]


class Opened(Agreeing, Protocol):
    """A session, as the check uses it."""

    @property
    def sources(self) -> Sources:
        """Return what reads the lists."""


def look_at_everything(
    settings: Settings,
    *,
    open_logins: Callable[[Settings], AbstractContextManager[Logins]],
    open_session: Callable[[Settings], AbstractContextManager[Opened]] | None,
) -> Iterator[Finding]:
    """Yield the findings; without `open_session`, use no network."""
    household = settings.household
    yield from (Finding(f"note: {warning}") for warning in settings.warnings)
    yield from map(Finding, describe_joining(settings))
    yield from _look_at_free_space(settings)
    yield from _look_at_connection_settings(household, settings.policy)
    of_folder = list(_until_error(_look_at_folder(settings.process)))
    yield from of_folder
    yield from _look_at_key(settings.process)
    yield from _look_at_providers(settings.process)
    yield from _look_at_messages(settings.process)
    yield from _look_at_sign_on(settings.web)
    with open_logins(settings) as logins:
        yield from _look_at_logins(settings.process, logins)
    sound = []
    for source in household.lists:
        findings = _look_at_list(settings, source)
        yield from findings
        if find_gravest(findings) is ExitCode.OK:
            sound.append(source)
    if not household.lists:
        yield Finding("no lists are set: for example IMDB_LISTS=top", ExitCode.CONFIGURATION)
    elif len(sound) == len(household.lists):
        yield Finding(f"{counted(len(sound), 'list')}, all spelled correctly")
    yield from look_at_households(settings)
    # A session needs the database, whose fault was told.
    has_folder = find_gravest(of_folder) is ExitCode.OK
    if open_session is not None and has_folder and household.overseerr_url and household.overseerr_api_key:
        yield from _until_error(_look_outside(open_session(settings), settings.policy, sound))


def _look_at_free_space(settings: Settings) -> Iterator[Finding]:
    """Yield for which kinds of titles the free space is not known, if it is to pause requests."""
    if settings.policy.pause_when.free_space_bytes is None:
        return
    for kind, title in ARR_TITLES.items():
        name, known = title.upper(), settings.household.credentials
        has_address = f"{name}_URL" in known or title.lower() in settings.process.base_urls
        if not (has_address and f"{name}_API_KEY" in known):
            advice = f"set {name}_URL and {name}_API_KEY"
            yield Finding(
                f"note: pause_when.free_space has no effect on {kind.plural}, because {title} is not known: {advice}"
            )


def _until_error(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings; if an error ends them, it is the last one."""
    try:
        yield from findings
    except ListSyncError as error:
        yield Finding(str(error), FailureKind.of(error).exit_code)


def _look_at_connection_settings(household: HouseholdSettings, policy: HouseholdPolicy) -> Iterator[Finding]:
    if household.overseerr_url is None:
        yield Finding("OVERSEERR_URL is not set: for example http://192.168.1.10:5055", ExitCode.CONFIGURATION)
    if household.overseerr_api_key is None:
        advice = "copy the API key from the server's page Settings, General"
        yield Finding(f"OVERSEERR_API_KEY is not set: {advice}", ExitCode.CONFIGURATION)
    if household.overseerr_url and household.overseerr_api_key:
        user = policy.defaults.requester or household.overseerr_user_id
        yield Finding(f"server {bare_address(household.overseerr_url)}, requests as user {user}")


def _look_at_folder(process: ProcessSettings) -> Iterator[Finding]:
    folder = find_state_folder(process.data_dir)
    yield Finding(folder.note or f"data folder {folder.path} can be written")
    for place, names in find_exposed(folder.path).items():
        shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
        yield Finding(f"note: every user of this machine can read {shown} in {place}: chmod -R o-rwx {place}")
    if folder.database.exists():
        try:
            load_version(folder.database)
        except StorageError as error:
            yield Finding(str(error), ExitCode.FAILURES)


def _look_at_providers(process: ProcessSettings) -> Iterator[Finding]:
    """Yield whether others can change the programs of the user, which ListSync runs with its own rights."""
    folder = process.config_dir / PROVIDERS_FOLDER
    # What ListSync may not enter, it does not run.
    programs = (folder, *folder.glob("*.py")) if os.access(folder, os.R_OK | os.X_OK) else ()
    if any(map(can_others_write, programs)):
        yield Finding(
            f"note: every user of this machine can change the providers in {folder}, which ListSync runs as programs:"
            f" chmod -R o-w {folder}"
        )


def _look_at_messages(process: ProcessSettings) -> Iterator[Finding]:
    """Yield which services get messages, which addresses are wrong, and the broker of the device."""
    addresses = find_addresses(process.notify_urls, process.discord_webhook_url)
    if addresses:
        channels, wrong = open_channels(addresses)
        names = ", ".join(channel.name for channel in channels) or "no service"
        yield Finding(f"messages go to {names}, and tell of {', '.join(process.notify_on)}")
        yield from (Finding(line, ExitCode.CONFIGURATION) for line in wrong)
    if process.mqtt_url is not None:
        broker = find_broker(process.mqtt_url.get_secret_value())
        yield Finding(f"a device of Home Assistant at the broker {broker.host}:{broker.port}")


def _look_at_sign_on(web: WebSettings) -> Iterator[Finding]:
    """Yield which address must be registered at the issuer."""
    if web.oidc_issuer is not None:
        yield Finding(
            f"people log in with {bare_address(web.oidc_issuer)}; the redirect address to register there is "
            f"{web.sign_on_return}"
        )


def _look_at_key(process: ProcessSettings) -> Iterator[Finding]:
    """Yield that the key of config.enc lies beside it, if there is no passphrase."""
    secrets, key = process.data_dir / SECRETS_NAME, process.data_dir / KEY_NAME
    # Path.exists raises for a folder that we may not enter.
    are_there = all(os.access(path, os.F_OK) for path in (secrets, key))
    if are_there and not Environment.open().is_set(PASSPHRASE):
        danger = "anyone who can read the folder can read the secrets"
        yield Finding(f"note: the key of {secrets} lies beside it in {key}: {danger}; CONFIG_PASSPHRASE is not set")


def _look_at_logins(process: ProcessSettings, logins: Logins) -> Iterator[Finding]:
    """Yield each log-in, and whether it has expired or will expire soon."""
    for login in logins.describe():
        if login.expires_at is None:
            yield Finding(f"logged in to {login.service}")
            continue
        until = f"{login.expires_at.astimezone(process.zone):%Y-%m-%d %H:%M:%S} ({process.tz})"
        again = f"log in again: list-sync login {login.service}"
        is_over = login.expires_at <= datetime.now(UTC)
        if login.is_renewed:
            note = "the next sync renews it" if is_over else "it is renewed before"
            yield Finding(f"logged in to {login.service} until {until}; {note}")
        elif not is_over:
            yield Finding(f"logged in to {login.service} until {until}, and not renewed: {again}", ExitCode.REFUSED)
        else:
            yield Finding(f"the log-in to {login.service} ended at {until}: {again}", ExitCode.REFUSED)


def _look_at_list(settings: Settings, source: ListRef) -> list[Finding]:
    """Return how the spelling of a list was understood or what is wrong with it, and missing credentials."""
    credentials = settings.household.credentials
    try:
        provider = get_provider(source.provider)
        provider.check(source.list_id)
    except ListSyncError as error:
        return [Finding(f"{source} ({source.origin}): {error}", ExitCode.CONFIGURATION)]
    written = str(source) if source.file and "://" not in source.shown_id else source.shown_id
    understood = Finding(f'{source.name}, written "{written}" in {source.origin}')
    missing = " and ".join(name for name in provider.required_credentials if name not in credentials)
    if not missing:
        return [understood]
    if export := find_export(settings, source):
        return [understood, Finding(f"{source} is read from the export {export}: {missing} is not set")]
    for route in provider.routes_of(source.list_id)[1:]:
        if route.needs and all(name in credentials for name in route.needs):
            return [understood, Finding(f"{source} is read by {route.name}: {missing} is not set")]
    return [understood, Finding(f"{source} needs {missing}, which is not set", ExitCode.CONFIGURATION)]


def _look_outside(
    opening: AbstractContextManager[Opened], policy: HouseholdPolicy, lists: Sequence[ListRef]
) -> Iterator[Finding]:
    """Yield whether the server accepts us, and whether the first page of each list can be read."""
    with opening as session:
        stated = [*session.with_terms(lists)]
        yield from _until_error(_look_at_server(session.client, policy, stated))
        if policy.file is not None:
            yield from _until_error(_look_at_policy(session, policy, stated))
        if foreign := session.sources.count_foreign():
            shown = counted(foreign, "entry", "entries")
            advice = "they are not used: set the same CACHE_KEY in every ListSync that shares it"
            yield Finding(f"note: Redis (REDIS_URL) holds {shown} that cannot be verified; {advice}")
        for source in lists:
            yield _look_at_source(session.sources, source)


def _look_at_policy(session: Opened, policy: HouseholdPolicy, lists: Sequence[ListRef]) -> Iterator[Finding]:
    """Yield what the server says of the terms of lists."""
    info = session.client.check_access()
    agreement = open_agreement(session, info, on_problem=lambda _problem: None)
    owner = session.client.fetch_owner()
    yield from look_at_terms(lists, agreement, info, owner, policy=policy.fingerprint)


def _look_at_server(client: OverseerrClient, policy: HouseholdPolicy, lists: Sequence[ListRef]) -> Iterator[Finding]:
    """Yield whether address, key and user are right, and whether the server can handle 4K requests."""
    info, quality = client.check_access(), policy.defaults.qualities[0]
    yield Finding(f"the server is {info.dialect.value} {info.version}".rstrip() + " and lets us in")
    missing = [kind.plural for kind in MediaType if not info.offers(kind, quality)]
    if missing and policy.file is None:
        text = f"OVERSEERR_4K is true, but the server has no 4K server for {' and '.join(missing)}"
        advice = "add one on the server's page Settings, Services, or set OVERSEERR_4K=false"
        yield Finding(f"{text}: {advice}", ExitCode.CONFIGURATION)
    # With lists.yaml, each list may have another requester.
    if policy.file is None or not all(ref.terms.requester for ref in lists):
        yield from _look_at_requester(client, quality)


def _look_at_requester(client: OverseerrClient, quality: Quality) -> Iterator[Finding]:
    """Yield whether the server accepts requests from OVERSEERR_USER_ID: permissions and quota."""
    user, quotas = client.fetch_requester(), client.fetch_quotas()
    name = f"user {user.user_id} ({user.name})"
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
    days = f" in {counted(quota.days, 'day')}" if quota.days else ""
    return f"{counted(quota.limit or 0, 'season' if kind is MediaType.TV else 'film')}{days}"


def _look_at_source(sources: Sources, source: ListRef) -> Finding:
    """Return the route by which the first page of a list can be read, or why none can."""
    provider, context, failures = get_provider(source.provider), sources.make_context(source), list[Try]()
    for route in provider.routes_of(source.list_id):
        if missing := find_missing_keys(route, context):
            failures.append(missing)
            continue
        try:
            page = next(provider.pages(source.list_id, context, route=route), None)
        except ListSyncError as error:
            failures.append(fail(route, error, now=utc_now()))
            continue
        if page is not None and page.not_understood:
            advice = "fix these entries if you can; the other entries are used"
            return Finding(f"{source}: {describe_not_understood(page)}; {advice}", ExitCode.FAILURES)
        total = None if page is None else page.total
        entries = "an unknown number of entries" if total is None else counted(total, "entry", "entries")
        way = f" by {route.name}" if failures else ""
        return Finding(f"{source} can be read{way}: {entries}")
    reason = choose(source, failures, fetched_at=utc_now()).reason
    return Finding(f"{source}: {reason}", ExitCode.FAILURES)
