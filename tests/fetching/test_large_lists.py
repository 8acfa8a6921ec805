"""What a list becomes is limited, and what all lists become together; the other lists are read all the same."""

import contextlib
import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from list_sync import footprint
from list_sync.api.http.client import HttpClient
from list_sync.api.http.json_documents import SHORT_BYTES, parse_bytes
from list_sync.api.saved_lists import entries
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import ListSyncError, TooLarge
from list_sync.fetching.pool import fetch_lists
from list_sync.footprint import LIMIT_BYTES, MAX_ENTRIES, Holding, Part
from list_sync.model.runs import Progress, ProgressListener, ignore_progress
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.providers import FetchContext
from tests.fakes.hostile_documents import hostile_documents

DOCUMENTS = hostile_documents(2_000_000)


@pytest.fixture
def few_entries(monkeypatch: pytest.MonkeyPatch) -> int:
    """Lower the limit, so that a test of it is cheap."""
    monkeypatch.setattr(entries, "MAX_ENTRIES", 2_000)
    return 2_000


@pytest.mark.usefixtures("few_entries")
@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_becomes_very_large_is_an_error_of_ours(content: bytes):
    with pytest.raises(ListSyncError) as refusal:
        parse_list(content)

    assert len(str(refusal.value)) < 300


def repeated(form: Callable[[int], str], count: int) -> str:
    return "".join(form(number) for number in range(1, count + 1))


def test_a_long_namespace_is_not_repeated_in_the_memory_of_each_name():
    names = "".join(f"<a:b{number} a:c='{number}'/>" for number in range(2_000))
    feed = f"<rss xmlns:a='{'u' * 500_000}'><channel><item><title>Heat (1995)</title>{names}</item></channel></rss>"
    tracemalloc.start()
    page = parse_list(feed.encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [item.label for item in page.items] == ["Heat (1995)"]
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"Heat " + b" " * 900_000 + b" (1995)",
        b"Heat " + b"\xc2\xa0" * 400_000 + b" (1995)",
        b"title,year," + b"1" * 900_000 + b"x\nHeat,1995,1",
    ],
    ids=["spaces", "spaces of Latin-1", "digits"],
)
def test_a_long_line_takes_a_time_that_grows_with_its_length_alone(content: bytes):
    # With the square of its length, each of these would take hours.
    with contextlib.suppress(ListSyncError):
        parse_list(content)


FORMS: dict[str, Callable[[int], str]] = {
    "lines": lambda count: repeated("tmdb:movie:{}\n".format, count),
    "table": lambda count: "tmdb,type\n" + repeated("{},movie\n".format, count),
    "json": lambda count: "[" + repeated('"tmdb:movie:{}",'.format, count)[:-1] + "]",
    "feed": lambda count: f"<feed>{repeated('<entry><id>tmdb:movie:{}</id></entry>'.format, count)}</feed>",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_list_at_the_limit_is_read_and_a_longer_one_is_not(few_entries: int, form: Callable[[int], str]):
    assert len(parse_list(form(few_entries).encode()).items) == few_entries

    with pytest.raises(TooLarge, match="more than 2,000 entries: split it"):
        parse_list(form(few_entries + 1).encode())


def test_a_list_of_200_000_entries_is_read():
    assert len(parse_list(FORMS["json"](MAX_ENTRIES).encode()).items) == MAX_ENTRIES


def test_a_large_json_document_is_read_like_a_small_one():
    film = '{"title":"Heat \\u00e9","year":1995,"ids":{"tmdb":949},"notes":["%s"]}'
    long_text = "x" * 300_000 + '\\"' * 3
    document = f'{{"total":4001,"movies":[{",".join([film % "a"] * 4000)},{film % long_text}],"more":false}}'

    page = parse_list(document.encode())

    assert (page.total, page.entries) == (4001, 4001)
    assert {item.label for item in page.items} == {"Heat é (1995)"}


def test_a_text_that_ends_where_a_piece_of_the_document_ends_is_read():
    begun = '["'
    text = "x" * (3 * SHORT_BYTES - len(begun) - 1)
    document = f'{begun}{text}","{"y" * SHORT_BYTES}"]'

    assert parse_bytes(document.encode()) == json.loads(document)


def test_the_letters_of_many_different_keys_are_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(footprint, "LIMIT_BYTES", 2_000_000)
    rows = ",".join(f'{{"{number}{"k" * 1_000}":1}}' for number in range(2_000))

    with pytest.raises(TooLarge):
        parse_bytes(f"[{rows}]".encode())


def read(folder: Path, *names: str, on_progress: ProgressListener = ignore_progress) -> tuple[FetchResult, ...]:
    context = FetchContext(http=HttpClient("file", retry_attempts=1), drop_folder=folder)
    lists = [ListRef("file", name) for name in names]
    return fetch_lists(
        lists,
        make_context=lambda _: context,
        workers=len(names),
        stop=threading.Event(),
        on_progress=on_progress,
    )


@pytest.fixture
def crowded() -> Iterator[Holding]:
    """Let another list hold most of the room."""
    other = Holding()
    other.hold(Part.ENTRIES, LIMIT_BYTES - 2_000_000)
    yield other
    other.is_dropped = True


def test_the_largest_list_makes_room_for_the_others(tmp_path: Path, crowded: Holding):
    (tmp_path / "films.txt").write_text(FORMS["lines"](20_000))

    (films,) = read(tmp_path, "films.txt")

    assert (films.state, len(films.items), crowded.is_dropped) == (FetchState.COMPLETE, 20_000, True)


def test_a_list_that_is_larger_than_all_room_fails_by_name_and_the_others_are_read(tmp_path: Path):
    title = "\U0001f600" + "x" * 490
    (tmp_path / "hostile.csv").write_text("Title,Year\n" + repeated(lambda number: f"{number}{title},1999\n", 45_000))
    (tmp_path / "films.txt").write_text(FORMS["lines"](1_000))

    hostile, films = read(tmp_path, "hostile.csv", "films.txt")

    assert (hostile.state, hostile.items) == (FetchState.FAILED, ())
    assert "it takes too much memory" in (hostile.reason or "")
    assert (films.state, len(films.items)) == (FetchState.COMPLETE, 1_000)


def test_a_list_that_was_dropped_at_the_end_of_the_others_is_read_again_without_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    names = ("first.txt", "second.txt")
    for name in names:
        (tmp_path / name).write_text(FORMS["lines"](1_000))
    is_first_time = iter((True, False, False))

    def drop_all(progress: Progress) -> None:
        """Act as if the last list left no room for those that were read."""
        if progress.done == len(names) and next(is_first_time):
            for holding in footprint._holdings:
                holding.is_dropped = True

    first, second = read(tmp_path, *names, on_progress=drop_all)

    assert (first.state, second.state) == (FetchState.COMPLETE, FetchState.COMPLETE)
    assert not [record for record in caplog.records if record.levelname == "WARNING"]
