from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.importing import cells
from list_sync.model.titles import MediaType

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ANYTHING = st.one_of(
    st.none(),
    st.integers(min_value=-(2**63), max_value=2**63 - 1),
    st.floats(),
    st.text(),
    st.binary(),
    st.sampled_from(["None", "949.0", "-5", "1e3", "٣", "2025-12-01 10:00:00", "movie", " TV "]),
)


@given(ANYTHING)
def test_any_value_means_something_or_nothing_and_never_fails(value):
    assert cells.find_text(value) == cells.find_text(value).strip()
    number = cells.find_number(value)
    assert number is None or 0 < number < 2**31
    assert cells.find_year(value) is None or 1870 <= cells.find_year(value) <= 2100
    assert cells.find_kind(value) in (None, *MediaType)
    moment = cells.find_moment(value, now=NOW)
    assert moment is None or moment <= NOW


@pytest.mark.parametrize(
    ("value", "number"),
    [(949, 949), ("949", 949), (949.0, 949), (" 949 ", 949), (0, None), (-949, None), ("None", None), (9.5, None)],
)
def test_a_number_is_read_from_all_the_forms_in_which_it_was_stored(value, number):
    assert cells.find_number(value) == number


def test_a_moment_without_a_zone_is_in_utc_and_a_wrong_clock_is_not_believed():
    assert cells.find_moment("2025-12-01 10:00:00", now=NOW) == datetime(2025, 12, 1, 10, tzinfo=UTC)
    assert cells.find_moment("2025-12-01T10:00:00+02:00", now=NOW) == datetime(2025, 12, 1, 8, tzinfo=UTC)
    assert cells.find_moment("1970-01-01 00:00:00", now=NOW) is None
    assert cells.find_moment("2099-01-01", now=NOW) is None
