"""Complete reading of the server's row lists, whose pages shift while somebody adds or removes rows."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic

from list_sync.api.answers import HttpAnswer
from list_sync.api.overseerr_payloads import Row, RowPage

# Measured on 20,000 rows: pages of 500 cost more in sum, pages of 5,000 block the server for a second each.
PAGE_SIZE = 1000
OVERLAP = 100

FetchPage = Callable[[int], HttpAnswer]


def count_pages(rows: int) -> int:
    """Return how many pages it takes to read this many rows; an empty list takes one as well."""
    return max(1, -(-rows // PAGE_SIZE))


def read_rows(
    fetch_page: FetchPage, parse: Callable[[object], RowPage[Row]], absorb: Callable[[Row], None], *, workers: int
) -> None:
    """Hand every row to `absorb` once, by its id; `fetch_page(skip)` reads up to PAGE_SIZE rows.

    Where rows came or went meanwhile, all is read again slowly and with overlap, so that no row that was
    there from start to end is missed.
    """
    reading = _Reading(fetch_page, parse, absorb)
    reading.read_in_parallel(workers)
    if not reading.is_settled:
        reading.read_with_overlap()


class _Reading(Generic[Row]):
    """One list while it is read; `absorb` is never called by two threads at once."""

    def __init__(
        self, fetch_page: FetchPage, parse: Callable[[object], RowPage[Row]], absorb: Callable[[Row], None]
    ) -> None:
        self._fetch_page = fetch_page
        self._parse = parse
        self._absorb = absorb
        self._lock = threading.Lock()
        self._seen: set[int] = set()
        self._totals: set[int] = set()

    @property
    def is_settled(self) -> bool:
        """Tell whether every page stated the same total and that many rows were seen."""
        return self._totals == {len(self._seen)}

    def read_in_parallel(self, workers: int) -> None:
        _count, total = self._read_page(0)
        with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="overseerr-page") as pool:
            pages = [pool.submit(self._read_page, skip) for skip in range(PAGE_SIZE, total, PAGE_SIZE)]
            try:
                for page in pages:
                    page.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def read_with_overlap(self) -> None:
        skip, total = 0, 1
        while skip < total:
            count, total = self._read_page(skip)
            if count == 0:
                return
            reaches_end = skip + count >= total
            skip += count if reaches_end else count - min(OVERLAP, count // 10)

    def _read_page(self, skip: int) -> tuple[int, int]:
        answer = self._fetch_page(skip)
        # One page is parsed at a time: as Python objects it takes five times the memory of its text.
        with self._lock:
            page = self._parse(answer.json())
            self._totals.add(page.total)
            for row_id, row in page.entries:
                self._take_in(row_id, row)
            return len(page.entries), page.total

    def _take_in(self, row_id: int, row: Row | None) -> None:
        if row_id in self._seen:
            return
        self._seen.add(row_id)
        if row is not None:
            self._absorb(row)
