"""Between two runs: reads what the server has of titles that it told of, and stores the states that follow."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.correcting.stored import build_match
from list_sync.database.store import Store
from list_sync.files.lock import FileLock
from list_sync.model.decisions import SAID_BY_SERVER, ItemStatus, Knowledge, Skip, Wish
from list_sync.model.journal import RequestState
from list_sync.model.servers import Server, ServerInfo, TitleDetails
from list_sync.model.sources import ListRef
from list_sync.model.titles import TitleKey
from list_sync.planning.decide import decide
from list_sync.storage.journal import RequestJournal
from list_sync.storage.server_memory import save_details, save_states
from list_sync.storage.servers import find_answering, find_household_server
from list_sync.storage.sightings import next_state
from list_sync.storage.title_moves import move_title
from list_sync.storage.title_search import TitleRecord, find_matched
from list_sync.surveying.own import own_requests
from list_sync.surveying.reading import read_page

Tell = Callable[[int, ItemStatus, str], None]

# The states that the server's word may change; the others follow from lists, or from what the user said.
_MAY_CHANGE = SAID_BY_SERVER | {ItemStatus.WAITING, ItemStatus.WOULD_REQUEST, ItemStatus.UNSUPPORTED, ItemStatus.ERROR}
_REQUESTED = frozenset({ItemStatus.REQUESTED, ItemStatus.ALREADY_REQUESTED, ItemStatus.ALREADY_AVAILABLE})
# What is decided does not depend on the list, nor is anything requested here.
_SOURCES = (ListRef("webhook", "server"),)


def refresh_titles(
    titles: Mapping[TitleKey, bool],
    *,
    client: OverseerrClient,
    store: Store,
    run_lock: FileLock,
    now: Callable[[], datetime],
    tell: Tell | None,
) -> bool:
    """Read titles of the lists, store their states and tell each change; return False while another process syncs.

    Only the server itself is believed. Titles that were only requested, as those with True, are not read if ListSync
    knows that they are. Raise ServiceError or StorageError.
    """
    if not run_lock.acquire(timeout_seconds=0):
        return False
    try:
        store.open()
        with store.reading() as connection:
            wanted = find_matched(connection, store.household, titles)
        found = {key: _find_open(records, is_request=titles[key]) for key, records in wanted.items()}
        found = {key: records for key, records in found.items() if records}
        if found:
            _refresh(found, client, store, now, tell)
    finally:
        run_lock.release()
    return True


def _refresh(
    found: Mapping[TitleKey, Sequence[TitleRecord]],
    client: OverseerrClient,
    store: Store,
    now: Callable[[], datetime],
    tell: Tell | None,
) -> None:
    """Read titles, unless another server answers than that of the last run: nothing of it is believed before a run."""
    info = client.check_access()
    with store.reading() as connection:
        server = find_answering(connection, store.household, info, address=client.url)
        is_own = server is not None and server == find_household_server(connection, store.household)
    if server is not None and is_own:
        _Refresh(client, store, server, info, now, tell).read(found)


def _find_open(records: Sequence[TitleRecord], *, is_request: bool) -> list[TitleRecord]:
    """Return the rows of a title whose state the server's word may change."""
    return [one for one in records if one.status in _MAY_CHANGE and not (is_request and one.status in _REQUESTED)]


class _Refresh:
    """One look at some titles of one server."""

    def __init__(
        self,
        client: OverseerrClient,
        store: Store,
        server: Server,
        info: ServerInfo,
        now: Callable[[], datetime],
        tell: Tell | None,
    ) -> None:
        self._client = client
        self._store = store
        self._server = server
        self._info = info
        self._now = now
        self._tell = tell
        self._journal = RequestJournal(store, server_id=server.server_id, run_id=0, now=now)

    def read(self, wanted: Mapping[TitleKey, Sequence[TitleRecord]]) -> None:
        """Read titles one by one."""
        for key, records in wanted.items():
            at, page = self._now(), read_page(key, self._client)
            if isinstance(page, TitleDetails):
                self._take_in(key, page, records, at=at)

    def _take_in(self, key: TitleKey, page: TitleDetails, records: Sequence[TitleRecord], *, at: datetime) -> None:
        own = own_requests(self._journal.load_entries(*RequestState, title=key))
        knowledge = Knowledge(self._info, {key: page.state}, {key: page}, own)
        changes = [(record, _find_change(record, knowledge, at=at)) for record in records]
        with self._store.writing() as connection:
            save_states(connection, self._server.server_id, [page.state], at=at, replace=False)
            save_details(connection, [page], at=at)
            for record, change in changes:
                if change is not None:
                    move_title(connection, record.item_id, change.status, change.reason, at=at)
        for record, change in changes:
            if change is not None and self._tell is not None:
                self._tell(record.item_id, change.status, change.reason)


def _find_change(record: TitleRecord, knowledge: Knowledge, *, at: datetime) -> Skip | None:
    """Return what a run would say of a title now, if that is news from the server; runs decide about requests."""
    decision = decide(Wish(build_match(record, _SOURCES), record.quality), knowledge, now=at)
    if not isinstance(decision, Skip) or decision.status not in SAID_BY_SERVER:
        return None
    is_kept = next_state(record.status, decision.status) is not decision.status
    is_same = decision.status is record.status and (
        decision.reason == record.reason or record.status is ItemStatus.REQUESTED
    )
    return None if is_kept or is_same else decision
