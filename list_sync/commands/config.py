"""`config set`, `config show` and `config encrypt`: the encrypted store config.enc."""

import difflib
import getpass
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from list_sync.commands.exits import ExitCode
from list_sync.commands.printing import complain, print_table, say, shown_count
from list_sync.config import find_config_dir
from list_sync.config.dotenv_file import find_referenced, remove_settings
from list_sync.config.encrypted import EncryptedStore, open_encrypted
from list_sync.config.environment import Environment
from list_sync.config.legacy import find_legacy, place_beside, read_legacy
from list_sync.config.names import OUTSIDE, check_value, secret_names, setting_names
from list_sync.config.settings import FORMER_NAMES
from list_sync.errors import ConfigError, StorageError, WrongPassphrase
from list_sync.model.sources import ProviderInfo
from list_sync.providers import available_providers
from list_sync.providers.custom import load_custom_providers

DOTENV = Path(".env")


def set_value(name: str, *, remove: bool) -> ExitCode:
    """Keep the value of a setting, which is asked for or read from stdin, in config.enc; or `remove` it."""
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
    say(f"{name} is kept in {store.path}")
    if place := environment.place_of(name):
        say(f"{name} is set in {place} as well, and that wins: remove it there")
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
    """Return where a setting comes from that is set by its name in 0.6.x."""
    former = FORMER_NAMES.get(name)
    place = environment.place_of(former) if former else None
    return f"{former} ({place})" if place else None


def encrypt(*, yes: bool) -> ExitCode:
    """Take the secrets of .env, and of a config.enc of 0.6.x, into config.enc after asking."""
    environment = open_environment()
    take_over_legacy(environment, yes=yes)
    found, kept = find_secrets_of_dotenv(environment)
    for name in kept:
        say(f"{name} stays in {DOTENV}: other settings there are made of it")
    if not found:
        say(f"there are no secrets in {DOTENV}")
        return ExitCode.OK
    path = environment.find_secrets()[0]
    confirm(f"Take {', '.join(found)} out of {DOTENV} and keep them encrypted in {path}?", yes=yes)
    store = open_store(environment)
    store.set(found)
    try:
        remove_settings(DOTENV, tuple(found))
    except StorageError as error:
        say(f"{shown_count(len(found), 'secret')} kept in {store.path}")
        complain(str(error))
        return ExitCode.FAILURES
    say(f"{shown_count(len(found), 'secret')} moved from {DOTENV} to {store.path}")
    return ExitCode.OK


def take_over_legacy(environment: Environment, *, yes: bool) -> None:
    """Put what a config.enc of 0.6.x holds into a new one, and keep the old file beside it."""
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
    confirm(f"Keep {', '.join(values)} in a new {path}, and the old file as {old}?", yes=yes)
    # The old file stays in its place until the new one takes it: whatever ends us, there is the one or the other.
    try:
        shutil.copy2(path, old)
    except OSError as error:
        raise StorageError(f"{old} cannot be written ({error.strerror}): make room, or write access") from error
    store.begin_anew(values)
    say(f"{shown_count(len(values), 'setting')} taken over from ListSync 0.6.x")


def find_secrets_of_dotenv(environment: Environment) -> tuple[dict[str, str], list[str]]:
    """Return the secrets that .env sets, and the names of those that other values there are made of."""
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
    """Return config.enc, on a terminal after asking for a passphrase that is needed and not set."""
    path, passphrase = environment.find_secrets()
    try:
        return open_encrypted(path, passphrase)
    except WrongPassphrase:
        if passphrase is not None or not sys.stdin.isatty():
            raise
    return open_encrypted(path, getpass.getpass(f"Passphrase of {path}: "))


def known_providers() -> dict[str, ProviderInfo]:
    """Return all providers, those of CONFIG_DIR included."""
    load_custom_providers(find_config_dir() / "providers")
    return dict(available_providers())


def check_name(name: str) -> None:
    """Raise ConfigError for what is no setting, or none that config.enc can hold."""
    names = setting_names(known_providers().values())
    if name in OUTSIDE:
        raise ConfigError(f"{name} cannot be in config.enc: it is needed to open it; set it in the environment or .env")
    if name not in names:
        raise ConfigError(f"there is no setting {name}{describe_near(difflib.get_close_matches(name, names))}")


def describe_near(names: Sequence[str]) -> str:
    """Return a question after names that are nearly the one, or nothing."""
    return f"; do you mean {' or '.join(names)}?" if names else "; `list-sync config show` lists those that are set"


def read_value(prompt: str) -> str:
    """Return what is typed unseen on a terminal, else all of stdin, without blanks around it."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt).strip()
    return sys.stdin.read().strip()


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless the answer is known; raise ConfigError for no, and where nobody can be asked."""
    if yes:
        say(question.replace("?", "."))
        return
    if not sys.stdin.isatty():
        raise ConfigError("nothing was changed: there is nobody to ask here; --yes says yes to everything")
    if not typer.confirm(question):
        raise ConfigError("nothing was changed")
