import tempfile
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.database.old_database import open_old
from list_sync.importing.cells import find_number
from list_sync.importing.titles import OldStatus, find_proofs, read_titles
from list_sync.model.sources import ListKey
from list_sync.model.titles import MediaType, Quality
from tests.fakes.former_program import FormerFolder

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TOP = {("imdb", "top"): ListKey("imdb", "top")}
JUNK = st.one_of(
    st.none(),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.integers(min_value=1, max_value=20),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.binary(max_size=8),
    st.sampled_from(["None", "949", "949.0", "movie", "tv", "requested", "skipped", "2025-12-01 10:00:00"]),
)
NEEDED = JUNK.filter(lambda value: value is not None)
ROW = st.fixed_dictionaries(
    {
        "title": NEEDED,
        "media_type": st.one_of(NEEDED, st.sampled_from(["movie", "tv"])),
        "year": JUNK,
        "imdb_id": JUNK,
        "overseerr_id": JUNK,
        "tmdb_id": JUNK,
        "status": st.one_of(JUNK, st.sampled_from(list(OldStatus))),
        "last_synced": JUNK,
        "source_list_type": JUNK,
        "source_list_id": JUNK,
    }
)


def read(former, keys=TOP):
    with open_old(former.database) as old:
        return read_titles(old, keys, now=NOW)


def proofs(titles):
    found = find_proofs(titles.values(), Quality.HD, now=NOW)
    known = {}
    for one in found:
        known.setdefault((one.media_type, one.tmdb_id), one.is_sure)
    return known


@settings(max_examples=25)
@given(st.lists(ROW, max_size=8))
def test_any_row_is_read_and_what_was_requested_is_never_lost(rows):
    with tempfile.TemporaryDirectory() as name:
        titles = read(FormerFolder(Path(name)).insert("synced_items", *rows))

    assert sum(title.rows for title in titles.values()) == len(rows)
    known = {number for _, number in proofs(titles)}
    for row in rows:
        number = find_number(row["overseerr_id"]) or find_number(row["tmdb_id"])
        if number and row["status"] in ("requested", "already_requested", "already_available", "skipped"):
            assert number in known


def test_rows_of_one_title_are_one_with_the_state_that_proves_most(tmp_path):
    former = FormerFolder(tmp_path).add_title("Heat", 949, "skipped", source_list_type="imdb", source_list_id="top")
    former.add_title("Heat", 949, "requested", last_synced="2025-11-01 10:00:00").add_title("Heat", 949, "error")
    former.insert("item_lists", {"item_id": 2, "list_type": "trakt", "list_id": "1", "synced_at": None})

    (title,) = read(former, TOP | {("trakt", "1"): ListKey("trakt", "1")}).values()

    assert (title.rows, title.status, title.key) == (3, OldStatus.REQUESTED, (MediaType.MOVIE, 949))
    assert title.seen_at == datetime(2025, 12, 1, 10, tzinfo=UTC)
    assert title.lists == {TOP["imdb", "top"]: title.seen_at, ListKey("trakt", "1"): None}


def test_a_number_of_an_unknown_kind_counts_for_both_and_is_not_sure(tmp_path):
    former = FormerFolder(tmp_path).add_title("Odd", None, "requested", "None", tmdb_id="1396.0")
    former.add_title("Heat", 949, "requested").add_title("Ran", 11645, "already_available")

    assert proofs(read(former)) == {
        (MediaType.MOVIE, 1396): False,
        (MediaType.TV, 1396): False,
        (MediaType.MOVIE, 949): True,
        (MediaType.MOVIE, 11645): False,
    }


def test_a_number_without_a_kind_is_that_of_the_title_whose_kind_is_known(tmp_path):
    former = FormerFolder(tmp_path).add_title("Heat", 949, "skipped", "None").add_title("Heat", 949, "requested")

    assert proofs(read(former)) == {(MediaType.MOVIE, 949): True}


def test_what_was_not_requested_proves_nothing(tmp_path):
    former = FormerFolder(tmp_path)
    for place, status in enumerate(["request_failed", "not_found", "error", None, "new word"], start=1):
        former.add_title("Title", place, status)

    assert proofs(read(former)) == {}
