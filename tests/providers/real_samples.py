"""The form in which parsers are held to real answers of their sources, which are not part of the repository.

Write `tests/providers/samples_<anything>.py` with a module-level tuple `SAMPLES` of `RealSample` values; the files they
name lie under ../shared/samples, whose INDEX says what is due. test_real_samples.py finds the module by its name, and
skips with a reason where the answers are not at hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from requests.structures import CaseInsensitiveDict

from list_sync.api.http.client import HttpAnswer
from list_sync.errors import ListSyncError
from list_sync.model.titles import MediaItem

First = tuple[str, int | None, str | int | None]


@dataclass(frozen=True)
class RealSample:
    """One real answer: how it is parsed, and either the items due or the error due.

    `first` holds title, year and IMDb id (or TMDB number) of the items that come first. `error` is raised or returned
    by `parse`, with `words` in it.
    """

    path: str
    parse: Callable[[bytes], Sequence[MediaItem] | ListSyncError | None]
    count: int = 0
    first: Sequence[First] = ()
    error: type[ListSyncError] | None = None
    words: str = ""


def as_answer(content: bytes, *, service: str, status: int = 200, **headers: str) -> HttpAnswer:
    """Return the answer that carried a recorded body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, CaseInsensitiveDict(named), content, "https://example.org/", service)
