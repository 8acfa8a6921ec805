"""How the servers word what TMDB answered them."""

from __future__ import annotations

from http import HTTPStatus

from list_sync.demo.answers import encode
from list_sync.demo.dialects import Dialect

_TMDB_ERRORS = {
    404: (34, "The resource you requested could not be found."),
    429: (25, "Your request count (#) is over the allowed limit of (40)."),
    500: (11, "Internal error: Something went wrong, contact TMDb."),
}


def failed_details(dialect: Dialect, kind: str, status: int) -> str:
    """Return the message of a POST /request whose details could not be read (Jellyseerr words it in its own way)."""
    what = "movie" if kind == "movie" else "TV show"
    prefix = f"[TMDB] Failed to fetch {what} details: "
    if dialect is not Dialect.JELLYSEERR:
        return f"{prefix}Request failed with status code {status}"
    code, text = _TMDB_ERRORS.get(status, _TMDB_ERRORS[500])
    body = encode({"success": False, "status_code": code, "status_message": text}).decode()
    return f"{prefix}{status} {HTTPStatus(status).phrase}: {body}"
