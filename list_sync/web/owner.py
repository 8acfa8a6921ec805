"""The token of the owner: API_TOKEN, or one that is made at the first start and kept in the data folder."""

import logging
import os
from pathlib import Path

from list_sync.config.web import WebSettings
from list_sync.files.modes import SECRET_MODE, create_file
from list_sync.files.opening import read_file
from list_sync.files.written import give_to_owner_of
from list_sync.storage.tokens import make_token

logger = logging.getLogger(__name__)

TOKEN_NAME = "api_token"
_SIZE_BYTES = 1000


def find_owner_token(settings: WebSettings, folder: Path) -> str | None:
    """Return the token that may do everything; None if WEB_AUTH is none, or if its file cannot be used.

    A file that cannot be used opens nothing: tokens of `list-sync web token` still count.
    """
    if settings.is_open:
        return None
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    path = folder / TOKEN_NAME
    try:
        if not os.path.lexists(path):
            _make(path)
        token = read_file(path, _SIZE_BYTES).decode("ascii").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no token"
        logger.warning("%s cannot be used (%s): set API_TOKEN, or delete it and restart", path, reason)
        return None
    if not token:
        logger.warning("%s is empty: delete it and restart, and a new token is made", path)
    return token or None


def _make(path: Path) -> None:
    descriptor = create_file(path, SECRET_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{make_token()}\n")
    give_to_owner_of(path.parent, path)
    logger.info("a token for the service was made: it is in %s", path)
