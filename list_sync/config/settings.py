"""All settings, of the process and of its household, read and checked together; all problems are reported at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from list_sync.config.checked import Boolean, Checked, from_text, number, whole
from list_sync.config.environment import DEFAULT_DATA_DIR, DOTENV, PASSPHRASE, Environment
from list_sync.config.household import HouseholdSettings as HouseholdSettings
from list_sync.config.list_settings import read_lists
from list_sync.config.messages import parse_discord_url, parse_mqtt_url, parse_notify_urls, parse_topics
from list_sync.config.misspelt import find_misspelt_settings
from list_sync.config.outdated import find_outdated_names, find_unread_lists
from list_sync.config.rhythms import Rhythm, parse_rhythm
from list_sync.config.values import (
    find_zone,
    parse_cache_key,
    parse_line,
    parse_log_format,
    parse_log_level,
    parse_ping_url,
    parse_redis_url,
    parse_secret,
    parse_umask,
    parse_url,
    parse_zone,
)
from list_sync.config.web import WebSettings
from list_sync.errors import ConfigError
from list_sync.files.modes import DEFAULT_UMASK
from list_sync.model.notices import Topic
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.releases import RELEASES_URL
from list_sync.model.runs import RETENTION_DAYS
from list_sync.model.sources import ProviderInfo

if TYPE_CHECKING:
    from list_sync.config.policy.reading import ListsFile

GENERAL_CREDENTIALS = ("TMDB_KEY",)
# These are needed to find and open config.enc, or before that, so they cannot be in it.
OUTSIDE = ("DATA_DIR", "CONFIG_DIR", PASSPHRASE)
DEFAULT_CONFIG_DIR = "config"
COMPOSED_FIELDS = frozenset({"name", "lists", "credentials", "base_urls", "stated_policy"})
# 0.6.x documented AUTOMATED_MODE but read AUTO_SYNC.
FORMER_NAMES = {"AUTOMATED_MODE": "AUTO_SYNC"}


def _parse_folder(text: str) -> Path:
    """Return a path with `~` expanded."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("the home folder of ~ is not known; write the whole path, for example /data") from None


Folder = Annotated[Path, from_text(_parse_folder)]
Kind = TypeVar("Kind", bound=Checked)


class ProcessSettings(Checked):
    """What one process needs, for every household in it: folders, log, threads, network, cache, browser.

    The addresses of sources are not in the repr, because they may hold a password.
    """

    automated_mode: Boolean = True
    max_workers: Annotated[int, whole(1, 64, "5")] = 5
    http_timeout: Annotated[float, number(0.1, 3600, "30")] = 30.0
    retry_attempts: Annotated[int, whole(0, 20, "3")] = 3
    allow_private_sources: Boolean = False
    cache_ttl: Annotated[int, whole(0, 31_536_000, "1800")] = 1800
    redis_url: Annotated[SecretStr | None, from_text(parse_redis_url)] = None
    cache_key: Annotated[SecretStr | None, from_text(parse_cache_key)] = None
    selenium_pool_size: Annotated[int, whole(0, 16, "1 (0 means no browser)")] = 1
    browser_uc: Boolean = False
    browser_driver_dir: Folder | None = None
    data_dir: Folder = Path(DEFAULT_DATA_DIR)
    config_dir: Folder = Path(DEFAULT_CONFIG_DIR)
    umask: Annotated[str, from_text(parse_umask)] = DEFAULT_UMASK
    retention_days: Annotated[int, whole(30, 36_500, str(RETENTION_DAYS))] = RETENTION_DAYS
    config_passphrase: Annotated[SecretStr | None, from_text(parse_line)] = None
    log_level: Annotated[str, from_text(parse_log_level)] = "INFO"
    log_format: Annotated[str, from_text(parse_log_format)] = "text"
    tz: Annotated[str, from_text(parse_zone)] = "UTC"
    healthchecks_url: Annotated[SecretStr | None, from_text(parse_ping_url)] = None
    notify_urls: Annotated[SecretStr | None, from_text(parse_notify_urls)] = None
    discord_webhook_url: Annotated[SecretStr | None, from_text(parse_discord_url)] = None
    notify_on: Annotated[tuple[Topic, ...], from_text(parse_topics)] = tuple(Topic)
    mqtt_url: Annotated[SecretStr | None, from_text(parse_mqtt_url)] = None
    backup_schedule: Annotated[Rhythm | None, from_text(parse_rhythm)] = None
    backup_keep: Annotated[int, whole(1, 1000, "7")] = 7
    update_check: Boolean = False
    update_check_url: Annotated[str, from_text(parse_url)] = RELEASES_URL
    base_urls: Mapping[str, str] = Field(default_factory=dict, repr=False)

    @property
    def zone(self) -> tzinfo:
        """Return the time zone that TZ names."""
        return find_zone(self.tz)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, checked: those of the process, its household and its service, with warnings for the user.

    `list_files` are the files of `<NAME>_LISTS_FILE` by the name of their provider; a daemon reads them again. With a
    `policy_file`, the household is joined with it, and `environment` is what the environment alone states. They were
    read from `variables`, or those of the process if None, and from the file `dotenv`.
    """

    process: ProcessSettings = field(default_factory=ProcessSettings)
    household: HouseholdSettings = field(default_factory=HouseholdSettings)
    web: WebSettings = field(default_factory=WebSettings)
    warnings: tuple[str, ...] = ()
    list_files: Mapping[str, Path] = field(default_factory=dict)
    policy_file: "ListsFile | None" = None
    environment: HouseholdSettings | None = None
    variables: Mapping[str, str] | None = field(default=None, repr=False, compare=False)
    dotenv: Path | None = field(default=DOTENV, compare=False)

    def open_environment(self) -> Environment:
        """Return where these settings were read from, as it is now."""
        return Environment.open(self.variables, self.dotenv)

    @property
    def policy(self) -> HouseholdPolicy:
        """Return the policy of the household."""
        return self.household.policy

    @property
    def needs_set_up(self) -> bool:
        """Return whether a daemon with a service has no server; a wrong or half set one is an error."""
        has_server = self.household.overseerr_url is not None or self.household.overseerr_api_key is not None
        return self.is_daemon and self.web.web_enabled and not has_server

    @property
    def is_daemon(self) -> bool:
        """Return whether `list-sync run` stays, or syncs once and ends."""
        return self.process.automated_mode and any(rhythm.is_timed for rhythm in self.household.rhythms.values())


FIELDS: Mapping[str, FieldInfo] = {
    name: info
    for model in (HouseholdSettings, ProcessSettings, WebSettings)
    for name, info in model.model_fields.items()
    if name not in COMPOSED_FIELDS
}


def setting_names(providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return the name of every setting."""
    names = [name.upper() for name in FIELDS]
    for provider in providers:
        stem = provider.lists_setting.removesuffix("_LISTS")
        names += [provider.lists_setting, f"{stem}_BASE_URL", *provider.credentials]
    return tuple(dict.fromkeys([*names, *GENERAL_CREDENTIALS, *OUTSIDE]))


def find_config_dir(env: Mapping[str, str] | None = None, *, dotenv: Path | None = DOTENV) -> Path:
    """Return CONFIG_DIR, which is needed first, because the providers in it bring settings of their own.

    load_settings reports the problems.
    """
    text = Environment.open(env, dotenv).find("CONFIG_DIR")
    try:
        return _parse_folder(text or DEFAULT_CONFIG_DIR)
    except ValueError:
        return Path(DEFAULT_CONFIG_DIR)


def load_settings(
    env: Mapping[str, str] | None = None,
    *,
    providers: Mapping[str, ProviderInfo],
    dotenv: Path | None = DOTENV,
) -> Settings:
    """Return the checked settings of the environment; raise ConfigError with every problem at once."""
    environment = Environment.open(env, dotenv)
    environment.add_secrets()
    return replace(parse_settings(environment, providers), variables=env, dotenv=dotenv)


def parse_settings(environment: Environment, providers: Mapping[str, ProviderInfo]) -> Settings:
    """Return the checked settings of an environment that is open; raise ConfigError with every problem at once."""
    found = read_lists(environment, providers.values())
    lists = tuple(dict.fromkeys(ref for setting in found.values() for ref in setting.lists))
    credentials = _read_credentials(environment, providers.values())
    base_urls = _read_base_urls(environment, providers.values())
    outdated = (*find_outdated_names(environment), *find_unread_lists(environment, providers.values()))
    # Without providers, their settings would look like misspelt ones.
    outdated += find_misspelt_settings(environment, setting_names(providers.values())) if providers else ()
    household = _check_fields(HouseholdSettings, environment, lists=lists, credentials=credentials)
    process = _check_fields(ProcessSettings, environment, base_urls=base_urls)
    web = _check_fields(WebSettings, environment)
    if environment.problems or household is None or process is None or web is None:
        raise ConfigError(tuple(dict.fromkeys(environment.problems)))
    stray = (warning for setting in found.values() for warning in setting.warnings)
    warnings = (*environment.warnings, *stray, *outdated, *web.find_warnings())
    files = {name: setting.file for name, setting in found.items() if setting.file is not None}
    return Settings(process, household, web, tuple(dict.fromkeys(warnings)), files)


def _check_fields(model: type[Kind], environment: Environment, **composed: object) -> Kind | None:
    """Return the settings of one kind; if any is wrong, return None and add to the environment's problems."""
    texts = {name: _find_text(name.upper(), environment) for name in model.model_fields if name not in COMPOSED_FIELDS}
    try:
        return model(**{name: text for name, text in texts.items() if text is not None}, **composed)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = environment.name_of(str(problem["loc"][0]).upper())
            environment.problems.append(f"{name}: {problem['msg'].removeprefix('Value error, ')}")
        return None


def _find_text(name: str, environment: Environment) -> str | None:
    """Return the text of a setting, or of the name that it had in 0.6.x."""
    former = FORMER_NAMES.get(name)
    if former and not environment.is_set(name) and environment.is_set(former):
        environment.origins[name] = former
        name = former
    return environment.find(name)


def credential_names(providers: Iterable[ProviderInfo]) -> tuple[str, ...]:
    """Return the name of every credential."""
    names = (name for provider in providers for name in provider.credentials)
    return tuple(dict.fromkeys([*GENERAL_CREDENTIALS, *names]))


def _read_credentials(environment: Environment, providers: Iterable[ProviderInfo]) -> dict[str, SecretStr]:
    """Return all credentials that are set: those of providers and the general ones.

    The problems of names that are also settings are reported as those of settings.
    """
    texts = {
        name: read_text(name, environment, partial(parse_credential, name)) for name in credential_names(providers)
    }
    return {name: SecretStr(text) for name, text in texts.items() if text is not None}


def read_text(name: str, environment: Environment, parse: Callable[[str], str]) -> str | None:
    """Return the parsed text of a setting, None if it is not set or wrong; add to the environment's problems."""
    text = environment.find(name)
    try:
        return None if text is None else parse(text)
    except ValueError as error:
        if name.lower() not in FIELDS:
            environment.problems.append(f"{environment.name_of(name)}: {error}")
        return None


def parse_credential(name: str, text: str) -> str:
    """Return a credential, checked by its name: the address of a server, a key, or a line of text."""
    if name.endswith("_URL"):
        return parse_url(text)
    return parse_secret(text) if is_key(name) else parse_line(text)


def is_key(name: str) -> bool:
    """Return whether a credential is a key or token, and not a user name or an address."""
    return name.rpartition("_")[2] in ("KEY", "TOKEN", "ID", "SECRET")


def _read_base_urls(environment: Environment, providers: Iterable[ProviderInfo]) -> dict[str, str]:
    """Return the addresses that the user set for sources, by provider."""
    parse = partial(parse_url, example="http://localhost:8090/mirror")
    settings = {provider.name: f"{provider.lists_setting.removesuffix('_LISTS')}_BASE_URL" for provider in providers}
    texts = {name: read_text(setting, environment, parse) for name, setting in settings.items()}
    return {name: text for name, text in texts.items() if text is not None}
