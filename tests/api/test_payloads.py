"""Checked reading of JSON: whatever the value, the answer is a clean value, None, or a named error."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.payloads import (
    clean_title,
    expect_list,
    expect_object,
    expect_text,
    find_imdb_id,
    find_int,
    find_positive_int,
    find_year,
)
from list_sync.errors import UnexpectedResponse

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (603, 603),
        ("603", 603),
        (" 603 ", 603),
        (603.0, 603),
        (-1, -1),
        (0, None),
        ("0", None),
        (None, None),
        ("", None),
        ("abc", None),
        ("6O3", None),
        ("603.0", 603),
        ("603.000", None),
        ("603.5", None),
        ("603,0", 603),
        ("8.0e+07", None),
        ("1,234", None),
        (True, None),
        (1.5, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ([1], None),
        ("٣", None),
    ],
)
def test_a_number_is_found(value: object, number: int | None):
    assert find_int(value) == number


@pytest.mark.parametrize(("value", "number"), [(1, 1), (-1, None), (2**31 - 1, 2**31 - 1), (2**31, None), ("7", 7)])
def test_an_id_is_positive_and_fits_the_servers(value: object, number: int | None):
    assert find_positive_int(value) == number


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (1999, 1999),
        ("1999", 1999),
        ("1999-03-31", 1999),
        ("2011–2019", 2011),
        ("1999.0", 1999),
        (1999.0, 1999),
        (0, None),
        ("", None),
        (None, None),
        (1492, None),
        (3000, None),
        ("19991", None),
        ("soon", None),
        (True, None),
        ("(1960)", 1960),
        ("[1960]", 1960),
        ("1994-", 1994),
        ("1994– ", 1994),
        ("2008-2013", 2008),
        ("16/06/1960", 1960),
        ("06/16/1960", 1960),
        ("16.6.1960", 1960),
        ("16-06-1960", 1960),
        ("October 25, 1978", 1978),
        ("25. Oktober 1978", 1978),
        ("Oct 25 1978", 1978),
        ("25-Oct-1978", 1978),
        ("1978/10/25", 1978),
        ("19781025", 1978),
        ("Tue, 20 Jan 2008 19:30:00 +0000", 2008),
        ("2008-01-20T00:00:00Z", 2008),
        ("1999年3月31日", 1999),
        ("c. 1978", 1978),
        ("10/25/78", None),
        ("1200 min, 1978", 1978),
        ("25101978", None),
    ],
)
def test_a_year_is_found(value: object, year: int | None):
    assert find_year(value) == year


@pytest.mark.parametrize(
    ("value", "imdb_id"),
    [
        ("tt0133093", "tt0133093"),
        ("TT0133093", "tt0133093"),
        ("imdb://tt0133093", "tt0133093"),
        ("https://www.imdb.com/title/tt0133093/?ref_=x", "tt0133093"),
        ("tt10838180", "tt10838180"),
        ("tt00133093", "tt0133093"),
        ("tt133093", "tt0133093"),
        ("nm0000206", None),
        ("tt", None),
        ("tt0000000", None),
        ("", None),
        (None, None),
        (133093, None),
        ("watt1234567", None),
        ("plex://movie/5d7768ba96b655001fdc0408", None),
    ],
)
def test_an_imdb_id_is_found_in_its_canonical_form(value: object, imdb_id: str | None):
    assert find_imdb_id(value) == imdb_id


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("  The\tMatrix \n", "The Matrix"),
        ("Am\u00e9lie", "Amélie"),
        ("Fast &amp; Furious", "Fast &amp; Furious"),
        ("A\x00B\x1b[31m", "A B [31m"),
        ("\ud800broken", "broken"),
        (None, ""),
        (5, ""),
        ("", ""),
        ("千と千尋", "千と千尋"),
    ],
)
def test_a_title_is_one_clean_line(value: object, title: str):
    assert clean_title(value) == title


@given(any_json)
def test_no_value_breaks_a_reader(value: object):
    find_int(value)
    find_positive_int(value)
    find_year(value)
    find_imdb_id(value)
    title = clean_title(value)
    assert len(title) <= 500
    assert title == title.strip()
    title.encode()
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in title)


@given(any_json)
def test_the_wrong_shape_is_a_named_error(value: object):
    for expect, kind in ((expect_object, dict), (expect_list, list)):
        if isinstance(value, kind):
            assert expect(value, service="sample", what="a list") is value
        else:
            with pytest.raises(UnexpectedResponse, match="a list") as caught:
                expect(value, service="sample", what="a list")
            assert len(str(caught.value)) < 200
            assert "\n" not in str(caught.value)


def test_a_text_must_not_be_empty():
    assert expect_text("x", service="sample", what="a name") == "x"
    for value in ("", "  ", None, 5):
        with pytest.raises(UnexpectedResponse, match="a name"):
            expect_text(value, service="sample", what="a name")
