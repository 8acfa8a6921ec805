"""The settings of further households: what their files state, and where their secrets are."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from list_sync.config.environment import Environment
from list_sync.config.household import HouseholdSettings
from list_sync.config.household_files import FOLDER, SUFFIX, check_name, describe_closed, find_files
from list_sync.config.policy.household_forms import HouseholdForm, SecretForm
from list_sync.config.policy.joining import join
from list_sync.config.policy.reading import read_household
from list_sync.config.secrets import read_secret_file
from list_sync.config.settings import Settings, parse_credential
from list_sync.config.values import parse_secret
from list_sync.errors import ConfigError
from list_sync.model.households import HOME
from list_sync.model.policy import HouseholdPolicy
from list_sync.model.sources import ProviderInfo


def read_settings(
    settings: Settings, name: str, providers: Mapping[str, ProviderInfo], path: Path | None = None
) -> Settings:
    """Return the settings of the process with those of a further household; raise ConfigError with all problems.

    `path` is another file than that of the household.
    """
    files = find_files(settings.process.config_dir)
    path = path or files.get(name)
    if path is None and (closed := describe_closed(settings.process.config_dir)):
        raise ConfigError(closed)
    if path is None:
        missing = settings.process.config_dir / FOLDER / f"{name}{SUFFIX}"
        raise ConfigError(f"there is no household {name}, because there is no {missing}: {_describe_known(files)}")
    check_name(name, path)
    form, file = read_household(path, providers=providers, policy=HouseholdPolicy())
    household = _build(form, path, name, settings.environment or settings.household)
    return join(_without_home(settings, household), file)


def _describe_known(files: Mapping[str, Path]) -> str:
    return f"households are {', '.join([HOME, *files])}"


def _build(form: HouseholdForm, path: Path, name: str, home: HouseholdSettings) -> HouseholdSettings:
    """Return the settings that a file states; DRY_RUN counts for all households."""
    environment = Environment.open()
    environment.add_secrets()
    problems: list[str] = []

    def resolve(key: str, secret: SecretForm, parse: Callable[[str], str]) -> str:
        try:
            return parse(_read_secret(secret, environment))
        except ValueError as error:
            problems.append(f"{path}: {key}: {error}")
            return ""

    api_key = resolve("server.api_key", form.server.api_key, parse_secret)
    credentials = {
        one: resolve(f"credentials.{one}", secret, partial(parse_credential, one))
        for one, secret in form.credentials.items()
    }
    if problems:
        raise ConfigError(problems)
    return HouseholdSettings(
        name=name,
        overseerr_url=form.server.url,
        overseerr_api_key=SecretStr(api_key),
        credentials={one: SecretStr(text) for one, text in credentials.items()},
        dry_run=home.dry_run,
    )


def _read_secret(secret: SecretForm, environment: Environment) -> str:
    """Return the text of a secret; raise ValueError with what is wrong."""
    if secret.file is not None:
        return read_secret_file("file", secret.file)
    text = environment.find(secret.env or "")
    if text is None:
        raise ValueError(f"{secret.env} is not set; set it, or write the name of the variable that holds it")
    return text


def _without_home(settings: Settings, household: HouseholdSettings) -> Settings:
    """Return the settings of the process for a household; what belongs to `home` alone is left out."""
    home = settings.household
    # All households share what is cached, so the same key signs it.
    key = settings.process.cache_key or home.overseerr_api_key
    process = settings.process.model_copy(update={"cache_key": key, "healthchecks_url": None})
    return Settings(process, household, settings.web)
