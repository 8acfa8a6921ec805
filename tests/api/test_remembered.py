"""Titles as the text that providers keep of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.sources.each import find_items, to_text
from list_sync.model.titles import MediaIds, MediaItem, MediaType

numbers = st.none() | st.integers(1, 2**31 - 1)
imdb_ids = st.none() | st.integers(1, 99_999_999).map(lambda number: f"tt{number:07}")
items = st.builds(
    MediaItem,
    st.text(st.characters(categories=["L", "N"]), max_size=20),
    st.none() | st.sampled_from(MediaType),
    st.none() | st.integers(1870, 2100),
    st.builds(MediaIds, numbers, imdb_ids, numbers),
)


@given(st.lists(items))
def test_what_was_kept_comes_back(known: list[MediaItem]):
    assert find_items(to_text(known)) == tuple(known)


@pytest.mark.parametrize("text", [None, "", "nonsense", "{}", "[1]", "[[1]]", '["title"]'])
def test_what_cannot_be_read_is_none(text: str | None):
    assert find_items(text) is None


@given(st.text())
def test_any_text_is_read_or_none(text: str):
    find_items(text)
