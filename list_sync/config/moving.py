"""What `config encrypt` moves into config.enc: the secrets of .env, and the config.enc of ListSync 0.6.x.

A config.enc of 0.6.x is one Fernet token whose key is the padded password.
"""

import base64
import io
import json
import os
import re
from collections.abc import Collection, Iterable
from itertools import chain, count
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from dotenv.parser import parse_stream

from list_sync.config.environment import DOTENV, Environment
from list_sync.config.names import secret_names
from list_sync.config.sealing import expect_texts
from list_sync.errors import StorageError, WrongPassphrase
from list_sync.files.modes import SECRET_MODE, create_file, replace_file
from list_sync.files.opening import read_file
from list_sync.files.written import give_to_owner_of
from list_sync.model.sources import ProviderInfo

_LEGACY_NAMES = {
    "overseerr_url": "OVERSEERR_URL",
    "api_key": "OVERSEERR_API_KEY",
    "requester_user_id": "OVERSEERR_USER_ID",
}


def find_secrets_of_dotenv(
    environment: Environment, providers: Iterable[ProviderInfo]
) -> tuple[dict[str, str], list[str]]:
    """Return the secrets that .env sets, and the names of those that other values there refer to, as in `${NAME}`."""
    dotenv = Environment(layers=environment.layers[1:], places=environment.places[1:])
    names = [name for name in secret_names(providers) if dotenv.place_of(name) == str(DOTENV)]
    referenced = re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_]*)", read_file(DOTENV).decode("utf-8")) if names else []
    found = {name: dotenv.find(name) for name in names if name not in referenced}
    return {name: text for name, text in found.items() if text}, [name for name in names if name in referenced]


def remove_settings(path: Path, names: Collection[str]) -> None:
    """Rewrite a .env file without these settings, and change nothing else; raise StorageError if that fails."""
    bindings = parse_stream(io.StringIO(read_file(path).decode("utf-8")))
    text = "".join(binding.original.string for binding in bindings if binding.key not in names)
    try:
        state = path.stat()
        replace_file(path.resolve(), text.encode(), state.st_mode & 0o777, owner=(state.st_uid, state.st_gid))
    except OSError as error:
        # A file that is mounted into a container can be written but not replaced.
        advice = f"remove from it {', '.join(names)}"
        raise StorageError(f"{path} cannot be replaced ({error.strerror}): {advice}") from error


def unseal_legacy(content: bytes, password: str, path: Path) -> dict[str, str]:
    """Return the settings of a config.enc of 0.6.x under their current names.

    Raise WrongPassphrase, or SecretsUnreadable if it holds something else.
    """
    key = base64.urlsafe_b64encode(password.encode().ljust(32)[:32])
    try:
        values = json.loads(Fernet(key).decrypt(content.strip()))
    except InvalidToken:
        raise WrongPassphrase(
            f"{path} cannot be opened: its password in ListSync 0.6.x was another one, or it is damaged"
        ) from None
    except ValueError:
        values = None
    if isinstance(values, dict):
        values = {_LEGACY_NAMES[name]: str(value) for name, value in values.items() if name in _LEGACY_NAMES and value}
    return expect_texts(values, path)


def find_place_for_legacy(path: Path, content: bytes) -> Path:
    """Return a free path beside the new config.enc for the old one of 0.6.x, or the path where it is already."""
    first = path.with_name(f"{path.name}.0.6")
    places = chain([first], (first.with_name(f"{first.name}.{number}") for number in count(2)))
    return next(place for place in places if not place.exists() or (place.is_file() and read_file(place) == content))


def keep_legacy(path: Path, place: Path) -> None:
    """Copy a config.enc of 0.6.x; it stays until the new one replaces it, so one of the two always exists."""
    try:
        if not place.exists():
            with os.fdopen(create_file(place, SECRET_MODE), "wb") as file:
                file.write(read_file(path))
            give_to_owner_of(place.parent, place)
    except OSError as error:
        raise StorageError(f"{place} cannot be written ({error.strerror}): free space, or allow writing") from error
