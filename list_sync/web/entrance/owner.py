"""The token of the owner: API_TOKEN, or one that is made at the first start and kept in the data folder."""

import logging
import os
from pathlib import Path

from list_sync.config.web import WebSettings
from list_sync.files.secrets import read_secret, write_secret
from list_sync.storage.tokens import make_token

logger = logging.getLogger(__name__)

TOKEN_NAME = "api_token"  # noqa: S105 (a name)


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
            write_secret(path, make_token())
        token = read_secret(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it holds no token"
        logger.warning("%s cannot be used (%s): set API_TOKEN, or delete it and restart", path, reason)
        return None
    if not token:
        logger.warning("%s is empty: delete it and restart, and a new token is made", path)
    return token or None


def name_token_place(settings: WebSettings, folder: Path) -> str:
    """Return where people find the token that may do everything, "" if none is needed."""
    if settings.is_open:
        return ""
    return "API_TOKEN" if settings.api_token is not None else str(folder / TOKEN_NAME)
