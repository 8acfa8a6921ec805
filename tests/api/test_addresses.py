"""Addresses as they are copied from a browser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.sources.addresses import find_number, find_parts, find_path
from list_sync.errors import InvalidListId


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/list/1",
        "http://www.example.org/list/1/",
        "HTTPS://EXAMPLE.ORG/list/1?page=2#top",
        " example.org/list/1 ",
        "m.example.org:443/list//1",
    ],
)
def test_the_path_is_what_counts_of_an_address(text: str):
    assert find_path(text, site="example.org") == ("list", "1")


@pytest.mark.parametrize("text", ["someone", "list/1", "someone/example.org", "1", ""])
def test_what_is_no_address_is_none(text: str):
    assert find_path(text, site="example.org") is None


@pytest.mark.parametrize(
    "text", ["https://example.com/list/1", "https://example.org.evil.test/list/1", "ftp://example.org/list/1"]
)
def test_an_address_of_another_site_is_refused(text: str):
    with pytest.raises(InvalidListId, match="address"):
        find_path(text, site="example.org")


@pytest.mark.parametrize("text", ["user/My List", "Shop: user/My%20List?page=2", "shop:example.org/user/My%20List#top"])
def test_a_spelling_has_the_parts_of_its_address(text: str):
    assert find_parts(text, site="example.org", prefix="shop") == ("user", "My List")


def test_an_address_of_another_site_has_no_parts():
    assert find_parts("https://example.com/user/list", site="example.org", prefix="shop") == ()


def test_parts_are_decoded():
    assert find_path("example.org/user/My%20List", site="example.org") == ("user", "My List")


@pytest.mark.parametrize(
    ("text", "number"),
    [("12345", 12345), ("12345-the-name", 12345), ("12345name", None), ("0", None), ("name", None), ("", None)],
)
def test_a_number_may_be_followed_by_a_name(text: str, number: int | None):
    assert find_number(text) == number


@given(st.text())
def test_any_text_is_an_address_or_not(text: str):
    try:
        find_path(text, site="example.org")
        find_path(f"https://{text}", site="example.org")
    except InvalidListId:
        pass
    find_number(text)
