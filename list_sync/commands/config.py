"""`config set`, `config show` and `config encrypt`: the encrypted store config.enc."""

import difflib
import getpass
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from list_sync.commands.printing import complain, print_table, say
from list_sync.config import find_config_dir
from list_sync.config.dotenv_file import find_referenced, remove_settings
from list_sync.config.encrypted import EncryptedStore, open_encrypted
from list_sync.config.environment import Environment
from list_sync.config.legacy import find_legacy, place_beside, read_legacy
from list_sync.config.names import OUTSIDE, check_value, secret_names, setting_names
from list_sync.config.settings import FORMER_NAMES
from list_sync.errors import ConfigError, StorageError, WrongPassphrase
from list_sync.model.report import ExitCode
from list_sync.model.sources import ProviderInfo
from list_sync.model.titles import counted
from list_sync.providers import available_providers
from list_sync.providers.custom import load_custom_providers

DOTENV = Path(".env")


def set_value(name: str, *, remove: bool) -> ExitCode:
    """Store a setting in config.enc (its value is typed or read from stdin), or `remove` it."""
    environment = open_environment()
    name = name.strip().upper()
    if not remove:
        check_name(name)
    store = open_store(environment)
    if remove:
        is_known = name in store.names()
        store.delete([name])
        say(f"{name} is removed from {store.path}" if is_known else f"{name} is not in {store.path}")
        return ExitCode.OK
    value = read_value(f"{name}: ")
    if not value:
        raise ConfigError(f"{name}: no value was given; type it, or send it on stdin")
    check_value(name, value, known_providers())
    store.set({name: value})
    say(f"{name} is stored in {store.path}")
    if place := environment.place_of(name):
        say(f"{name} is also set in {place}, and that value is used: remove it there")
    return ExitCode.OK


def show_places() -> ExitCode:
    """Print which settings are set and where each comes from; no values."""
    environment = open_environment()
    store = open_store(environment)
    stored = store.names()
    rows = []
    for name in dict.fromkeys([*setting_names(known_providers().values()), *stored]):
        place = environment.place_of(name) or (store.path.name if name in stored else find_former(environment, name))
        if place:
            rows.append((name, place))
    if not rows:
        say("nothing is set: neither in the environment, nor in .env, nor in config.enc")
        return ExitCode.OK
    print_table(("setting", "from"), rows)
    return ExitCode.OK


def find_former(environment: Environment, name: str) -> str | None:
    """Return where a setting comes from that is set by its former name of 0.6.x."""
    former = FORMER_NAMES.get(name)
    place = environment.place_of(former) if former else None
    return f"{former} ({place})" if place else None


def encrypt(*, yes: bool) -> ExitCode:
    """Move the secrets of .env, and those of a config.enc of 0.6.x, into config.enc after a question."""
    environment = open_environment()
    take_over_legacy(environment, yes=yes)
    found, kept = find_secrets_of_dotenv(environment)
    for name in kept:
        say(f"{name} stays in {DOTENV}: other settings there refer to it")
    if not found:
        say(f"there are no secrets in {DOTENV}")
        return ExitCode.OK
    path = environment.find_secrets()[0]
    confirm(f"Move {', '.join(found)} from {DOTENV} to {path}, encrypted?", yes=yes)
    store = open_store(environment)
    store.set(found)
    try:
        remove_settings(DOTENV, tuple(found))
    except StorageError as error:
        say(f"{counted(len(found), 'secret')} kept in {store.path}")
        complain(str(error))
        return ExitCode.FAILURES
    say(f"{counted(len(found), 'secret')} moved from {DOTENV} to {store.path}")
    return ExitCode.OK


def take_over_legacy(environment: Environment, *, yes: bool) -> None:
    """Copy the settings of a config.enc of 0.6.x into a new one, and keep the old file beside it."""
    path, passphrase = environment.find_secrets()
    content = find_legacy(path)
    if content is None:
        return
    values = read_legacy(path, read_value(f"Password of {path} in ListSync 0.6.x: "))
    for name, value in values.items():
        check_value(name, value, known_providers())
    store = EncryptedStore(path, passphrase)
    store.check_writable()
    old = place_beside(path, content)
    confirm(f"Store {', '.join(values)} in a new {path}, and keep the old file as {old}?", yes=yes)
    # The old file stays in its place until the new one replaces it, so one of the two always exists.
    try:
        shutil.copy2(path, old)
    except OSError as error:
        raise StorageError(f"{old} cannot be written ({error.strerror}): free space, or allow writing") from error
    store.begin_anew(values)
    say(f"{counted(len(values), 'setting')} taken over from ListSync 0.6.x")


def find_secrets_of_dotenv(environment: Environment) -> tuple[dict[str, str], list[str]]:
    """Return the secrets that .env sets, and the names of those that other values there refer to."""
    dotenv = Environment(layers=environment.layers[1:], places=environment.places[1:])
    names = [name for name in secret_names(known_providers().values()) if dotenv.place_of(name) == str(DOTENV)]
    referenced = find_referenced(DOTENV) if names else frozenset()
    found = {name: dotenv.find(name) for name in names if name not in referenced}
    return {name: text for name, text in found.items() if text}, [name for name in names if name in referenced]


def open_environment() -> Environment:
    """Return the environment and .env, without config.enc; raise ConfigError if they cannot be read."""
    environment = Environment.open(None, DOTENV)
    environment.find_secrets()
    if environment.problems:
        raise ConfigError(environment.problems)
    return environment


def open_store(environment: Environment) -> EncryptedStore:
    """Return config.enc; on a terminal, ask for the passphrase if it is needed and not set."""
    path, passphrase = environment.find_secrets()
    try:
        return open_encrypted(path, passphrase)
    except WrongPassphrase:
        if passphrase is not None or not sys.stdin.isatty():
            raise
    return open_encrypted(path, getpass.getpass(f"Passphrase of {path}: "))


def known_providers() -> dict[str, ProviderInfo]:
    """Return all providers, also those of CONFIG_DIR."""
    load_custom_providers(find_config_dir() / "providers")
    return dict(available_providers())


def check_name(name: str) -> None:
    """Raise ConfigError if the name is no setting, or a setting that cannot be in config.enc."""
    names = setting_names(known_providers().values())
    if name in OUTSIDE:
        raise ConfigError(f"{name} cannot be in config.enc: it is needed to open it; set it in the environment or .env")
    if name not in names:
        raise ConfigError(f"there is no setting {name}{describe_near(difflib.get_close_matches(name, names))}")


def describe_near(names: Sequence[str]) -> str:
    """Return a question about similar names, or advice if there are none."""
    return f"; do you mean {' or '.join(names)}?" if names else "; `list-sync config show` lists those that are set"


def read_value(prompt: str) -> str:
    """Return a value that is typed invisibly on a terminal, else all of stdin, without spaces around it."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt).strip()
    return sys.stdin.read().strip()


def confirm(question: str, *, yes: bool) -> None:
    """Ask for confirmation unless it was given; raise ConfigError for no, and if there is no terminal."""
    if yes:
        say(question.replace("?", "."))
        return
    if not sys.stdin.isatty():
        raise ConfigError("nothing was changed: there is no terminal for the question; --yes answers yes to everything")
    if not typer.confirm(question):
        raise ConfigError("nothing was changed")
