"""The one place that reads the environment, secret files, .env and config.enc."""

import io
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from list_sync.config.secrets import read_secret_file
from list_sync.config.values import drop_quotes
from list_sync.errors import ConfigError, StorageError
from list_sync.files.exchange import settle
from list_sync.files.opening import open_file

DEFAULT_DATA_DIR = "data"
DROP_FOLDER = "drop"
PROVIDERS_FOLDER = "providers"
SECRETS_NAME = "config.enc"
KEY_NAME = ".config_key"
# Far above what names and values of settings take.
LARGEST_BYTES = 4 * 1024 * 1024
PASSPHRASE = "CONFIG_PASSPHRASE"  # noqa: S105 (a name)
CONTAINER = "LISTSYNC_CONTAINER"
DOTENV = Path(".env")
# requests and browsers read these themselves, from the environment of the process only.
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def find_container(variables: Mapping[str, str] | None = None) -> str | None:
    """Return the id of the container whose program this is; None outside of containers and for `docker exec`.

    The entrypoint sets it. It is not a setting.
    """
    return (os.environ if variables is None else variables).get(CONTAINER) or None


def export_proxies() -> None:
    """Copy the proxies of the .env file into the environment of the process, unless they are set there."""
    environment = Environment.open()
    for name in PROXIES:
        if name.lower() not in os.environ and (text := environment.find(name)):
            os.environ[name] = text


def _load_encrypted(path: Path, passphrase: str | None) -> Mapping[str, str]:
    # Imported here, because most users have no such file and need no cryptography.
    from list_sync.config.encrypted import open_encrypted

    return open_encrypted(path, passphrase).load()


@dataclass
class Environment:
    """Finds the text of a setting, layer by layer, and collects the problems.

    `origins` says where a text came from, if not from the setting itself, and `files` from which file.
    """

    layers: tuple[Mapping[str, str], ...]
    places: tuple[str, ...] = ("environment",)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def open(cls, variables: Mapping[str, str] | None = None, dotenv: Path | None = DOTENV) -> Self:
        """Return the variables (of the process if None) as a layer above the .env file, if there is one."""
        environment = cls(layers=(os.environ if variables is None else variables,))
        if dotenv is not None:
            environment._add_layer(str(dotenv), environment._read_dotenv(dotenv))
        return environment

    @classmethod
    def open_checked(cls) -> Self:
        """Return the variables and .env; raise ConfigError if DATA_DIR or the passphrase cannot be read from them."""
        environment = cls.open()
        environment.find_data_dir()
        environment.find(PASSPHRASE)
        if environment.problems:
            raise ConfigError(environment.problems)
        return environment

    def _add_layer(self, place: str, values: Mapping[str, str]) -> None:
        self.layers += (values,)
        self.places += (place,)

    def add_secrets(self, load: Callable[[Path, str | None], Mapping[str, str]] | None = None) -> None:
        """Add config.enc of DATA_DIR as the lowest layer; a file that cannot be opened is a problem.

        `load` reads it, for those who have it open.
        """
        try:
            path, passphrase = self.find_secrets()
        except StorageError as error:
            self.problems.append(str(error))
            return
        # Path.exists raises for a folder that we may not enter; that is reported as a problem of DATA_DIR.
        if self.problems or not os.path.exists(path):  # noqa: PTH110
            return
        try:
            self._add_layer(path.name, (load or _load_encrypted)(path, passphrase))
        except ConfigError as error:
            self.problems.extend(error.problems)

    def find_secrets(self) -> tuple[Path, str | None]:
        """Return where config.enc is, or would be, and the passphrase that opens it if one is set.

        An interrupted restore is completed first; raise StorageError if that fails.
        """
        data_dir = self.find_data_dir()
        settle(data_dir)
        return data_dir / SECRETS_NAME, self.find(PASSPHRASE)

    def find_data_dir(self) -> Path:
        """Return DATA_DIR without looking into it."""
        data_dir = Path(self.find("DATA_DIR") or DEFAULT_DATA_DIR)
        with suppress(RuntimeError):
            data_dir = data_dir.expanduser()
        return data_dir

    def place_of(self, name: str) -> str | None:
        """Return the layer that a setting comes from, or None if it is not set."""
        for place, layer in zip(self.places, self.layers, strict=True):
            for spelling in (name, f"{name}_FILE"):
                if drop_quotes(layer.get(spelling, "")):
                    return place if spelling == name else f"{spelling} ({place})"
        return None

    def _read_dotenv(self, path: Path) -> Mapping[str, str]:
        """Return the settings of a .env file; warn about lines that cannot be read."""
        try:
            # A byte order mark would become part of the first name.
            with io.TextIOWrapper(open_file(path), encoding="utf-8-sig") as file:
                text = file.read()
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except IsADirectoryError:
            self.warnings.append(f"{path} is a folder, not a file; it is not read")
            return {}
        except OSError as error:
            self.problems.append(f"{path}: the file cannot be read ({error.strerror}); chmod or remove it")
            return {}
        except UnicodeDecodeError:
            self.problems.append(f"{path}: the file is not UTF-8 text; save it as UTF-8")
            return {}
        return self._parse_dotenv(path, text)

    def _parse_dotenv(self, path: Path, text: str) -> Mapping[str, str]:
        """Return the values of a .env text; python-dotenv fills in `${NAME}`."""
        readable = []
        for binding in parse_stream(io.StringIO(text)):
            if binding.error:
                self.warnings.append(f"{path}, line {binding.original.line}: this is not NAME=value; it is not read")
            else:
                readable.append(binding.original.string)
        values = dotenv_values(stream=io.StringIO("".join(readable)))
        return {name: value for name, value in values.items() if value is not None}

    def is_set(self, name: str) -> bool:
        """Return whether a setting, or its file, is given in any layer."""
        return any(layer.get(spelling, "").strip() for layer in self.layers for spelling in (name, f"{name}_FILE"))

    def find(self, name: str, *, unquote: Callable[[str], str] = drop_quotes) -> str | None:
        """Return the text of a setting from the first layer that has it; blank counts as not set."""
        for place, layer in zip(self.places, self.layers, strict=True):
            text = self._find_in(layer, name, unquote)
            if text is not None:
                if place == SECRETS_NAME:
                    self.origins[name] = place
                return text
        return None

    def _find_in(self, layer: Mapping[str, str], name: str, unquote: Callable[[str], str]) -> str | None:
        text = unquote(layer.get(name, ""))
        path = drop_quotes(layer.get(f"{name}_FILE", ""))
        if text and path:
            self.warnings.append(f"{name} and {name}_FILE are both set; {name} is used")
        if text:
            return text if self._is_text(name, text) else None
        return self._read_file(name, path, unquote) if path else None

    def _is_text(self, name: str, text: str) -> bool:
        # Bytes that are not UTF-8 arrive as lone surrogates, which cannot be written to a log or a header.
        if text.isprintable() or not any("\ud800" <= character <= "\udfff" for character in text):
            return True
        self.problems.append(f"{name}: the value is not UTF-8 text; write it again")
        return False

    def _read_file(self, name: str, path: str, unquote: Callable[[str], str]) -> str | None:
        self.origins[name] = f"{name}_FILE"
        self.files[name] = Path(path)
        try:
            return unquote(read_secret_file(f"{name}_FILE", path)) or None
        except ValueError as error:
            self.problems.append(str(error))
            return None

    def name_of(self, name: str) -> str:
        """Return the name of a setting, with the place that its text came from if that is another."""
        origin = self.origins.get(name)
        return f"{name} (from {origin})" if origin else name
