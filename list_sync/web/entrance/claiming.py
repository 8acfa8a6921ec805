"""The first claim: a code that only the owner of the data folder can read lets one person choose the password."""

import logging
import os
import secrets
from pathlib import Path

from list_sync.config.web import WebSettings
from list_sync.database.store import Store
from list_sync.errors import StorageError
from list_sync.files.secrets import read_secret, write_secret
from list_sync.storage.sessions import find_password

logger = logging.getLogger(__name__)

CODE_NAME = "claim_token"
# Without letters that look like digits; 25 of them are 125 bits.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP_LETTERS = 5, 5


def offer_claim(settings: WebSettings, store: Store, folder: Path) -> None:
    """Make the code of a data folder if its door is not claimed, else remove it; say how people get it.

    A database that cannot be read opens nothing.
    """
    if settings.is_claimable:
        try:
            with store.reading() as connection:
                is_claimed = find_password(connection) is not None
            if not is_claimed:
                get_code(folder)
                logger.info(
                    "no password was chosen yet: `list-sync web claim` prints the code for it (%s)", folder / CODE_NAME
                )
                return
        except StorageError as error:
            logger.warning("the password of the dashboard cannot be chosen: %s", error)
            return
    drop_code(folder)


def get_code(folder: Path) -> str:
    """Return the code of a data folder, and make it if there is none; raise StorageError if its file cannot be used."""
    path = folder / CODE_NAME
    try:
        if not os.path.lexists(path):
            groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS))
            write_secret(path, "-".join(groups))
        code = read_secret(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no code"
        raise StorageError(
            f"{path} cannot be used ({reason}): delete it, then `list-sync web claim --reset`"
        ) from error
    if not simplify(code):
        raise StorageError(f"{path} is empty: delete it, then `list-sync web claim --reset`")
    return code


def find_code(folder: Path) -> str | None:
    """Return the code of a data folder; None if there is none that can be used."""
    if not os.path.lexists(folder / CODE_NAME):
        return None
    try:
        return get_code(folder)
    except StorageError as error:
        logger.warning("%s", error)
        return None


def drop_code(folder: Path) -> None:
    """Remove the code of a data folder, so that it can claim nothing any more."""
    try:
        (folder / CODE_NAME).unlink(missing_ok=True)
    except OSError as error:
        # It claims nothing: a password is stored.
        logger.warning("%s cannot be removed (%s): delete it", folder / CODE_NAME, error.strerror)


def simplify(code: str) -> str:
    """Return what counts of a code that people type."""
    return "".join(letter for letter in code.upper() if letter.isascii() and letter.isalnum())
