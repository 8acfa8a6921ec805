"""Complete reading of the server's row lists, whose pages shift while people add or remove rows."""

import threading
from collections.abc import Callable
from typing import Generic

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.payloads import Row, RowPage
from list_sync.workers import run_parallel

# Measured on 20,000 rows: pages of 500 cost more in sum, pages of 5,000 block the server for a second each.
PAGE_SIZE = 1000
OVERLAP = 100

FetchPage = Callable[[int], HttpAnswer]


def count_pages(rows: int) -> int:
    """Return how many pages it takes to read this many rows; an empty list takes one as well."""
    return max(1, -(-rows // PAGE_SIZE))


def read_rows(
    fetch_page: FetchPage,
    parse: Callable[[object], RowPage[Row]],
    absorb: Callable[[Row], None],
    *,
    workers: int,
    stop: threading.Event,
) -> None:
    """Hand every row to `absorb` once, by its id; `fetch_page(skip)` reads up to PAGE_SIZE rows.

    Where rows came or went meanwhile, all is read again slowly and with overlap, so that no row that was
    there from start to end is missed.
    """
    reading = _Reading(fetch_page, parse, absorb)
    reading.read_in_parallel(workers, stop)
    if not reading.is_settled:
        reading.read_with_overlap()


class _Reading(Generic[Row]):
    """One list while it is read: threads fetch pages, and only the calling thread parses them."""

    def __init__(
        self, fetch_page: FetchPage, parse: Callable[[object], RowPage[Row]], absorb: Callable[[Row], None]
    ) -> None:
        self._fetch_page = fetch_page
        self._parse = parse
        self._absorb = absorb
        self._seen: set[int] = set()
        self._totals: set[int] = set()

    @property
    def is_settled(self) -> bool:
        """Tell whether every page stated the same total and that many rows were seen."""
        return self._totals == {len(self._seen)}

    def read_in_parallel(self, workers: int, stop: threading.Event) -> None:
        _count, total = self._take_page(self._fetch_page(0))
        run_parallel(
            range(PAGE_SIZE, total, PAGE_SIZE),
            self._fetch_page,
            lambda _skip, answer: self._take_page(answer),
            workers=workers,
            stop=stop,
            doing="the server's titles and requests were being read",
        )

    def read_with_overlap(self) -> None:
        skip, total = 0, 1
        while skip < total:
            count, total = self._take_page(self._fetch_page(skip))
            if count == 0:
                return
            reaches_end = skip + count >= total
            skip += count if reaches_end else count - min(OVERLAP, count // 10)

    def _take_page(self, answer: HttpAnswer) -> tuple[int, int]:
        page = self._parse(answer.json())
        self._totals.add(page.total)
        for row_id, row in page.entries:
            if row_id not in self._seen:
                self._seen.add(row_id)
                if row is not None:
                    self._absorb(row)
        return len(page.entries), page.total
