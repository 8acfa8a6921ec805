"""The rows of Trakt's lists and of its charts in the contract suite."""

import json
from pathlib import Path

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.contract import Expected, ProviderCase

FIXTURES = Path(__file__).parent / "fixtures" / "trakt"
KEY = {"TRAKT_CLIENT_ID": "0123456789abcdef-test-only"}
FAILED = FetchState.FAILED


def paging(page: int, page_count: int, item_count: int, limit: int = 100) -> dict[str, str]:
    numbers = {"Page": page, "Limit": limit, "Page-Count": page_count, "Item-Count": item_count}
    return {f"X-Pagination-{name}": str(number) for name, number in numbers.items()}


def served(name: str, headers: dict[str, str]) -> Served:
    return Served(json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")), headers=headers)


def status(number: int, words: str, body: object = b"") -> Expected:
    return Expected((Served(body, number),), state=FAILED, words=words)


STATUSES = {
    "a refused client id": status(403, "TRAKT_CLIENT_ID was refused"),
    "a list for its owner alone": status(401, "make the list public"),
    "an account over its limits": status(420, "over the limits"),
    "a locked account": status(423, "locked or deactivated"),
    "a list for VIP members": status(426, "VIP"),
    "Trakt's own limit": Expected(
        (Served(b"", 429, {"X-Ratelimit": '{"name":"GET","until":"2999-01-01T00:00:00Z"}'}),),
        state=FAILED,
        words="rate limited",
    ),
    "Cloudflare's lasting refusal": Expected(
        (Served("<html>Sorry, you have been blocked</html>", 403, {"Server": "cloudflare"}),),
        state=FAILED,
        words="HTTPS_PROXY",
    ),
    "entries of another form": Expected(
        (served("list-broken", paging(1, 1, 1)),), state=FAILED, words="not understood"
    ),
}

CASES = (
    ProviderCase(
        provider="trakt",
        list_id="joe/horror",
        credentials=KEY,
        full=Expected((served("list-page-1", paging(1, 1, 3)),), count=3),
        empty=Expected((Served([]),)),
        paged=Expected(
            # The second page's episode belongs to a show of the first, of which the list holds one season only.
            (served("list-page-1", paging(1, 2, 5, 3)), served("list-page-2", paging(2, 2, 5, 3))),
            count=4,
            unsupported=1,
        ),
        repeated=(served("list-page-1", paging(1, 2, 6, 3)),),
        missing=status(404, "not found"),
        private=status(404, "private"),
        others={
            **STATUSES,
            "an empty list with headers": Expected((Served([], headers=paging(1, 0, 0)),)),
            "no paging headers": Expected((served("list-page-1", {}),), count=3, state=FetchState.PARTIAL),
            "a page that is short of the count": Expected(
                (served("list-page-1", paging(1, 1, 4)),), count=3, state=FetchState.PARTIAL, words="states 4"
            ),
            "an empty page before the last": Expected(
                (served("list-page-1", paging(1, 3, 9)), Served([], headers=paging(2, 3, 9))),
                count=3,
                state=FetchState.PARTIAL,
                words="do not add up",
            ),
        },
    ),
    ProviderCase(
        provider="trakt_special",
        list_id="trending:movies",
        credentials=KEY,
        limit=3,
        full=Expected((served("trending-movies", paging(1, 400, 1200, 3)),), count=3),
        empty=Expected((Served([], headers=paging(1, 0, 0)),)),
        missing=status(404, "not found"),
        others={name: expected for name, expected in STATUSES.items() if name != "a list for its owner alone"},
        without={
            "paged": "the row with a longer limit pages",
            "repeated": "the row with a longer limit pages",
            "private": "charts are public",
        },
    ),
    ProviderCase(
        provider="trakt_special",
        name="trakt_special longer than a page",
        list_id="https://trakt.tv/movies/trending?page=2",
        credentials=KEY,
        limit=5,
        full=Expected((served("trending-movies", paging(1, 1, 3)),), count=3),
        paged=Expected(
            # Trakt cut the asked five a page down to three: the answered page count leads on, the sixth is cut off.
            (
                served("trending-movies", paging(1, 2, 6, 3)),
                Served(
                    [{"movie": {"title": f"Ripple {n}", "year": 2000 + n, "ids": {"tmdb": n}}} for n in (1, 2, 3)],
                    headers=paging(2, 2, 6, 3),
                ),
            ),
            count=5,
        ),
        repeated=(served("trending-movies", paging(1, 2, 6, 3)),),
        without={"empty": "as above", "private": "charts are public", "missing": "as above"},
    ),
    ProviderCase(
        provider="trakt_special",
        name="trakt_special box office",
        list_id="boxoffice:movies",
        credentials=KEY,
        limit=20,
        full=Expected((served("boxoffice", {}),), count=2),
        without={
            "empty": "as above",
            "paged": "the box office is one page",
            "repeated": "the box office is one page",
            "private": "charts are public",
            "missing": "as above",
        },
    ),
)
