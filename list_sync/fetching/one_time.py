"""Reading a list that is synced once: the same way as any list, but nothing of it is kept for later runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from list_sync.api.saved_lists.one_time import load_page
from list_sync.model.one_time import ONE_TIME, OneTimeList
from list_sync.model.sources import Page, ProviderInfo
from list_sync.providers import FetchContext, Provider, Route


def build_provider(source: OneTimeList, data_dir: Path) -> Provider:
    """Return the provider of this one list, which no setting names."""

    def fetch(_list_id: str, *, context: FetchContext) -> Iterator[Page]:  # noqa: ARG001
        yield replace(load_page(source, data_dir), route="file" if source.file else "order")

    return Provider(ProviderInfo(ONE_TIME, ""), (Route("order", fetch, is_cached=False),))
