"""The last good copy of every list, used when its source cannot be read.

A copy of a private list belongs to an account: the watchlists of two accounts have one id, and not the same titles.
`account` is "" for lists that are the same for everyone.
"""

from sqlalchemy import ColumnElement, Connection, select, update

from list_sync.database.schema import list_copies
from list_sync.database.statements import upsert
from list_sync.model.sources import FetchResult, ListCopy, ListRef
from list_sync.storage.lists import is_list
from list_sync.storage.packing import pack_result, unpack_result


def find_copy(connection: Connection, source: ListRef, account: str) -> ListCopy | None:
    """Return the last good copy of a list."""
    columns = select(list_copies.c.content, list_copies.c.doubt)
    row = connection.execute(columns.where(_is_of(source, account))).first()
    result = unpack_result(row.content, source) if row else None
    return ListCopy(result, row.doubt) if row and result else None


def save_copy(connection: Connection, result: FetchResult, account: str) -> None:
    """Store a good result in place of the last one, and remove any doubt."""
    row: dict[str, object] = {
        "list_type": result.source.provider,
        "list_id": result.source.list_id,
        "account": account,
        "copied_at": result.fetched_at,
        "doubt": None,
        "content": pack_result(result),
    }
    upsert(connection, list_copies, [row])


def save_doubt(connection: Connection, source: ListRef, account: str, doubt: str | None) -> None:
    """Store the doubt about a much shorter result since the copy, or remove it."""
    connection.execute(update(list_copies).where(_is_of(source, account)).values(doubt=doubt))


def _is_of(source: ListRef, account: str) -> ColumnElement[bool]:
    return is_list(list_copies, source.key) & (list_copies.c.account == account)
