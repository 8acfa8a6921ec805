"""Which release mends a route, from the notes that people write."""

import time

import pytest

from list_sync.model.releases import Release, find_mending, parse_mends, parse_version


@pytest.mark.parametrize(
    ("notes", "routes"),
    [
        ("### Fixed\n\n- IMDb is read again.\n\nMends: imdb/graphql, trakt/api\n", ("imdb/graphql", "trakt/api")),
        (
            "- **Mends:** `imdb/graphql`.\r\n* Mends: imdb/graphql, mdblist/public json",
            ("imdb/graphql", "mdblist/public json"),
        ),
        ("It mends imdb/graphql. Mends nothing: no", ()),
        ("Mends: <script>, ../../etc, imdb, IMDB/GRAPHQL, a/b", ("a/b",)),
        ("", ()),
        ("Mends: " + ", ".join(f"a/{n}" for n in range(200)), tuple(f"a/{n}" for n in range(50))),
    ],
)
def test_routes_are_read_from_lines_that_begin_with_mends(notes, routes):
    assert parse_mends(notes) == routes


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("v1.3", (1, 3, 0)),
        (" 1.10.2 ", (1, 10, 2)),
        ("1.3.0rc1", None),
        ("main", None),
        ("1.3\n; rm", None),
        ("1" * 50 + ".1", None),
    ],
)
def test_only_numbers_of_releases_are_versions(text, numbers):
    assert parse_version(text) == numbers


@pytest.mark.parametrize(
    ("present", "found"),
    [("1.2.9", "1.10.0"), ("1.10.0.dev0", "1.10.0"), ("1.10.0", None), ("2.0.0", None), ("unknown", None)],
)
def test_only_a_later_release_is_named_and_of_several_the_newest(present, found):
    known = [Release(name, None, ("imdb/graphql",)) for name in ("v1.3.0", "v1.10.0", "1.9", "9.0rc1")]

    assert find_mending([*known, Release("v9.0.0", None, ("imdb/browser",))], "imdb/graphql", version=present) == found


def test_notes_of_any_form_are_read_in_a_time_that_grows_with_their_length_alone():
    for line in ("-\n", " \n", "* ", "Mends:", "Mends: ", "Mends:\n", "-Mend\n"):
        began = time.process_time()
        assert parse_mends(line * (100_000 // len(line))) == ()
        assert time.process_time() - began < 5
