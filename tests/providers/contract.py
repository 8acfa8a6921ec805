"""The form in which a provider joins the contract suite: one `ProviderCase` per provider.

To add a provider, write `tests/providers/contract_cases_<anything>.py` with a module-level tuple `CASES` of
`ProviderCase` values; test_contract.py finds the file by its name. Example:

    from tests.fakes.scripted_server import Served
    from tests.providers.contract import Expected, ProviderCase

    CASES = (
        ProviderCase(
            provider="mdblist",
            list_id="someone/some-list",
            full=Expected((Served([...], headers={"X-Has-More": "false"}),), count=3),
            empty=Expected((Served([]),), count=0),
            paged=Expected((Served(page_1), Served(page_2)), count=5),
            repeated=(Served(page_1),),                    # the same page without end: must not become COMPLETE
            private=Expected((Served({"error": "…"}, status=403),), words="private"),
            missing=Expected((Served({"error": "…"}, status=404),), words="not found"),
            credentials={"MDBLIST_API_KEY": "test-key"},
        ),
    )

* `full`, `paged` and `empty` hold the answers in the order in which the provider asks; the last one is given again to
  any further request. Or give a function `Asked -> Served`. `count` is how many items are due, `unsupported` how many
  entries cannot be requested, `state` the state when it is not COMPLETE (an unproven source: PARTIAL).
* `private` and `missing` are FAILED with `words` in their reason. `others` takes more of either kind.
* `list_id` may hold `{url}`, the server's address; the provider gets the server's address as its <NAME>_BASE_URL.
* A case that the provider cannot have (a source without pages) stays None, with the reason in `without`.

From `full` the suite derives by itself: a WAF challenge (202), Cloudflare's 403 and 1015, 429, HTML, truncated JSON, a
connection that ends before and in the middle of an answer, 500, a slow source; from `paged` the same failures on
page 2, which must give PARTIAL with the items of page 1. Never may one of them be COMPLETE.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from list_sync.model.sources import FetchState
from tests.fakes.scripted_server import Asked, Served

Answers = Sequence[Served] | Callable[[Asked], Served]


@dataclass(frozen=True)
class Expected:
    """What a source serves and what reading it must come to; `words` are due in the reason."""

    answers: Answers
    count: int = 0
    state: FetchState | None = None
    unsupported: int = 0
    words: str = ""


@dataclass(frozen=True)
class ProviderCase:
    """One provider's row of the contract suite."""

    provider: str
    list_id: str
    full: Expected
    empty: Expected | None = None
    paged: Expected | None = None
    repeated: Sequence[Served] | None = None
    private: Expected | None = None
    missing: Expected | None = None
    others: Mapping[str, Expected] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    without: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or self.provider
