"""Each entry of a file is a title, a thing that cannot be requested, or not understood: none is lost without a word."""

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import UnexpectedResponse

texts = st.text(alphabet="abcé 123,;\"'()-:.", max_size=12)
values = st.none() | st.booleans() | st.integers(-5, 10**7) | st.floats(allow_nan=False) | texts
ID_TEXTS = ("tt0133093", "tt0078748", "603", "603.0", "imdb://tt0133093", "https://www.imdb.com/title/tt0133093/")
ids = st.sampled_from([*ID_TEXTS, 603])
kinds = st.sampled_from(
    ["movie", "show", "Serie", "DVD", "season", "episode", "person", "game", "no such kind", None, 7]
)
entries = st.fixed_dictionaries(
    {},
    optional={
        "title": texts | st.just("The Matrix") | st.just("The Matrix (1999)"),
        "year": values | st.just(1999),
        "type": kinds,
        "imdb_id": ids | values,
        "tmdb_id": ids | values,
        "season_number": values,
        "episode_number": values,
        "note": values,
    },
)
odd = st.none() | st.just([]) | st.just({}) | st.integers(0, 9) | st.just("garbage")
arrays = st.sampled_from(["movies", "shows", "items", "results", "watchlist", "anime", "things", "records"])


def count(content):
    """Return how many entries a document was read as; None for one that is refused as a whole, by name."""
    try:
        page = parse_list(content)
    except UnexpectedResponse:
        return None
    assert len(page.items) + page.unsupported + page.not_understood == page.entries
    return page.entries


@given(st.lists(entries | odd, min_size=1, max_size=6))
def test_of_an_array_of_json(found):
    assert count(json.dumps(found).encode()) in (None, len(found))


@given(st.dictionaries(arrays, st.lists(entries, min_size=1, max_size=4), min_size=1, max_size=3))
def test_of_the_arrays_of_a_document(document):
    number = sum(len(array) for array in document.values())
    read = count(json.dumps(document).encode())

    # An array without any title or id is one entry that is not understood.
    assert read is None or read <= number
    named = [entry for array in document.values() for entry in array if entry.get("title") and entry["title"].strip()]
    assert read is None or read >= len(named)


@given(
    st.lists(st.tuples(texts, values, kinds, ids | values), min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_of_the_rows_of_a_table(rows, delimiter):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["Title", "Year", "Type", "IMDb ID"])
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    filled = [row for row in rows if any(str(cell).strip() for cell in row if cell is not None)]

    assert count(text.getvalue().encode()) in (None, len(filled))


@given(
    st.lists(st.sampled_from(["tt0133093", "movie:603", "The Matrix (1999)", "no id", "# a comment", ""]), min_size=1)
)
def test_of_the_lines_of_a_text(lines):
    told = [line for line in lines if line and not line.startswith("#")]

    assert count("\n".join(lines).encode()) in (None, len(told))
