"""`config set`, `config show` and `config encrypt`: the encrypted store config.enc."""

import getpass
import sys
from collections.abc import Collection, Mapping

import typer

from list_sync.commands.json_output import print_json
from list_sync.commands.printing import complain, say
from list_sync.commands.tables import print_table
from list_sync.config import find_config_dir
from list_sync.config.encrypted import EncryptedStore, open_encrypted
from list_sync.config.environment import DOTENV, PROVIDERS_FOLDER, Environment
from list_sync.config.folders import find_known_folder
from list_sync.config.moving import (
    find_place_for_legacy,
    find_secrets_of_dotenv,
    keep_legacy,
    remove_settings,
    unseal_legacy,
)
from list_sync.config.names import check_name, check_value, find_places
from list_sync.config.sealing import is_legacy
from list_sync.daemon.heartbeat import has_daemon
from list_sync.errors import ConfigError, StorageError, WrongPassphrase
from list_sync.model.exit_codes import ExitCode
from list_sync.model.sources import ProviderInfo
from list_sync.model.titles import counted
from list_sync.providers import available_providers
from list_sync.providers.custom import load_custom_providers

_SERVER = ("OVERSEERR_URL", "OVERSEERR_API_KEY")


def set_value(name: str, *, remove: bool) -> ExitCode:
    """Store a setting in config.enc (its value is typed or read from stdin), or `remove` it."""
    environment, providers = Environment.open_checked(), _load_providers()
    name = name.strip().upper()
    if not remove:
        check_name(name, providers.values())
    store = _open_store(environment)
    if remove:
        if name not in (known := store.names()):
            say(f"{name} is not in {store.path}")
            return ExitCode.OK
        store.delete([name])
        say(f"{name} is removed from {store.path}")
        _tell_of_daemon(environment, known)
        return ExitCode.OK
    value = read_value(f"{name}: ")
    if not value:
        raise ConfigError(f"{name}: no value was given; type it, or send it on stdin")
    check_value(name, value, providers)
    known = store.names()
    store.set({name: value})
    say(f"{name} is stored in {store.path}")
    if place := environment.place_of(name):
        say(f"{name} is also set in {place}, and that value is used: remove it there")
    else:
        _tell_of_daemon(environment, known)
    return ExitCode.OK


def _tell_of_daemon(environment: Environment, known: Collection[str]) -> None:
    """Say that a running daemon does not follow this change; one that waits for its server does."""
    folder = find_known_folder(environment.find_data_dir())
    has_server = all(name in known or environment.find(name) for name in _SERVER)
    if folder and has_server and has_daemon(folder):
        say("the running ListSync goes by this after a restart")


def show_places(*, as_json: bool = False) -> ExitCode:
    """Print which settings are set and where each comes from; no values."""
    environment = Environment.open_checked()
    places = find_places(environment, _open_store(environment).names(), _load_providers().values())
    if as_json:
        print_json({"settings": dict(places)})
    elif places:
        print_table(("setting", "from"), places)
    else:
        say("nothing is set: neither in the environment, nor in .env, nor in config.enc")
    return ExitCode.OK


def encrypt(*, yes: bool) -> ExitCode:
    """Move the secrets of .env, and those of a config.enc of 0.6.x, into config.enc after a question."""
    environment, providers = Environment.open_checked(), _load_providers()
    _take_over_legacy(environment, providers, yes=yes)
    found, kept = find_secrets_of_dotenv(environment, providers.values())
    for name in kept:
        say(f"{name} stays in {DOTENV}: other settings there refer to it")
    if not found:
        say(f"there are no secrets in {DOTENV}")
        return ExitCode.OK
    path, _ = environment.find_secrets()
    confirm(f"Move {', '.join(found)} from {DOTENV} to {path}, encrypted?", yes=yes)
    store = _open_store(environment)
    store.set(found)
    try:
        remove_settings(DOTENV, tuple(found))
    except StorageError as error:
        say(f"{counted(len(found), 'secret')} kept in {store.path}")
        complain(str(error))
        return ExitCode.FAILURES
    say(f"{counted(len(found), 'secret')} moved from {DOTENV} to {store.path}")
    return ExitCode.OK


def _take_over_legacy(environment: Environment, providers: Mapping[str, ProviderInfo], *, yes: bool) -> None:
    """Copy the settings of a config.enc of 0.6.x into a new one, and keep the old file beside it."""
    store = EncryptedStore(*environment.find_secrets())
    path, content = store.path, store.read()
    if content is None or not is_legacy(content):
        return
    values = unseal_legacy(content, read_value(f"Password of {path} in ListSync 0.6.x: "), path)
    for name, value in values.items():
        check_value(name, value, providers)
    store.check_writable()
    place = find_place_for_legacy(path, content)
    confirm(f"Store {', '.join(values)} in a new {path}, and keep the old file as {place}?", yes=yes)
    keep_legacy(path, place)
    store.begin_anew(values)
    say(f"{counted(len(values), 'setting')} taken over from ListSync 0.6.x")


def _open_store(environment: Environment) -> EncryptedStore:
    """Return config.enc; on a terminal, ask for the passphrase if it is needed and not set."""
    path, passphrase = environment.find_secrets()
    try:
        return open_encrypted(path, passphrase)
    except WrongPassphrase:
        if passphrase is not None or not sys.stdin.isatty():
            raise
    return open_encrypted(path, getpass.getpass(f"Passphrase of {path}: "))


def _load_providers() -> dict[str, ProviderInfo]:
    """Return all providers, also those of CONFIG_DIR."""
    load_custom_providers(find_config_dir() / PROVIDERS_FOLDER)
    return dict(available_providers())


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
