"""Real lists, changed in places, through every form: a list or an error of ours, and never an entry that is nothing."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from list_sync.api.saved_lists.identity import find_account, identify
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import ListSyncError

HERE = Path(__file__).parents[1]
SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
FORMS = {".csv", ".json", ".rss", ".xml", ".txt", ".tsv", ".html"}
LARGEST = 60_000
MANY = int(os.environ.get("MANY_EXAMPLES", "20000"))
# What documents are made of; a change puts one of these, or any bytes, in some place.
PIECES = (
    *(b'"', b"'", b",", b";", b"\t", b"\n", b"\r", b"[", b"]", b"{", b"}", b":", b"<", b">", b"</", b"&", b"\\", b"\0"),
    *(b"null", b"[]", b"{}", b"-1", b"0", b"1e999", b"9" * 5_000, b"NaN", b"<item>", b"]]>", b"<![CDATA[", b"<!--"),
    *(b"<!DOCTYPE a>", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"tt0", b"tt0133093", b"S01E01"),
    *(b"https://www.imdb.com/title/", b"(1999)", b"sep=;\n", b"[" * 2_000, b'{"a":' * 2_000, b"a," * 3_000),
)


def originals() -> dict[str, bytes]:
    """Return the fixtures of the tests, and the samples where they are present, each up to a size."""
    folders = [HERE / "providers" / "fixtures", HERE / "pipeline" / "files_of_people", SAMPLES]
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in FORMS and path.is_file())
    return {str(path): path.read_bytes()[:LARGEST] for path in paths}


ORIGINALS = originals()
changes = st.lists(
    st.tuples(st.integers(0, LARGEST), st.integers(0, 200), st.one_of(st.sampled_from(PIECES), st.binary(max_size=12))),
    min_size=1,
    max_size=8,
)


def changed(content: bytes, places: list[tuple[int, int, bytes]]) -> bytes:
    """Return a document with a piece in each place, instead of so many bytes."""
    for place, removed, piece in places:
        at = place % (len(content) + 1)
        content = content[:at] + piece + content[at + removed :]
    return content


def require_list_or_error(content: bytes) -> None:
    """Raise AssertionError for an entry that is nothing, and let an error that is not ours pass."""
    identify(content)
    for name in ("profile.csv", "profile.json"):
        find_account(name, content)
    try:
        page = parse_list(content)
    except ListSyncError as error:
        # It can be shown and stored.
        str(error).encode()
        return
    assert page.total is None or page.entries <= page.total
    for item in (*page.items, *(show for _, show in page.episodes)):
        assert item.title or item.ids
        item.title.encode()


def test_the_originals_are_lists_or_errors_of_ours():
    assert len(ORIGINALS) > 20
    for content in ORIGINALS.values():
        require_list_or_error(content)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(ORIGINALS)), changes)
@example(next(iter(sorted(ORIGINALS))), [(0, 200, b"")])
def test_a_changed_list_is_a_list_or_an_error_of_ours(name: str, places: list[tuple[int, int, bytes]]):
    require_list_or_error(changed(ORIGINALS[name], places))


@pytest.mark.many
@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(ORIGINALS)), changes)
def test_many_changed_lists_are_lists_or_errors_of_ours(name: str, places: list[tuple[int, int, bytes]]):
    require_list_or_error(changed(ORIGINALS[name], places))
