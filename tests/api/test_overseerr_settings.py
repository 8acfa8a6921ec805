"""The settings of the server: checked together, forgiving about form, silent about secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.mediaserver.address import find_user_id
from list_sync.api.overseerr import OverseerrClient
from list_sync.errors import ConfigError


def problems_of(*settings):
    with pytest.raises(ConfigError) as caught:
        OverseerrClient(*settings)
    return caught.value.problems


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("http://10.0.0.5:5055", "http://10.0.0.5:5055"),
        (" https://host/overseerr/ ", "https://host/overseerr"),
        ("https://host/overseerr/api/v1", "https://host/overseerr"),
        ("http://host:5055/api/v1/", "http://host:5055"),
        ("http://[::1]:5055/", "http://[::1]:5055"),
        ("https://joe:hunter2@host/x", "https://host/x"),
    ],
)
def test_the_address_is_kept_with_its_path_and_without_credentials(given_url, url):
    assert OverseerrClient(given_url, "key").url == url


@pytest.mark.parametrize(
    "url",
    [None, "", " ", "host:5055", "ftp://host", "http://", "http://host:notaport", "http://ho st", "http://h/?a=1"],
)
def test_a_wrong_address_is_named_with_an_example(url):
    (problem,) = problems_of(url, "key")

    assert problem.startswith("OVERSEERR_URL ")
    assert "http://192.168.1.10:5055" in problem


@pytest.mark.parametrize("key", [None, "", "  ", "se cret", "se\ncret", "sécret"])
def test_a_wrong_key_is_named_and_not_shown(key):
    (problem,) = problems_of("http://host", key)

    assert problem.startswith("OVERSEERR_API_KEY ")
    assert "cret" not in problem


@pytest.mark.parametrize("user_id", ["abc", "", "0", 0, -1, 1.5, True, None, "²", "1e3"])
def test_a_user_id_that_is_no_number_is_named(user_id):
    (problem,) = problems_of("http://host", "key", user_id)

    assert problem.startswith("OVERSEERR_USER_ID ")


def test_all_problems_are_told_at_once():
    assert len(problems_of(None, None, "abc")) == 3


def test_the_key_is_in_no_representation():
    client = OverseerrClient("http://host", "my-secret", " 7 ")

    assert client.user_id == 7
    assert "my-secret" not in repr(client)


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none())
def test_only_whole_numbers_from_one_up_can_become_a_user_header(value):
    number = find_user_id(value)

    assert number is None or (type(number) is int and number >= 1)
