"""Who learns how a sync ended: a monitor by pings, and people by messages."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from list_sync.api.pings import Monitor
from list_sync.config import Settings
from list_sync.config.messages import find_addresses
from list_sync.database.store import Store
from list_sync.model.report import SyncReport
from list_sync.model.sources import ListKey
from list_sync.notifying.notifier import Audience, Notifier
from list_sync.providers import with_canonical_id
from list_sync.workers import Stop


class Telling:
    """The monitor and the messages of one session; `find_settings` returns the settings that count now."""

    def __init__(
        self, store: Store, find_settings: Callable[[], Settings], *, stop: Stop, now: Callable[[], datetime]
    ) -> None:
        settings = find_settings()
        self._monitor = Monitor(settings.process.healthchecks_url, stop=stop)
        self._notifier = Notifier(
            store,
            find_audience(settings),
            find_names=lambda: name_lists(find_settings()),
            stop=stop,
            now=now,
        )

    @contextmanager
    def told(self, *, dry_run: bool) -> Iterator[Callable[[SyncReport], None]]:
        """Tell that a sync begins, and how it ended: by its report, or by the error that broke it off."""
        with self._monitor.told(dry_run=dry_run) as ping_end, self._notifier.told(dry_run=dry_run) as tell_end:

            def tell(report: SyncReport) -> None:
                ping_end(report)
                tell_end(report)

            yield tell

    def note_pause(self, until: datetime | None) -> None:
        """Tell that a pause began or is over."""
        self._notifier.note_pause(until)

    def note_backups(self, trouble: str) -> None:
        """Tell why no backup could be made; "" once one could."""
        self._notifier.note_backups(trouble)

    def close(self) -> None:
        """Wait a short time for the last ping and the last message."""
        self._monitor.close()
        self._notifier.close()


def find_audience(settings: Settings) -> Audience:
    """Return who is told, and of what."""
    process = settings.process
    addresses = find_addresses(process.notify_urls, process.discord_webhook_url)
    return Audience(addresses, process.notify_on, settings.web.web_base_url)


def name_lists(settings: Settings) -> Mapping[ListKey, str]:
    """Return the names of the lists that are set, as people know them."""
    return {with_canonical_id(ref).key: ref.terms.name or str(ref) for ref in settings.household.lists}
