"""Asks the server what it has of the imported titles, in bulk, and reports it; without a server the first sync does."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from list_sync.clients import build_client
from list_sync.config import Settings
from list_sync.database.store import Store
from list_sync.errors import ConfigError, ServiceError
from list_sync.importing.report import Fate, Report, Thing
from list_sync.importing.titles import OldTitle
from list_sync.model.households import HOME
from list_sync.model.journal import JournalEntry
from list_sync.model.servers import MediaState
from list_sync.model.titles import TitleKey
from list_sync.storage.journal import RequestJournal
from list_sync.storage.servers import recognise_server
from list_sync.surveying.imported import settle_imported

_LATER = "requested by 0.6, or on the server when it looked: the next sync asks the server, before it requests anything"
_ON_SERVER = "the server has them"
_GONE = "gone from the server: taken back by people, so not requested again unless you pin them"
_CONFUSED = "the server has the other kind with that number, which 0.6 confused: the next sync decides anew"
_RESET = "most of what 0.6 requested is gone from the server: their titles wait for list-sync accept-reset"


def settle(store: Store, settings: Settings, titles: Collection[OldTitle], report: Report, *, now: datetime) -> None:
    """Compare what was imported with the server, if it answers, and report what came of it."""
    journal = RequestJournal(store, server_id=0, run_id=0, now=lambda: now)
    if not (entries := journal.load_unsettled()):
        return
    try:
        journal.server_id, states = _read_server(store, settings, now=now)
    except (ConfigError, ServiceError) as error:
        report.add(Fate.TAKEN, Thing.TITLE, _LATER, *_name_all(entries, titles))
        report.notes.append(f"the server could not be asked now: {error}")
        return
    settled = settle_imported(journal, states)
    of_gone = (Fate.OPEN, _RESET) if settled.is_reset else (Fate.TAKEN, _GONE)
    for (fate, reason), numbers in (
        ((Fate.TAKEN, _ON_SERVER), settled.standing),
        (of_gone, settled.gone),
        ((Fate.CHANGED, _CONFUSED), settled.confused),
    ):
        chosen = set(numbers)
        found = [entry for entry in entries if entry.entry_id in chosen]
        report.add(fate, Thing.TITLE, reason, *_name_all(found, titles))


def _read_server(store: Store, settings: Settings, *, now: datetime) -> tuple[int, Mapping[TitleKey, MediaState]]:
    client = build_client(settings)
    try:
        info = client.check_access()
        states = client.fetch_states(workers=settings.process.max_workers)
    finally:
        client.close()
    with store.writing() as connection:
        server, _ = recognise_server(connection, HOME, info, address=client.url, at=now)
    return server.server_id, states


def _name_all(entries: Iterable[JournalEntry], titles: Iterable[OldTitle]) -> list[str]:
    """Return what people call the titles of entries, each once: one of an unknown kind has two entries."""
    names = {title.number: title.label for title in titles if title.number}
    return [names.get(number, str(number)) for number in dict.fromkeys(entry.tmdb_id for entry in entries)]
