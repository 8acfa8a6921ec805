"""What a saved list states about itself: its format, its addresses, and the account that it belongs to."""

import csv
import json
import re
from dataclasses import dataclass

from list_sync.api.http.payloads import clean_title
from list_sync.api.saved_lists.documents import Text, decode
from list_sync.api.saved_lists.kinds import plain_key
from list_sync.api.saved_lists.rss_lists import find_feed_link
from list_sync.api.saved_lists.tables import Table, find_table, is_letterboxd_list
from list_sync.errors import ListSyncError

HEAD_BYTES = 64 * 1024
_TRAKT_ID = re.compile(r'"trakt(?:_id)?"\s*:\s*\d')
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x19\x1b-\x1f]")
_ADDRESS = re.compile(r"https?://\S{4,300}")
_SITES = (("letterboxd", ("letterboxd.com", "boxd.it")), ("imdb", ("imdb.com",)), ("trakt", ("trakt.tv",)))


@dataclass(frozen=True, slots=True)
class Identity:
    """The provider whose format the bytes have, and the addresses that they state as their own."""

    origin: str | None = None
    addresses: tuple[str, ...] = ()


def identify(content: bytes) -> Identity:
    """Return the identity that the bytes of a list, or its first bytes, state."""
    text = Text.of(_head(content))
    start = text.whole()
    if start.startswith("<"):
        return _identify_feed(text)
    if start.startswith(("[", "{")):
        return Identity("trakt" if _TRAKT_ID.search(start) else None)
    try:
        table = find_table(text)
    except ListSyncError:
        return Identity()
    if table is None:
        return Identity()
    columns = set(table.columns)
    if is_letterboxd_list(text):
        return Identity("letterboxd", _addresses_of(table))
    if "letterboxduri" in columns:
        return Identity("letterboxd")
    if "const" in columns:
        return Identity("imdb")
    return Identity("trakt" if columns & {"trakt", "traktid"} else None)


def is_text(content: bytes) -> bool:
    """Return whether the first bytes of a file are those of a text: a picture, for example, has control characters."""
    text = decode(_head(content))
    return len(_CONTROLS.findall(text)) * 100 <= len(text)


def _addresses_of(table: Table) -> tuple[str, ...]:
    """Return the address of a Letterboxd list; addresses in its description are ignored."""
    names, *said = [row.cells for row in table.before if len(row.cells) > 1 and row.cells[1].strip()] or [()]
    return tuple(
        cell
        for cells in said
        for name, cell in zip(names, cells, strict=False)
        if plain_key(name) == "url" and _ADDRESS.fullmatch(cell)
    )


def _identify_feed(text: Text) -> Identity:
    try:
        link = find_feed_link(text.pieces())
    except ListSyncError:
        return Identity()
    host = re.sub(r"^https?://(?:[a-z]+\.)??(?=[a-z]+\.)", "", link.lower())
    origin = next((name for name, sites in _SITES if host.startswith(sites)), None)
    return Identity(origin, (link,) if link else ())


def _head(content: bytes) -> bytes:
    head = content[:HEAD_BYTES]
    # Half a character at the end would make the text look like another encoding.
    return head if len(content) <= HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head


def find_account(name: str, content: bytes) -> str:
    """Return the account that an export belongs to, from its file about the account, or nothing."""
    text = decode(_head(content))
    if name.lower().endswith(".csv"):
        rows = list(csv.reader(text.splitlines()[:3]))
        columns = [cell.strip().lower() for cell in rows[0]] if rows else []
        place = columns.index("username") if "username" in columns else -1
        return clean_title(rows[1][place]) if place >= 0 and len(rows) > 1 and len(rows[1]) > place else ""
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    user = document.get("user", document) if isinstance(document, dict) else None
    return clean_title(user.get("username")) if isinstance(user, dict) else ""
