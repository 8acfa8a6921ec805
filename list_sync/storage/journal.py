"""The journal of requests: each request is recorded before it is sent, and then its result."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, false, insert, select, true, tuple_, update

from list_sync.database.dialects import one_of
from list_sync.database.schema import households, known_media, sent_requests
from list_sync.database.store import Store
from list_sync.model.decisions import Request
from list_sync.model.households import HOME
from list_sync.model.journal import JournalEntry, RequestState
from list_sync.model.limits import EVERYONE
from list_sync.model.moments import CLOCKS_MAY_DIFFER_BY
from list_sync.model.servers import AnswerKind
from list_sync.model.sources import ListKey
from list_sync.model.terms import Approval, SentOptions
from list_sync.model.titles import MediaType, Quality, QualityKey, TitleKey
from list_sync.storage.server_memory import forget_fingerprint

OPEN = (RequestState.SENT, RequestState.ACCEPTED, RequestState.WITHDRAWING)
REACHED_THE_SERVER = (RequestState.ACCEPTED, RequestState.CONFIRMED, RequestState.VANISHED, RequestState.RELEASED)
_NOT_MADE = (RequestState.REFUSED, RequestState.LOST, RequestState.WITHDRAWN)

# What was imported is of no server until one was asked.
NO_SERVER = 0
_IS_UNSETTLED = (sent_requests.c.server_id == NO_SERVER) & (sent_requests.c.state == RequestState.IMPORTED.value)
ENTRY_COLUMNS = [sent_requests.c["id" if one.name == "entry_id" else one.name] for one in fields(JournalEntry)]
_KINDS = {kind.value: kind for kind in MediaType}
_QUALITIES = {quality.value: quality for quality in Quality}
_STATES = {state.value: state for state in RequestState}
_INTEND = insert(sent_requests).returning(sent_requests.c.id)
_SETTLE = (
    update(sent_requests)
    .where(sent_requests.c.id == bindparam("entry"))
    .values({name: bindparam(name) for name in ("state", "request_id", "answer", "settled_at")})
)


def is_settled(household: str) -> ColumnElement[bool]:
    """Return the condition that everything that was imported for a household was compared with a server."""
    return ~exists().where(_IS_UNSETTLED) if household == HOME else true()


class RequestJournal:
    """The journal of one run's requests to one server.

    An entry is committed before its request is sent. The result of a request is committed with the next entry, or by
    `flush`. A run that is killed in between leaves the entry open, and the next run looks for the request.
    """

    def __init__(self, store: Store, *, server_id: int, run_id: int, now: Callable[[], datetime]) -> None:
        self._store = store
        self.server_id = server_id
        self._run_id = run_id
        self._now = now
        self._settled: list[dict[str, object]] = []

    def intend(self, request: Request) -> int:
        """Record a request before it is sent; return the number of the entry."""
        row = {
            "server_id": self.server_id,
            "run_id": self._run_id,
            "media_type": request.match.media_type.value,
            "tmdb_id": request.match.tmdb_id,
            "quality": request.quality.value,
            "seasons": ",".join(map(str, request.seasons)),
            "requester_id": request.requester_id,
            "sent_at": self._now(),
            "state": RequestState.SENT.value,
            "answer": "",
            "note": "",
            "list_type": request.source and request.source.provider,
            "list_id": request.source and request.source.list_id,
            "approval": request.approval.value,
            "options": request.options and asdict(request.options),
        }
        with self._store.writing() as connection:
            self._write_settled(connection)
            entry_id = int(connection.execute(_INTEND, row).scalar_one())
        self._settled.clear()
        return entry_id

    def settle(self, entry_id: int, *, state: RequestState, request_id: int | None = None, answer: str = "") -> None:
        """Note the result of a request."""
        row = {"entry": entry_id, "state": RequestState(state).value, "request_id": request_id, "answer": answer}
        self._settled.append(row | {"settled_at": self._now()})

    def flush(self) -> None:
        """Commit the result of the latest request."""
        if self._settled:
            with self._store.writing() as connection:
                self._write_settled(connection)
            self._settled.clear()

    def _write_settled(self, connection: Connection) -> None:
        for row in self._settled:
            connection.execute(_SETTLE, row)

    def load_asked_since(self, at: datetime, requester_id: int) -> dict[QualityKey, datetime]:
        """Return the titles that we requested for a user since a moment and that may have reached the server, and when.

        EVERYONE stands for all users. Entries dated far in the future, by a wrong clock, are left out: they would count
        without end.
        """
        is_theirs = true() if requester_id == EVERYONE else sent_requests.c.requester_id == requester_id
        is_new = sent_requests.c.sent_at.between(at, self._now() + CLOCKS_MAY_DIFFER_BY)
        return {key: sent_at for _, key, sent_at in self._load_made(is_theirs & is_new)}

    def load_requests_of_lists(self, lists: Collection[ListKey]) -> Iterator[tuple[ListKey, QualityKey, datetime]]:
        """Yield the titles that we requested for some lists and that may have reached the server, oldest first."""
        of_lists = tuple_(sent_requests.c.list_type, sent_requests.c.list_id).in_(lists)
        return self._load_made(of_lists)

    def _load_made(self, which: ColumnElement[bool]) -> Iterator[tuple[ListKey, QualityKey, datetime]]:
        """Yield the titles that may have reached the server, with the list they were for and when, oldest first."""
        self.flush()
        columns = sent_requests.c
        arrived = columns.state.not_in([state.value for state in _NOT_MADE])
        made = columns.answer.in_(["", AnswerKind.CREATED.value])
        ours = (columns.server_id == self.server_id) & arrived & made & which
        names = ("list_type", "list_id", "media_type", "tmdb_id", "quality", "sent_at")
        statement = select(*(columns[name] for name in names)).where(ours).order_by(columns.id)
        with self._store.reading() as connection:
            for provider, list_id, kind, tmdb_id, quality, sent_at in connection.execute(statement):
                yield ListKey(provider, list_id), (_KINDS[kind], tmdb_id, _QUALITIES[quality]), sent_at

    def mark(
        self, entry_ids: Collection[int], state: RequestState, note: str = "", *, undone_in: int | None = None
    ) -> None:
        """Record a state of several entries that was found out later, and why, or in which run they are undone.

        What was not withdrawn is not undone either: it may be withdrawn later for another reason.
        """
        if not entry_ids:
            return
        values: dict[str, object] = {"state": RequestState(state).value, "settled_at": self._now()}
        values |= {"note": note} if note else {}
        values |= {"undone_in": undone_in} if state is not RequestState.WITHDRAWN else {}
        self.flush()
        with self._store.writing() as connection:
            connection.execute(update(sent_requests).where(one_of(sent_requests.c.id, entry_ids)).values(values))

    def load_entries(
        self,
        *states: RequestState,
        since: datetime | None = None,
        title: TitleKey | None = None,
        run_id: int | None = None,
    ) -> tuple[JournalEntry, ...]:
        """Return every request to this server in one of the states, sent since a moment, oldest first."""
        self.flush()
        columns = sent_requests.c
        chosen = (columns.server_id == self.server_id) & columns.state.in_(
            [RequestState(state).value for state in states]
        )
        if since is not None:
            chosen &= columns.sent_at >= since
        if run_id is not None:
            chosen &= columns.run_id == run_id
        if title is not None:
            chosen &= (columns.media_type == title[0].value) & (columns.tmdb_id == title[1])
        with self._store.reading() as connection:
            return tuple(map(read_entry, connection.execute(select(*ENTRY_COLUMNS).where(chosen).order_by(columns.id))))

    def is_of_another_server(self, run_id: int) -> bool:
        """Return whether a run recorded requests to a server that is not this one."""
        columns = sent_requests.c
        elsewhere = (columns.run_id == run_id) & (columns.server_id != self.server_id)
        with self._store.reading() as connection:
            return bool(connection.scalar(select(exists().where(elsewhere))))

    def load_unsettled(self) -> tuple[JournalEntry, ...]:
        """Return what was imported and not compared with a server yet; all of that belongs to the first household."""
        if self._store.household != HOME:
            return ()
        columns = sent_requests.c
        imported = select(*ENTRY_COLUMNS).where(_IS_UNSETTLED).order_by(columns.id)
        with self._store.reading() as connection:
            return tuple(map(read_entry, connection.execute(imported)))

    def adopt(self, entries: Iterable[tuple[RequestState, Collection[int]]]) -> None:
        """Record that imported entries are about this server, in their states."""
        columns, at = sent_requests.c, self._now()
        with self._store.writing() as connection:
            for state, entry_ids in entries:
                values = {"server_id": self.server_id, "state": state.value, "settled_at": at}
                chosen = _IS_UNSETTLED & one_of(columns.id, entry_ids)
                connection.execute(update(sent_requests).where(chosen).values(values))

    def load_sent_options(self, entry_ids: Collection[int]) -> dict[int, tuple[SentOptions | None, Approval]]:
        """Return where requests were sent to go, and by whose approval, by the numbers of their entries."""
        columns = sent_requests.c
        chosen = select(columns.id, columns.options, columns.approval).where(one_of(columns.id, entry_ids))
        with self._store.reading() as connection:
            rows = connection.execute(chosen).all()
        return {row.id: (row.options and _read_options(row.options), Approval(row.approval)) for row in rows}


def _read_options(options: dict[str, Any]) -> SentOptions:
    tags = options["tags"]
    return SentOptions(**{**options, "tags": None if tags is None else tuple(tags)})


def read_entry(row: Row[Any]) -> JournalEntry:
    """Return the entry of a row with the columns in the order of its fields."""
    entry_id, run_id, kind, tmdb_id, quality, seasons, requester_id, sent_at, state, *answer = tuple(row)
    numbers = tuple(map(int, seasons.split(","))) if seasons else ()
    title = (_KINDS[kind], tmdb_id, _QUALITIES[quality], numbers, requester_id)
    return JournalEntry(entry_id, run_id, *title, sent_at, _STATES[state], *answer)


RELEASED = (RequestState.CONFIRMED, RequestState.VANISHED, RequestState.REFUSED, RequestState.IMPORTED)


def release(
    connection: Connection,
    household: str,
    media_type: MediaType,
    tmdb_id: int,
    *,
    states: Collection[RequestState] = RELEASED,
) -> int:
    """Release the entries of a title, so that it can be requested again; return their number."""
    columns = sent_requests.c
    of_household = columns.server_id.in_(select(households.c.server_id).where(households.c.name == household))
    is_unsettled = _IS_UNSETTLED if household == HOME else false()
    about = (of_household | is_unsettled) & (columns.media_type == media_type.value) & (columns.tmdb_id == tmdb_id)
    chosen = about & columns.state.in_([state.value for state in states])
    released = connection.execute(update(sent_requests).where(chosen).values(state=RequestState.RELEASED.value))
    undone = about & columns.undone_in.is_not(None)
    return released.rowcount + connection.execute(update(sent_requests).where(undone).values(undone_in=None)).rowcount


def is_undone(connection: Connection, household: str, title: TitleKey) -> bool:
    """Return whether a request for a title was withdrawn by an undo, so that the title stays away."""
    columns = sent_requests.c
    of_household = columns.server_id.in_(select(households.c.server_id).where(households.c.name == household))
    about = of_household & (columns.media_type == title[0].value) & (columns.tmdb_id == title[1])
    return bool(connection.scalar(select(exists().where(about & columns.undone_in.is_not(None)))))


def settle_vanished(connection: Connection, server_id: int, *, ask_again: bool) -> int:
    """Mark the requests that vanished at once: to be requested again, or as deleted by people; return their number."""
    columns = sent_requests.c
    vanished = (columns.server_id == server_id) & (columns.state == RequestState.VANISHED.value)
    # After a kill, the memory of the server may be older than this, and the same requests would be found missing again.
    media = known_media.c
    is_about = (columns.media_type == media.media_type) & (columns.tmdb_id == media.tmdb_id)
    remembered = (media.server_id == server_id) & exists().where(vanished & is_about)
    connection.execute(update(known_media).where(remembered).values(requests=""))
    # This also deletes the other requests of these titles from the memory, so everything must be read.
    forget_fingerprint(connection, server_id)
    state = RequestState.RELEASED if ask_again else RequestState.CONFIRMED
    return connection.execute(update(sent_requests).where(vanished).values(state=state.value)).rowcount
