"""Asks the server what it has of the imported titles, in bulk, and reports it; without a server the first sync does."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

from list_sync.api.overseerr import OverseerrClient
from list_sync.clients import build_client
from list_sync.config import Settings
from list_sync.database.store import Store
from list_sync.errors import ConfigError, ServiceError, reasons_of
from list_sync.importing.report import Fate, Report, Thing
from list_sync.importing.titles import OldTitle, find_proofs
from list_sync.model.decisions import ItemStatus
from list_sync.model.households import HOME
from list_sync.model.journal import KNOWN_BEFORE, REQUESTED_BEFORE, JournalEntry, RequestState, describe_taken_back
from list_sync.model.servers import Availability, MediaState
from list_sync.model.titles import Quality, QualityKey, TitleKey
from list_sync.storage.imports import add_requests, show_states
from list_sync.storage.journal import NO_SERVER, RequestJournal
from list_sync.storage.servers import find_household_server, recognise_server
from list_sync.surveying.imported import Settled, compare_imported, settle_imported

_AVAILABLE = (Availability.AVAILABLE, Availability.PARTIALLY_AVAILABLE)
_REQUESTED = (ItemStatus.ALREADY_REQUESTED, "requested")
# 0.6 nearly always stored the number of what it requested.
MOST_LOOKED_UP = 200
_WITHOUT_NUMBER = "requested or seen without a TMDB number: if people took one back, list-sync ban keeps it away"
_LATER = "requested by 0.6, or on the server when it looked: the next sync asks the server, before it requests anything"
_ON_SERVER = "on the server"
_GONE = "gone from the server: taken back by people, so not requested again without list-sync pin"
_CONFUSED = "the server has the other kind with that number, which 0.6 confused: the next sync decides anew"
_RESET = (
    "gone from the server, as most of what 0.6 requested: list-sync accept-reset --ask-again if the server lost its"
    " data, or --keep-away if people removed them"
)


def settle(
    store: Store,
    settings: Settings,
    quality: Quality,
    titles: Collection[OldTitle],
    report: Report,
    *,
    now: datetime,
) -> None:
    """Compare what was imported with the server, if it answers, and report what came of it."""
    journal = RequestJournal(store, server_id=NO_SERVER, run_id=0, now=lambda: now)
    unnumbered = [one for one in titles if one.number is None and one.status.proves_request]
    entries = journal.load_unsettled()
    if entries or any(one.imdb_id for one in unnumbered):
        try:
            journal.server_id, states = _read_server(store, settings, unnumbered, now=now)
        except (ConfigError, ServiceError) as error:
            report.add(Fate.TAKEN, Thing.TITLE, _LATER, *_name_all(entries, titles))
            report.notes.append(f"the server could not be asked now: {reasons_of(error)[0]}")
        else:
            with store.writing() as connection:
                add_requests(connection, HOME, find_proofs(unnumbered, quality, now=now))
            entries = journal.load_unsettled()
            settled = compare_imported(entries, states)
            # Shown first: if the import is cut off after it, the next one compares the same entries.
            with store.writing() as connection:
                show_states(connection, HOME, dict(_find_states(settled, entries, states)))
            settle_imported(journal, states)
            _report_settled(settled, entries, titles, report)
    report.add(Fate.OPEN, Thing.TITLE, _RESET, *_name_all(_load_vanished(store, journal), titles))
    report.add(Fate.LEFT, Thing.TITLE, _WITHOUT_NUMBER, *(one.label for one in unnumbered if one.number is None))


def _load_vanished(store: Store, journal: RequestJournal) -> list[JournalEntry]:
    """Return what waits for accept-reset, also since an earlier import."""
    with store.reading() as connection:
        server = find_household_server(connection, HOME)
    journal.server_id = server.server_id if server else NO_SERVER
    entries = journal.load_entries(RequestState.VANISHED)
    return [entry for entry in entries if entry.answer in (REQUESTED_BEFORE, KNOWN_BEFORE)]


def _find_states(
    settled: Settled, entries: Iterable[JournalEntry], states: Mapping[TitleKey, MediaState]
) -> Iterator[tuple[QualityKey, tuple[ItemStatus, str]]]:
    """Yield the state and the reason of each title as far as the server decides them."""
    standing, gone = set(settled.standing), set(settled.gone)
    for entry in entries:
        if entry.entry_id in standing:
            is_available = states[entry.title_key].availability_in(entry.quality) in _AVAILABLE
            state = (ItemStatus.ALREADY_AVAILABLE, "available") if is_available else _REQUESTED
            yield entry.quality_key, (state[0], f"{state[1]} on the server")
        elif entry.entry_id in gone and settled.is_reset:
            yield entry.quality_key, (ItemStatus.WAITING, _RESET)
        elif entry.entry_id in gone:
            reason = describe_taken_back(entry.sent_at, None, is_imported=True)
            yield entry.quality_key, (ItemStatus.DECLINED, reason)


def _report_settled(
    settled: Settled, entries: Collection[JournalEntry], titles: Collection[OldTitle], report: Report
) -> None:
    for fate, reason, numbers in (
        (Fate.TAKEN, _ON_SERVER, settled.standing),
        (Fate.TAKEN, _GONE, () if settled.is_reset else settled.gone),
        (Fate.CHANGED, _CONFUSED, settled.confused),
    ):
        chosen = set(numbers)
        found = [entry for entry in entries if entry.entry_id in chosen]
        report.add(fate, Thing.TITLE, reason, *_name_all(found, titles))


def _read_server(
    store: Store, settings: Settings, unnumbered: Collection[OldTitle], *, now: datetime
) -> tuple[int, Mapping[TitleKey, MediaState]]:
    """Return the number of the server and all that it has; find the numbers of titles of which it knows the IMDb id."""
    client = build_client(settings)
    try:
        info = client.check_access()
        find_numbers(client, unnumbered)
        states = client.fetch_states(workers=settings.process.max_workers)
    finally:
        client.close()
    with store.writing() as connection:
        server, _ = recognise_server(connection, HOME, info, address=client.url, at=now)
    return server.server_id, states


def find_numbers(client: OverseerrClient, titles: Iterable[OldTitle]) -> None:
    """Look up titles without a number by their IMDb ids, one call for each of the first ones."""
    for title in itertools.islice((one for one in titles if one.imdb_id), MOST_LOOKED_UP):
        candidates = client.find_by_imdb(title.imdb_id or "")
        fitting = [one for one in candidates if title.media_type in (None, one.media_type)]
        if len(fitting) == 1:
            title.media_type, title.number = fitting[0].media_type, fitting[0].tmdb_id


def _name_all(entries: Iterable[JournalEntry], titles: Iterable[OldTitle]) -> list[str]:
    """Return what people call the titles of entries, each once: one of an unknown kind has two entries."""
    names: dict[object, str] = {title.key or title.number: title.label for title in titles if title.number}
    keys = [entry.title_key if entry.title_key in names else entry.tmdb_id for entry in entries]
    return [names.get(key, str(key)) for key in dict.fromkeys(keys)]
