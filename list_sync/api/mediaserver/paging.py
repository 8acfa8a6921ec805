"""Complete reading of the server's row lists, whose pages shift while people add or remove rows."""

import threading
from collections.abc import Callable
from typing import Generic

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.payloads import Row, RowPage
from list_sync.workers import run_parallel

# Measured with 20,000 rows: pages of 500 take longer in total, and each page of 5,000 blocks the server for a second.
PAGE_SIZE = 1000
OVERLAP = 100

FetchPage = Callable[[int], HttpAnswer]


def count_pages(rows: int) -> int:
    """Return the number of pages for this many rows; an empty list takes one page."""
    return max(1, -(-rows // PAGE_SIZE))


def read_rows(
    fetch_page: FetchPage,
    parse: Callable[[object], RowPage[Row]],
    absorb: Callable[[Row], None],
    *,
    workers: int,
    stop: threading.Event,
) -> None:
    """Pass every row to `absorb` once, by its id; `fetch_page(skip)` reads up to PAGE_SIZE rows.

    If rows were added or removed meanwhile, everything is read again, slowly and with overlapping pages. So no row is
    missed that existed the whole time.
    """
    reading = _RowReader(fetch_page, parse, absorb)
    reading.read_in_parallel(workers, stop)
    if not reading.is_settled:
        reading.read_with_overlap()


class _RowReader(Generic[Row]):
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
        """Return whether every page stated the same total and that many rows were seen."""
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
