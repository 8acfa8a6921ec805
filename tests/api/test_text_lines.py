"""Lines of text: every one is an id, several, a title with its year, a comment, or told as not understood."""

import pytest

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType


def read(text: str) -> Page:
    page = parse_list(text.encode())
    assert page.total == page.entries
    return page


@pytest.mark.parametrize(
    "text",
    [
        "tt0133093, tt0137523, tt0078748\n",
        "tt0133093;tt0137523;tt0078748;",
        "tt0133093 tt0137523\ttt0078748",
        "tt0133093,tt0137523\r\ntt0078748",
        "tt0133093|tt0137523|tt0078748",
        '"tt0133093", "tt0137523", "tt0078748"',
        "tt0133093,https://www.imdb.com/title/tt0137523/,imdb:tt0078748",
        "https://www.imdb.com/title/tt0133093/, https://www.imdb.com/title/tt0137523/?ref_=x imdb://tt0078748",
        "# mine\n\n# tt0000001\ntt0133093 # tt0000002\n- tt0137523\n* tt0078748",
        "1. tt0133093\n2. tt0137523\n3. tt0078748",
        "imdb_id\ntt0133093\ntt0137523 tt0078748",
        "Films:\n=======\ntt0133093\ntt0137523\n---\ntt0078748\n",
        "Links\nhttps://www.imdb.com/title/tt0133093/\ntt0137523\ntt0078748",
    ],
)
def test_ids_are_read_however_they_are_parted(text: str):
    page = read(text)

    assert [item.ids.imdb for item in page.items] == ["tt0133093", "tt0137523", "tt0078748"]
    assert page.not_understood == 0


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("The Matrix (1999)", MediaItem("The Matrix", None, 1999)),
        ("The Matrix (1999)  # seen", MediaItem("The Matrix", None, 1999)),
        ("Good, Bad; and Ugly (1966)", MediaItem("Good, Bad; and Ugly", None, 1966)),
        ("[REC] (2007)", MediaItem("[REC]", None, 2007)),
        ("2012 (2009)", MediaItem("2012", None, 2009)),
        ("The Office (2005–2013)", MediaItem("The Office", None, 2005)),
        ("tt0133093 The Matrix (1999)", MediaItem("The Matrix", None, 1999, MediaIds(imdb="tt0133093"))),
        ("tt0133093 - The Matrix (1999)", MediaItem("The Matrix", None, 1999, MediaIds(imdb="tt0133093"))),
        ("The Matrix (1999) [tt0133093]", MediaItem("The Matrix", None, 1999, MediaIds(imdb="tt0133093"))),
        ("The Matrix (1999) {imdb-tt0133093}", MediaItem("The Matrix", None, 1999, MediaIds(imdb="tt0133093"))),
        ("The Matrix (1999): tmdb:movie:603", MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(tmdb=603))),
        ("- The Matrix (1999)", MediaItem("The Matrix", None, 1999)),
        ("7. Koğuştaki Mucize (2019)", MediaItem("7. Koğuştaki Mucize", None, 2019)),
        ("themoviedb.org/tv/1399/season/3", MediaItem("", MediaType.TV, None, MediaIds(tmdb=1399), 3)),
    ],
)
def test_a_title_with_its_year_is_read_alone_or_beside_its_id(line: str, item: MediaItem):
    assert read(line).items == [item]


def test_numbers_before_the_lines_are_left_out_where_they_begin_at_one():
    assert [item.label for item in read("1. Alien (1979)\n2. Dune (2021)\n").items] == ["Alien (1979)", "Dune (2021)"]


@pytest.mark.parametrize(
    "line",
    [
        "not an id",
        "seen tt0133093 already",
        "The Matrix",
        "603",
        "tmdb:603",
        "https://example.org/tt0133093",
    ],
)
def test_a_line_that_is_no_id_is_told_with_its_number(line: str):
    page = read(f"# mine\n\ntt0078748\n{line}\n")

    assert [item.ids.imdb for item in page.items] == ["tt0078748"]
    assert [str(entry) for entry in page.first_not_understood] == [
        f'line 4 ("{line}" is neither an id nor a title with its year)'
    ]


def test_one_slip_among_many_ids_is_one_entry():
    page = read("tt0133093, tt01335x, tt0078748")

    assert [item.ids.imdb for item in page.items] == ["tt0133093", "tt0078748"]
    assert [str(entry) for entry in page.first_not_understood] == ['line 1 ("tt01335x" is not an id)']


def test_an_episode_by_its_address_is_counted():
    page = read("https://www.themoviedb.org/tv/1399-x/season/3/episode/9\ntt0078748")

    assert (len(page.items), page.unsupported_kinds) == (1, {"episode": 1})


def test_persons_and_collections_are_counted():
    page = read(
        "nm0000206\nhttps://www.imdb.com/name/nm0000206/?ref_=x\nhttps://www.themoviedb.org/person/6384-keanu-reeves\n"
        "https://www.themoviedb.org/collection/2344\ntt0078748\n"
    )

    assert (len(page.items), page.unsupported_kinds, page.not_understood) == (1, {"person": 3, "collection": 1}, 0)
