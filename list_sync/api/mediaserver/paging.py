"""Complete reading of the server's row lists, whose pages shift while people add or remove rows."""

import threading
from collections.abc import Callable

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.rows import Row, RowPage
from list_sync.workers import run_parallel

# Measured with 20,000 rows: pages of 500 take longer in total, and each page of 5,000 blocks the server for a second.
PAGE_SIZE = 1000
OVERLAP = 100


def count_pages(rows: int) -> int:
    """Return the number of pages for this many rows; an empty list takes one page."""
    return max(1, -(-rows // PAGE_SIZE))


def read_rows(
    fetch_page: Callable[[int], HttpAnswer],
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
    seen: set[int] = set()
    totals: set[int] = set()

    def take_page(_skip: int, answer: HttpAnswer) -> RowPage[Row]:
        page = parse(answer.json())
        totals.add(page.total)
        for row_id, row in page.entries:
            if row_id not in seen:
                seen.add(row_id)
                if row is not None:
                    absorb(row)
        return page

    first = take_page(0, fetch_page(0))
    run_parallel(
        range(PAGE_SIZE, first.total, PAGE_SIZE),
        fetch_page,
        take_page,
        workers=workers,
        stop=stop,
        doing="the server's titles and requests were being read",
    )
    if totals != {len(seen)}:
        _read_with_overlap(lambda skip: take_page(skip, fetch_page(skip)))


def _read_with_overlap(read_page: Callable[[int], RowPage[Row]]) -> None:
    skip, total = 0, 1
    while skip < total:
        page = read_page(skip)
        count, total = len(page.entries), page.total
        if count == 0:
            return
        reaches_end = skip + count >= total
        skip += count if reaches_end else count - min(OVERLAP, count // 10)
