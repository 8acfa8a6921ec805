"""Changes of config.enc through the service: checked as a start would check them, and kept from overwriting others."""

import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from list_sync.config.described import describe_settings
from list_sync.config.environment import SECRETS_NAME, Environment
from list_sync.config.names import check_name
from list_sync.config.settings import Settings, parse_settings
from list_sync.config.showing import find_place
from list_sync.errors import ConfigError
from list_sync.model.sources import ProviderInfo

if TYPE_CHECKING:
    from list_sync.config.encrypted import EncryptedStore

# A log-in that is renewed holds the lock as long as its service takes to answer.
LOCK_TIMEOUT_SECONDS = 10.0

Providers = Mapping[str, ProviderInfo]
# New texts by the names of settings; None removes one.
Changes = Mapping[str, str | None]


class Overtaken(ConfigError):
    """A setting has another value than the one that was shown when its change began."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings as a start now would read them: None, and what is wrong, if it would fail."""

    environment: Environment
    settings: Settings | None
    problems: tuple[str, ...] = ()


class SettingsStore:
    """The settings of the environment with config.enc, read anew each time; the key of the file is derived once."""

    def __init__(self, open_environment: Callable[[], Environment]) -> None:
        self._open_environment = open_environment
        self._opened: dict[tuple[Path, str | None], EncryptedStore] = {}
        self._lock = threading.Lock()
        self._seal = secrets.token_bytes(32)

    def read(self, providers: Providers) -> Reading:
        """Return what a start now would read."""
        environment = self._open_environment()
        environment.add_secrets(lambda path, passphrase: self._store(path, passphrase).load())
        return _parse(environment, providers)

    def version_of(self, name: str) -> str:
        """Return a text that changes with the stored value of a setting, and tells nothing of it. Raise ConfigError."""
        return self._sign(name, self.open().load().get(name))

    def find_obstacle(self) -> str:
        """Return why config.enc cannot be written, "" if it can; writes nothing."""
        folder = self._open_environment().find_data_dir()
        if os.access(folder, os.W_OK | os.X_OK):
            return ""
        advice = f"give the user that runs ListSync (uid {os.geteuid()}) write access to {folder} (DATA_DIR)"
        return f"nothing can be saved here, because {folder / SECRETS_NAME} cannot be written: {advice}"

    def build_changes(self, name: str, text: str | None, key: str, providers: Providers) -> Changes:
        """Return what a change stores: with a new address also its key, which is typed again with it.

        Raise ConfigError if the setting cannot be in config.enc, or cannot have this value.
        """
        check_name(name, providers.values())
        before = self.read(providers)
        key_name = describe_settings(providers.values())[name].key
        changes = {name: text, **_find_key(before.environment, name, text, key_name, key)}
        self.preview(changes, providers, before=before)
        return changes

    def preview(self, changes: Changes, providers: Providers, *, before: Reading | None = None) -> Settings | None:
        """Return the settings with some changes; raise ConfigError with the problems that they would bring."""
        before = before or self.read(providers)
        after = _parse(_with_changes(before.environment, changes), providers)
        if problems := [one for one in after.problems if one not in before.problems]:
            raise ConfigError(problems)
        if before.settings and before.settings.is_daemon and after.settings and not after.settings.is_daemon:
            raise ConfigError(
                f"{next(iter(changes))}: with this value ListSync would sync once and end: choose another"
            )
        return after.settings

    def write(self, changes: Changes, version: str, providers: Providers) -> Mapping[str, str | None]:
        """Store checked changes, and return what they replaced.

        Raise Overtaken if the first setting was changed since `version`, ConfigError, or StorageError.
        """
        name, store = next(iter(changes)), self.open()
        with store.locked():
            stored = store.load()
            if not hmac.compare_digest(version, self._sign(name, stored.get(name))):
                raise Overtaken(f"{name} was changed meanwhile: look at its present value, then change it again")
            self.preview(changes, providers)
            store.set({one: text for one, text in changes.items() if text is not None})
            store.delete([one for one, text in changes.items() if text is None])
        return {one: stored.get(one) for one in changes}

    def open(self) -> "EncryptedStore":
        """Return config.enc, which need not exist yet. Raise ConfigError if it cannot be opened."""
        environment = self._open_environment()
        store = self._store(*environment.find_secrets())
        store.load()
        return store

    def _store(self, path: Path, passphrase: str | None) -> "EncryptedStore":
        # Imported here, because most users have no such file and need no cryptography.
        from list_sync.config.encrypted import EncryptedStore

        with self._lock:
            place = path, passphrase
            if place not in self._opened:
                self._opened[place] = EncryptedStore(path, passphrase, lock_timeout_seconds=LOCK_TIMEOUT_SECONDS)
            return self._opened[place]

    def _sign(self, name: str, text: str | None) -> str:
        return hmac.new(self._seal, json.dumps([name, text]).encode(), hashlib.sha256).hexdigest()[:32]


def _parse(environment: Environment, providers: Providers) -> Reading:
    try:
        return Reading(environment, parse_settings(environment, providers))
    except ConfigError as error:
        return Reading(environment, None, tuple(error.problems))


def _with_changes(environment: Environment, changes: Changes) -> Environment:
    """Return an environment whose config.enc has other values."""
    has_file = SECRETS_NAME in environment.places
    outer, places = (
        (environment.layers[:-1], environment.places[:-1]) if has_file else (environment.layers, environment.places)
    )
    stored = {**(environment.layers[-1] if has_file else {}), **changes}
    kept = {name: text for name, text in stored.items() if text is not None}
    return Environment(layers=(*outer, kept), places=(*places, SECRETS_NAME))


def _find_key(environment: Environment, name: str, text: str | None, key_name: str, key: str) -> dict[str, str]:
    """Return the key that is stored with a new address; raise ConfigError if a known key was not typed again."""
    known = environment.find(key_name) if key_name else None
    if text is None or not key_name or (known is None and not key) or _is_same_server(text, environment.find(name)):
        return {}
    if not key:
        raise ConfigError(f"{key_name}: type it again, or remove it first; a stored key is not sent to a new address")
    if known is not None and hmac.compare_digest(known.encode(), key.encode()):
        return {}
    if (place := find_place(environment, key_name)) not in ("", SECRETS_NAME):
        raise ConfigError(f"{key_name} is set in {place} and is another one: change it there first")
    return {key_name: key}


def _is_same_server(text: str, known: str | None) -> bool:
    try:
        new, old = urlsplit(text.strip()), urlsplit(known or "")
    except ValueError:
        return False
    return (new.scheme.lower(), new.netloc.lower()) == (old.scheme.lower(), old.netloc.lower())
