"""Reading a list that is synced once: the same way as any list, but nothing of it is kept for later runs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from list_sync.api.saved_lists.one_time import load_page
from list_sync.fetching.routes import FindProvider
from list_sync.model.one_time import ONE_TIME, OneTimeList
from list_sync.model.sources import Page, ProviderInfo
from list_sync.providers import FetchContext, Provider, Route, get_provider


def build_finder(source: OneTimeList | None, data_dir: Path) -> FindProvider:
    """Return how providers are found by name in a run, with that of the list that is synced once, if it is for one."""
    if source is None:
        return get_provider
    once = build_provider(source, data_dir)
    return lambda name: once if name == ONE_TIME else get_provider(name)


def build_provider(source: OneTimeList, data_dir: Path) -> Provider:
    """Return the provider of this one list, which no setting names."""

    def fetch(_list_id: str, *, context: FetchContext) -> Iterator[Page]:  # noqa: ARG001
        yield replace(load_page(source, data_dir), route="file" if source.file else "order")

    return Provider(ProviderInfo(ONE_TIME, ""), (Route("order", fetch, is_cached=False),))
