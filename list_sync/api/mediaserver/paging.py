"""Complete reading of the server's row lists, whose pages shift while somebody adds or removes rows."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Generic

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.payloads import Row, RowPage

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
    """One list while it is read: threads fetch pages, the caller's thread alone reads what they hold."""

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

    def read_in_parallel(self, workers: int) -> None:
        _count, total = self._take_page(self._fetch_page(0))
        skips = iter(range(PAGE_SIZE, total, PAGE_SIZE))
        workers = max(1, workers)
        with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="overseerr-page") as pool:
            # No more pages are under way than there are threads: as text alone one takes two megabytes.
            pages = deque(pool.submit(self._fetch_page, skip) for skip in islice(skips, workers))
            try:
                while pages:
                    self._take_page(pages.popleft().result())
                    pages.extend(pool.submit(self._fetch_page, skip) for skip in islice(skips, 1))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

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
