"""The config.enc of ListSync 0.6.x: one Fernet token whose key is the padded password."""

import base64
import json
from itertools import chain, count
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from list_sync.config.sealing import expect_texts, is_legacy
from list_sync.config.secrets import describe_owner
from list_sync.errors import SecretsUnreadable, WrongPassphrase
from list_sync.files.opening import open_file

_NAMES = {
    "overseerr_url": "OVERSEERR_URL",
    "api_key": "OVERSEERR_API_KEY",
    "requester_user_id": "OVERSEERR_USER_ID",
}


def find_legacy(path: Path) -> bytes | None:
    """Return the bytes of a config.enc of 0.6.x, or None; raise SecretsUnreadable if the file may not be read."""
    try:
        with open_file(path) as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except PermissionError:
        raise SecretsUnreadable(f"{path} may not be read; {describe_owner(str(path))}") from None
    except OSError as error:
        raise SecretsUnreadable(f"{path} cannot be read ({error.strerror})") from None
    return content if is_legacy(content) else None


def place_beside(path: Path, content: bytes) -> Path:
    """Return a free path beside the new config.enc for the old one of 0.6.x."""
    first = path.with_name(f"{path.name}.0.6")
    places = chain([first], (first.with_name(f"{first.name}.{number}") for number in count(2)))
    return next(place for place in places if not place.exists() or place.read_bytes() == content)


def read_legacy(path: Path, password: str) -> dict[str, str]:
    """Return the settings of a config.enc of 0.6.x under their current names.

    Raise WrongPassphrase, or SecretsUnreadable if there is no such file or it is something else.
    """
    try:
        with open_file(path) as file:
            content = file.read().strip()
    except OSError as error:
        raise SecretsUnreadable(f"{path} cannot be read ({error.strerror})") from None
    if not is_legacy(content):
        raise SecretsUnreadable(f"{path} is no config.enc of ListSync 0.6.x")
    key = base64.urlsafe_b64encode(password.encode().ljust(32)[:32])
    try:
        values = json.loads(Fernet(key).decrypt(content))
    except InvalidToken:
        raise WrongPassphrase(
            f"{path} cannot be opened: its password in ListSync 0.6.x was another one, or it is damaged"
        ) from None
    except ValueError:
        values = None
    if isinstance(values, dict):
        values = {_NAMES[name]: str(value) for name, value in values.items() if name in _NAMES and value}
    return expect_texts(values, path)
