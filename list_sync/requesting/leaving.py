"""Withdraw our pending requests of titles that left all lists, if the list that they were made for says so."""

import threading
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import ServiceError
from list_sync.model.decisions import Policy, RequestOutcome
from list_sync.model.journal import STANDING, JournalEntry, RequestState
from list_sync.model.leaving import MOST_WITHDRAWN_IN_A_RUN, LeftState, LeftTitle
from list_sync.model.matches import NoMatch
from list_sync.model.plans import LineKind
from list_sync.model.servers import AnswerKind, MediaState, RequestStatus, ServerRequest
from list_sync.model.sources import FetchResult, FetchState, ListKey, ListRef
from list_sync.model.terms import Withdrawal
from list_sync.model.titles import TitleKey
from list_sync.requesting.identity import find_own
from list_sync.requesting.withdraw import withdraw
from list_sync.storage.record import Record

BECAUSE = "the title left all lists"


def find_left(
    lists: Sequence[ListRef],
    fetched: Sequence[FetchResult],
    outcomes: Sequence[RequestOutcome],
    record: Record,
    resting: Collection[ListKey],
    *,
    now: datetime,
) -> list[tuple[LeftTitle, JournalEntry]]:
    """Return the requests to withdraw, as far as memory tells; none if any list was not read completely.

    The title may have moved to that list, or to a `resting` one, which counts by its last complete reading.
    """
    asking = {source.key for source in lists if source.terms.withdraw is Withdrawal.PENDING}
    if not asking or any(result.state is not FetchState.COMPLETE for result in fetched):
        return []
    # In any quality: a run that wants titles in 4K alone sees no other one of what its lists hold.
    seen = {outcome.decision.title_key for outcome in outcomes}
    entries = [
        entry for entry in record.journal.load_entries(*STANDING, RequestState.WITHDRAWN) if _is_of(entry, asking)
    ]
    gone = [entry for entry in entries if entry.title_key not in seen]
    if not gone:
        return []
    # A reading from the cache is not new, nor is one by a clock that was ahead.
    readings = {result.source.key: record.started_at <= result.fetched_at <= now for result in fetched}
    return record.load_left(gone, readings, unmatched=_find_unmatched(outcomes), resting=resting)


def _is_of(entry: JournalEntry, asking: Collection[ListKey]) -> bool:
    is_ours = entry.answer == AnswerKind.CREATED and entry.request_id is not None and entry.requester_id is not None
    is_undone = _is_over(entry) and (entry.undone_in is not None or not entry.note.startswith(BECAUSE))
    return is_ours and not is_undone and ListKey(entry.list_type or "", entry.list_id or "") in asking


def _find_unmatched(outcomes: Sequence[RequestOutcome]) -> Set[str]:
    unmatched = (outcome.result for outcome in outcomes if isinstance(outcome.result, NoMatch))
    return {key for result in unmatched for key in result.wanted.item.keys}


def withdraw_left(
    found: Sequence[tuple[LeftTitle, JournalEntry]],
    known: Mapping[TitleKey, MediaState],
    server: OverseerrClient,
    record: Record,
    *,
    policy: Policy,
    stop: threading.Event,
) -> tuple[LeftTitle, ...]:
    """Withdraw at most ten requests that are still pending and ours alone; return what became of each.

    The server is read only for requests that were pending when it was read last, and that a plan does not leave out.
    """
    ours = {entry.request_id for _, entry in found}
    # The run that withdrew them was cut off.
    told = [_settled(title, LeftState.WITHDRAWN, _describe(title)) for title, entry in found if _is_over(entry)]
    pending = [
        (title, entry)
        for title, entry in found
        if not _is_over(entry) and _is_chosen(title, policy) and _find_pending(known.get(title.key[:2]), entry, ours)
    ]
    for title, entry in pending[:MOST_WITHDRAWN_IN_A_RUN]:
        if stop.is_set():
            break
        try:
            told.append(_withdraw(title, entry, ours, server, record, dry_run=policy.dry_run))
        except ServiceError as error:
            told.append(_settled(title, LeftState.KEPT, f"{BECAUSE}, but its request was not withdrawn: {error}"))
            break
    return tuple(told)


def _is_over(entry: JournalEntry) -> bool:
    return entry.state is RequestState.WITHDRAWN


def _is_chosen(title: LeftTitle, policy: Policy) -> bool:
    """Return whether a plan, if there is one, withdraws the request."""
    line = policy.planned.get(title.key) if policy.planned is not None else None
    return policy.planned is None or (line is not None and line.kind is LineKind.WITHDRAW)


def _withdraw(
    title: LeftTitle,
    entry: JournalEntry,
    ours: Collection[int | None],
    server: OverseerrClient,
    record: Record,
    *,
    dry_run: bool,
) -> LeftTitle:
    details = server.find_details(*title.key[:2])
    row = _find_pending(details.state if details else None, entry, ours)
    if row is None:
        return _settled(
            title, LeftState.KEPT, f"{BECAUSE}, but its request is not pending any more, or others asked too"
        )
    if dry_run:
        return _settled(title, LeftState.WOULD_WITHDRAW, f"request {row.request_id} would be withdrawn: {BECAUSE}")
    withdraw(row, entry.entry_id, entry.identity, server, record.journal, because=BECAUSE)
    return _settled(title, LeftState.WITHDRAWN, _describe(title))


def _find_pending(state: MediaState | None, entry: JournalEntry, ours: Collection[int | None]) -> ServerRequest | None:
    """Return our request if it waits for approval, and only we asked for the title in this quality."""
    requests = state.requests_in(entry.quality) if state else ()
    row = find_own(requests, entry.identity)
    others = [one for one in requests if one.request_id not in ours and one.status is not RequestStatus.DECLINED]
    is_ours_alone = row is not None and row.status is RequestStatus.PENDING and row.requester_id is not None
    return row if is_ours_alone and not others else None


def _describe(title: LeftTitle) -> str:
    return f"our request {title.request_id} was withdrawn: {BECAUSE}"


def _settled(title: LeftTitle, state: LeftState, reason: str) -> LeftTitle:
    return replace(title, state=state, reason=reason)
