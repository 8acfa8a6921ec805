"""A provider whose lists named deadly end the process in which they are read; run as a program, it reads some lists."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from list_sync.api.http.client import HttpClient
from list_sync.database.store import open_store
from list_sync.fetching.pool import fetch_lists
from list_sync.fetching.reuse import Reuse
from list_sync.model.moments import utc_now
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchResult, ListRef, Page
from list_sync.model.titles import MediaItem
from list_sync.providers import FetchContext, register_provider
from list_sync.storage.list_memory import ListMemory

PARENT = os.environ.get("PARENT_OF_DEADLY_LISTS", "")
asked: list[str] = []


@register_provider("mortal", route="file", is_cached=False)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the one page of a list, or end the process."""
    asked.append(list_id)
    if list_id.startswith("deadly") and PARENT:
        os.kill(os.getpid(), signal.SIGKILL)
    yield Page([MediaItem(list_id, year=1999)], total=1)


def read(folder: Path, *names: str, later: timedelta = timedelta(), url: str = "") -> Mapping[str, FetchResult]:
    """Return the results of some lists, read by a run with the memory of a folder."""
    asked.clear()
    context = FetchContext(http=HttpClient("mortal"), drop_folder=folder / "drop", base_url=url)

    def now() -> datetime:
        return utc_now() + later

    with open_store(folder / "memory.db") as store:
        results = fetch_lists(
            [ListRef("mortal", name) for name in names],
            make_context=lambda _: context,
            workers=len(names),
            stop=threading.Event(),
            now=now,
            reuse=Reuse(ListMemory(store, HOME)),
        )
    return dict(zip(names, results, strict=True))


if __name__ == "__main__":
    read(Path(sys.argv[1]), *sys.argv[2:])
