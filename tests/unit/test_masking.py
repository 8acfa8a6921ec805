"""Addresses are shown without their secrets, and two lists of one host stay two."""

import pytest

from list_sync.model.masking import mask_address

FEED = "https://rss.plex.tv/0e1b2c3d-1111-4222-8333-44445555666{}"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://name:word@lists.example/a.json?key=secret", "https://***@lists.example/a.json?key=***"),
        ("https://lists.example/feed/a1b2c3d4e5f6a7b8c9d0e1f2.rss", "https://lists.example/feed/***ae59.rss"),
        ("https://lists.example/feed/aB3_dE6-gH9jK2mN5pQ8r", "https://lists.example/feed/***d624"),
        (
            "https://letterboxd.com/ana/list/the-100-best-films-of-all-time-2024/",
            "https://letterboxd.com/ana/list/the-100-best-films-of-all-time-2024/",
        ),
        ("https://a1b2c3d4e5f6a7b8c9d0e1f2/lists", "https://a1b2c3d4e5f6a7b8c9d0e1f2/lists"),
    ],
)
def test_an_address_is_shown_without_what_opens_it(address, shown):
    assert mask_address(address) == shown


def test_two_feeds_whose_path_is_their_key_are_told_apart_without_it():
    shown = {mask_address(FEED.format(number)) for number in range(2)}

    assert len(shown) == 2
    assert all("4444" not in one and one.startswith("https://rss.plex.tv/***") for one in shown)
