"""IMDb's rows of the contract suite."""

import json
from pathlib import Path

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Served
from tests.providers.contract import Expected, ProviderCase

FIXTURES = Path(__file__).parent / "fixtures" / "imdb"


def served(name: str) -> Served:
    return Served(json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8")))


def failing(code: str, message: str = "no") -> Served:
    return Served({"errors": [{"message": message, "extensions": {"code": code}}], "data": {"list": None}})


def with_cursor_at_end(name: str) -> Served:
    """Return the last page as IMDb gives it at times: nothing follows, and there is a cursor all the same."""
    document = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    search = document["data"]["list"]["titleListItemSearch"]
    search["pageInfo"] = {"hasNextPage": False, "endCursor": "bGFzdA=="}
    return Served(document)


FAILED = FetchState.FAILED

CASES = (
    ProviderCase(
        provider="imdb",
        list_id="ls000000017",
        full=Expected((served("list"),), count=2),
        empty=Expected((served("list-empty"),), count=0),
        paged=Expected((served("list-page-1"), served("list-page-2")), count=5, unsupported=2),
        repeated=(served("list-page-1"),),
        private=Expected((served("private"),), words="private: make it public"),
        missing=Expected((Served({"data": {"list": None}}),), words="not found"),
        others={
            "a last page with a cursor": Expected(
                (served("list-page-1"), with_cursor_at_end("list-page-2"), failing("BAD_USER_INPUT")),
                count=5,
                unsupported=2,
            ),
            "IMDb's other word for missing": Expected(
                (failing("RESOURCE_NOT_FOUND"),), state=FAILED, words="not found"
            ),
            "a query that is outdated": Expected(
                (failing("BAD_USER_INPUT", "Expected Date"),), state=FAILED, words="Expected Date"
            ),
            "a query that the schema refuses": Expected(
                (failing("GRAPHQL_VALIDATION_FAILED", "Cannot query field"),), state=FAILED, words="needs an update"
            ),
            "the headers of the web client missing": Expected(
                (Served("<html><head><title>403 Forbidden</title></head></html>", 403, {"Server": "awselb/2.0"}),),
                state=FAILED,
                words="blocked",
            ),
            "a cloud address refused": Expected(
                (Served("Too many network requests", 429),), state=FAILED, words="rate limited"
            ),
            "another endpoint": Expected((Served({}, 404),), state=FAILED, words="IMDB_BASE_URL"),
            "entries of another form": Expected((served("list-broken"),), state=FAILED, words="not understood"),
            "fewer entries than the total": Expected(
                (
                    Served(
                        {"data": {"list": {"titleListItemSearch": {"total": 3, "edges": [{"title": {"id": "tt1"}}]}}}}
                    ),
                ),
                count=1,
                state=FetchState.PARTIAL,
                words="1 entry read where the source states 3",
            ),
        },
    ),
    ProviderCase(
        provider="imdb",
        name="imdb watchlist",
        list_id="https://m.imdb.com/de/user/ur90000017/watchlist/?ref_=wl",
        full=Expected((served("watchlist"),), count=2),
        private=Expected(
            (
                Served(
                    {
                        "errors": [{"message": "Permission denied", "extensions": {"code": "FORBIDDEN"}}],
                        "data": {"predefinedList": None},
                    }
                ),
            ),
            words="private",
        ),
        missing=Expected((Served({"data": {"predefinedList": None}}),), words="not found"),
        without={"empty": "as a list", "paged": "as a list", "repeated": "as a list"},
    ),
    ProviderCase(
        provider="imdb",
        name="imdb chart",
        list_id="top",
        full=Expected((served("chart"),), count=3),
        empty=Expected((Served({"data": {"chartTitles": {"total": 0, "edges": []}}}),)),
        without={
            "paged": "a chart is one page",
            "repeated": "a chart is one page",
            "private": "charts are public",
            "missing": "only known charts are asked for",
        },
    ),
    ProviderCase(
        provider="imdb",
        name="imdb box office",
        list_id="boxoffice",
        full=Expected((served("box-office"),), count=2),
        others={
            "no entry at all": Expected(
                (Served({"data": {"boxOfficeWeekendChart": {"entries": []}}}),), state=FAILED, words="without a single"
            )
        },
        without={
            "empty": "the box office is never empty",
            "paged": "the box office is one page",
            "repeated": "the box office is one page",
            "private": "the box office is public",
            "missing": "the box office is always there",
        },
    ),
)
