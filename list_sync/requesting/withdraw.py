"""Withdraw requests: the only module that does, and never by a number alone."""

from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import AnswerLost, ServiceError
from list_sync.model.journal import RequestIdentity, RequestState
from list_sync.model.servers import ServerRequest
from list_sync.requesting.identity import find_own
from list_sync.storage.journal import RequestJournal


def withdraw(
    row: ServerRequest,
    entry_id: int,
    identity: RequestIdentity,
    server: OverseerrClient,
    journal: RequestJournal,
    *,
    because: str,
    undone_in: int | None = None,
) -> None:
    """Withdraw our request, given its entry in the journal and the row that was just read of it.

    The journal records the intention before the DELETE is sent. If no answer comes, the entry stays open, and the next
    run looks whether the request is still there. `undone_in` is the run that undoes another one: the title then stays
    away.
    Raise ValueError for a row that is not ours beyond doubt, and ServiceError if the server does not withdraw it.
    """
    if find_own([row], identity) is None or None in (row.requester_id, identity.requester_id):
        raise ValueError(f"request {row.request_id} is not the one that was sent")
    journal.mark([entry_id], RequestState.WITHDRAWING, because, undone_in=undone_in)
    try:
        server.delete_request(row.request_id)
    except AnswerLost:
        raise
    except ServiceError as error:
        # The row was just read, so it is proven to be there.
        journal.mark([entry_id], RequestState.CONFIRMED, f"{because}; not withdrawn: {error}")
        raise
    journal.mark([entry_id], RequestState.WITHDRAWN, because)
