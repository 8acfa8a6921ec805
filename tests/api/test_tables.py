"""Tables as people have them: saved again by a spreadsheet, with lines before the header, in any dialect."""

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import TooLarge, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.model.titles import MediaIds, MediaType

MATRIX = "The Matrix (1999)"
FLOAT_IDS = (
    "Name,Year,Letterboxd URI,tmdb_id,imdb_id\n"
    "The Matrix,1999.0,https://letterboxd.com/film/a/,603.0,tt0133093\n"
    "Anna,2019.0,https://letterboxd.com/film/b/,80000009.0,\n"
)
WEEKEND = (
    "Letterboxd list export v7\n"
    "Date,Name,Tags,URL,Description\n"
    '2024-05-01,Weekend,"a, b",https://boxd.it/zzzz1,"{}"\n'
    "\n"
    "Position,Name,Year,URL,Description\n"
    "1,The Matrix,1999,https://boxd.it/zzzz2,\n"
    '2,Fight Club,1999,https://boxd.it/zzzz3,"A note\nover two lines, with ""quotes"""\n'
)
RESAVED = (
    "Letterboxd list export v7,,,,\n"
    "Date,Name,Tags,URL,Description\n"
    "2024-05-01,Weekend,,https://boxd.it/zzzz1,Some films.\n"
    ",,,,\n"
    "Position,Name,Year,URL,Description\n"
    "1,The Matrix,1999,https://boxd.it/zzzz2,\n"
    "2,Fight Club,1999,https://boxd.it/zzzz3,\n"
)


def read(text: str) -> Page:
    return parse_list(text.encode())


def labels(text: str) -> list[str]:
    page = read(text)
    assert (page.total, page.not_understood) == (len(page.items) + page.unsupported, 0), page.first_not_understood
    return [item.label for item in page.items]


def doubts(text: str) -> list[str]:
    return [str(entry) for entry in read(text).first_not_understood]


# Delimiter and header


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nTitle;Year;IMDb ID\nThe Matrix;1999;tt0133093\n",
        "\ufeffsep=,\nTitle,Year,IMDb ID\nThe Matrix,1999,tt0133093\n",
        '"sep=;"\r\nTitle;Year\r\nThe Matrix;1999\r\n',
        "SEP=\\t\nTitle\tYear\nThe Matrix\t1999\n",
        "sep=\t\rTitle\tYear\rThe Matrix\t1999\r",
        "sep=|\nTitle|Year\nThe Matrix|1999\n",
        "sep=^\nTitle^Year\nThe Matrix^1999\n",
        "sep=;\nTitle,Year\nThe Matrix,1999\n",
        "Title;Year;Genres (one, or more, each, with, commas);IMDb ID\nThe Matrix;1999;Action, Sci-Fi;tt0133093\n",
        'Title;Year;"Genres; one, two, three"\nThe Matrix;1999;"Action; Sci-Fi, Drama"\n',
        "Title|Year|Genres, if any\nThe Matrix|1999|Action, Sci-Fi, Drama\n",
        "\n\nMy watch list\nTitle,Year\nThe Matrix,1999\n",
        "My list: name, year\n\nExported 2024-05-01;by me\n;;\nTitle;Year\nThe Matrix;1999\n",
        "Name, year\nTitle;Year;Seen, or not\nThe Matrix;1999;yes\n",
        "# exported\nTitle,Year\nThe Matrix,1999\n",
        'Title; Year; "Notes"\nThe Matrix; 1999; "a; b"\n',
        "Title,Year,,\nThe Matrix,1999,,\n,,,\n",
        "Title,Year,Rating,Notes\nThe Matrix,1999\n",
        "Title,Year\nThe Matrix,1999\nTitle,Year\n",
        "title\nThe Matrix (1999)\n",
        "Movies, shows and more\nTitle,Year\nThe Matrix,1999\n",
        "Title (English),Year (of release)\nThe Matrix,1999\n",
        "| Title | Year |\n|-------|------|\n| The Matrix | 1999 |\n",
        "Title;Year\n=====;====\nThe Matrix;1999\n# seen, Alien\n",
        "Movies\nTitle,Year\nThe Matrix,1999\n\nShows\nTitle,Year,Seasons\n",
    ],
)
def test_a_table_is_found_in_any_dress(text: str):
    assert labels(text) == [MATRIX]


@pytest.mark.parametrize("second", ["\ufeffAlien,1979\n", "\ufeffTitle,Year\nAlien,1979\n", '\ufeff"Alien","1979"\n'])
def test_files_that_were_joined_have_byte_order_marks_in_the_middle(second: str):
    assert labels(f"\ufeffTitle,Year\nThe Matrix,1999\n{second}") == [MATRIX, "Alien (1979)"]


@pytest.mark.parametrize(
    "header",
    [
        *("Movie Title,Year", "Film,Release Year", "Titel,Jahr", "Título,Año", "Titre,Année", "Titolo,Anno"),
        *(
            "Name,Release Date",
            "MOVIE_NAME,year_released",
            "Название,Год",
            "Original title,Year",
            "primaryTitle,startYear",
        ),
    ],
)
def test_the_usual_names_of_columns_are_known(header: str):
    assert labels(f"{header}\nThe Matrix,1999\n") == [MATRIX]


def test_the_title_counts_before_the_original_title():
    assert labels("Original Title,Title,Year\nLe fabuleux destin,Amélie,2001\nBrat,,1997\n") == [
        "Amélie (2001)",
        "Brat (1997)",
    ]


def test_one_table_may_follow_another():
    text = (
        "Films\nTitle,Year\nAlien,1979\n\n"
        "Series\nIMDb ID,Year,Title\ntt0903747,2008,Breaking Bad\n\n"
        "Title,Year\nThe Office,2005\n"
    )

    assert labels(text) == ["Alien (1979)", "Breaking Bad (2008)", "The Office (2005)"]
    assert labels("Title,Year\nAlien,1979\nDune\nTitle,Year\n") == ["Alien (1979)", "Dune"]
    assert read(text).items[1].ids.imdb == "tt0903747"


@pytest.mark.parametrize("kinds", [("Film", "Film"), ("Series", "Film"), ("show", "movie")])
def test_the_word_for_a_kind_is_not_taken_for_a_header(kinds: tuple[str, str]):
    rows = "".join(f"{n};tt000001{n};{kind};Anna\n" for n, kind in enumerate(kinds))

    assert [item.ids.imdb for item in read(f"Nr;Kennung;Art;Werk\n{rows}").items] == ["tt0000010", "tt0000011"]
    with pytest.raises(UnexpectedResponse, match="it has: Werk, Art"):
        read(f"Werk,Art\nAnna,{kinds[0]}\nBrat,{kinds[1]}\n")


def test_a_table_without_titles_and_ids_names_its_columns():
    with pytest.raises(UnexpectedResponse, match=r"no column with titles or ids, .* \(it has: foo, rating\)"):
        read("foo,rating\n1,2\n3,4\n")


@pytest.mark.parametrize(
    "text",
    [
        "tt0133093, tt0137523\ntt0078748, tmdb:movie:11\n",
        "Name, year\ntt0133093\ntt0137523\ntt0078748\ntmdb:movie:11",
        "title\ntt0133093\ntt0137523\ntt0078748\ntmdb:movie:11",
    ],
)
def test_lines_of_ids_do_not_become_a_table(text: str):
    assert [item.label for item in read(text).items] == ["tt0133093", "tt0137523", "tt0078748", "tmdb:11"]


@pytest.mark.parametrize(
    "text",
    [
        "The Matrix,1999,tt0133093\nAlien,1979,tt0078748\n",
        "Posición;Título;Enlace\n1;Matrix;tt0133093\n2;Alien;tt0078748\n",
        "Werk;Quelle\nMatrix;https://www.imdb.com/title/tt0133093/\nAlien;https://www.imdb.com/title/tt0078748/?ref_=x\n",
    ],
)
def test_a_column_of_ids_needs_no_known_name(text: str):
    assert [item.ids.imdb for item in read(text).items] == ["tt0133093", "tt0078748"]
    assert read(text).not_understood == 0


# Letterboxd's lists


@pytest.mark.parametrize(
    "description",
    [
        "",
        "First thoughts, in no order.\n\nSecond paragraph after an empty line.",
        "Ranked by\n\nname, year",
        "\n\nPosition,Name,Year,URL,Description\n1,Alien,1979,https://boxd.it/zzzz9,\n\n",
        "https://www.imdb.com/title/tt0078748/\n\ntt0078748\ntmdb:movie:348",
        'He said ""no"";\n\nName;Year\nAlien;1979\n',
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_rows_about_a_letterboxd_list_are_not_its_films(description: str, line_end: str):
    text = WEEKEND.format(description).replace("\n", line_end)

    assert labels(text) == [MATRIX, "Fight Club (1999)"]
    assert all(not item.ids for item in read(text).items)


@pytest.mark.parametrize(
    "text",
    [
        RESAVED,
        RESAVED.replace(",", ";"),
        RESAVED.replace(",", "\t"),
        "sep=;\n" + RESAVED.replace(",", ";"),
        "\ufeff" + RESAVED.replace("Letterboxd list export v7", '"Letterboxd list export v7"'),
        RESAVED.replace("\n,,,,\n", "\n"),
        RESAVED.replace("\n,,,,\n", "\n,,,,\n\n"),
    ],
)
def test_a_letterboxd_list_that_a_spreadsheet_saved_again_is_read(text: str):
    assert labels(text) == [MATRIX, "Fight Club (1999)"]


@pytest.mark.parametrize(
    "text",
    [
        RESAVED.partition("Position")[0],
        WEEKEND.partition("Position")[0],
        WEEKEND.format("a\n\nName,Year\nX,1999")[:130],
    ],
)
def test_a_letterboxd_list_without_its_films_breaks_off(text: str):
    with pytest.raises(UnexpectedResponse, match="breaks off before its films"):
        read(text)


# Ids


def test_numbers_with_a_fraction_of_nothing_are_ids():
    assert [(item.ids.tmdb, item.year) for item in read(FLOAT_IDS).items] == [(603, 1999), (80000009, 2019)]


def test_numbers_without_a_kind_are_entries_in_doubt():
    page = read("tmdb_id\n603\n550\n")

    assert [(item.title, item.media_type, item.ids.tmdb) for item in page.items] == [("", None, 603), ("", None, 550)]


@pytest.mark.parametrize(
    ("row", "media_type", "ids"),
    [
        ("Anna,,https://www.imdb.com/title/tt7456310/", None, MediaIds(imdb="tt7456310")),
        ("Anna,,tt7456310", None, MediaIds(imdb="tt7456310")),
        ("Anna,tt7456310,", None, MediaIds(imdb="tt7456310")),
        ("Anna,,https://www.themoviedb.org/movie/603-the-matrix?language=de", MediaType.MOVIE, MediaIds(tmdb=603)),
        ("Anna,,https://thetvdb.com/?tab=series&id=81189", MediaType.TV, MediaIds(tvdb=81189)),
        ('Anna,,"=""tt7456310"""', None, MediaIds(imdb="tt7456310")),
        ("Anna,https://www.themoviedb.org/movie/603,tt0133093", MediaType.MOVIE, MediaIds(603, "tt0133093")),
        ("Anna,https://letterboxd.com/film/x/,", None, MediaIds()),
    ],
)
def test_ids_are_read_in_any_column(row: str, media_type: MediaType | None, ids: MediaIds):
    (item,) = read(f"Title,Link,Where I found it\n{row}\n").items

    assert (item.title, item.media_type, item.ids) == ("Anna", media_type, ids)


def test_an_export_that_breaks_off_is_refused_and_a_trimmed_one_is_read():
    rows = "tt0133093,The Matrix,1999,\ntt0078748,Alien,1979"

    assert labels(f"Const,Title,Year,Rated\n{rows}\n") == [MATRIX, "Alien (1979)"]
    for text in (f"Const,Title,Year,Rated\n{rows}", WEEKEND.format("") + "3,Ali"):
        with pytest.raises(UnexpectedResponse, match="breaks off in its last row"):
            read(text)


def test_what_people_write_about_a_title_is_not_its_id():
    (item,) = read("Title,Year,Notes\nAnna,2019,https://www.imdb.com/title/tt0133093/\n").items

    assert (item.label, item.ids) == ("Anna (2019)", MediaIds())


@pytest.mark.parametrize(
    ("header", "row", "ids"),
    [
        ("imdb_id,title", "https://www.imdb.com/title/tt0133093/,A", MediaIds(imdb="tt0133093")),
        ("movieId,imdbId,tmdbId", "1,0114709,862", MediaIds(862, "tt0114709")),
        ("movieId,imdbId,tmdbId", "1,114709.0,862.0", MediaIds(862, "tt0114709")),
        ("title,tmdb_id", "A,https://www.themoviedb.org/movie/603", MediaIds(603)),
        ("title,IMDb,Year", "A,8.5,1999", MediaIds()),
        ("title,imdb_id,tmdb_id", "A,\\N,NaN", MediaIds()),
        ("title,Const,Sequel", "A,tt0133093,tt0234215", MediaIds(imdb="tt0133093")),
        ("title,tmdb_movie_id", "A,603", MediaIds(603)),
    ],
)
def test_columns_of_ids_hold_them_in_many_forms(header: str, row: str, ids: MediaIds):
    (item,) = read(f"{header}\n{row}\n").items

    assert item.ids == ids


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("genres,id,original_language,release_date,title,vote_average,vote_count", MediaType.MOVIE),
        ("genres,id,original_language,first_air_date,name,vote_average,vote_count", MediaType.TV),
    ],
)
def test_a_table_of_tmdbs_answers_has_tmdbs_numbers_in_a_bare_id(header: str, kind: MediaType):
    (item,) = read(f"{header}\nDrama,1399,en,2011-04-17,A,8.1,5000\n").items

    assert (item.label, item.media_type, item.ids.tmdb) == ("A (2011)", kind, 1399)
    (other,) = read("id,rank,title,media_type,year\n5,1,A,movie,2000\n").items
    assert other.ids == MediaIds()
    (tt,) = read("id,title\ntt0133093,A\n").items
    assert tt.ids.imdb == "tt0133093"


def test_an_address_gives_the_kind_of_its_number():
    (item,) = read("tmdb_id,Link\n603,https://www.themoviedb.org/movie/603\n").items

    assert (item.media_type, item.ids.tmdb) == (MediaType.MOVIE, 603)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Title,Link,Other", "A,tt0133093,tt0234215"),
        ("tmdb_id,Link", "604,https://www.themoviedb.org/movie/603"),
        ("Title,Type,Link", "A,show,https://www.themoviedb.org/movie/603"),
    ],
)
def test_ids_of_several_titles_in_one_row_are_not_understood(header: str, row: str):
    page = read(f"{header}\n{row}\n")

    assert (page.items, page.not_understood, page.total) == ([], 1, 1)
    assert "line 2 (ids that do not belong to one title" in str(page.first_not_understood[0])


# Titles and years


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ("Halloween (1978),", "Halloween (1978)"),
        ("2012 (2009),", "2012 (2009)"),
        ("[REC] (2007),2007", "[REC] (2007)"),
        ("Blade Runner 2049,2017", "Blade Runner 2049 (2017)"),
        ("Blade Runner 2049,", "Blade Runner 2049"),
        ("Halloween (1978),2018", "Halloween (1978) (2018)"),
        ("The Office (US) (2005–2013),", "The Office (US) (2005)"),
        ("Breaking Bad (TV Series 2008–2013),", "Breaking Bad (2008)"),
        ("Breaking Bad (2008 TV Mini Series),", "Breaking Bad (2008)"),
        ("黑客帝国（1999）,", "黑客帝国 (1999)"),
        ("Concert (Live 1999),", "Concert (Live 1999)"),
        ("Breaking Bad,2008–2013", "Breaking Bad (2008)"),
        ("Psycho,(1960)", "Psycho (1960)"),
        ("Halloween,1978.0", "Halloween (1978)"),
        ("Friends,1994-", "Friends (1994)"),
        ("Psycho,16/06/1960", "Psycho (1960)"),
        ('Halloween,"October 25, 1978"', "Halloween (1978)"),
        ("Dune,2021-10-22", "Dune (2021)"),
        ("Halloween,10/25/78", "Halloween"),
    ],
)
def test_title_and_year_are_parted(row: str, label: str):
    assert labels(f"Title,Year\n{row}\n") == [label]


# What is not understood


def test_each_row_that_is_not_understood_is_told_by_its_line():
    text = (
        "\nTitle,Year\n"
        "Alien,1979\n"
        '"Two\nlines",2001\n'
        "The Good, the Bad and the Ugly,1966\n"
        '"The "Best" Film",1999\n'
        ",1999\n"
        "Dune,2021\n"
    )

    assert [item.label for item in read(text).items] == ["Alien (1979)", "Two lines (2001)", "Dune (2021)"]
    assert doubts(text) == [
        'line 6 (3 cells, but the header has 2: put quotes around a cell that holds ",")',
        "line 7 (quotes inside quotes that are not doubled)",
        "line 8 (neither a title nor an id)",
    ]


def test_a_row_whose_quoted_cells_go_on_for_megabytes_is_no_list():
    cell = '"' + "\U0001f3ac" * 500_000 + '\n"'

    with pytest.raises(TooLarge, match=r"the row from line 3 has over 2,097,152 characters"):
        read(f"Title,Year\nHeat,1995\nAlien,{','.join([cell] * 5)}\n")


def test_a_row_with_too_many_cells_is_still_known_by_its_imdb_id():
    page = read("Const,Note,Title,Year\ntt0133093,good, even great,The Matrix,1999\ntt0078748,,Alien,1979\n")

    assert [item.label for item in page.items] == ["tt0133093", "Alien (1979)"]
    assert page.not_understood == 0


def test_an_id_above_the_header_is_not_lost_in_silence():
    assert doubts("Mine,tt0133093\nTitle,Year\nAlien,1979\n") == ["line 1 (an id above the header)"]


def test_an_episode_by_its_address_requests_no_season():
    page = read(
        "Title,Link\nA,https://www.themoviedb.org/tv/1399-x/season/3/episode/9\nB,https://www.themoviedb.org/tv/1399-x/season/3\n"
    )

    assert [(item.title, item.season) for item in page.items] == [("B", 3)]
    assert page.unsupported_kinds == {"episode": 1}


@pytest.mark.parametrize(
    ("cells", "season"),
    [("3,,", 3), ("S03,,", 3), ("Season 3,,", 3), ("3.0,,", 3), ("0,,", 0), (",,", None), ("n/a,,", None)],
)
def test_a_season_is_that_season(cells: str, season: int | None):
    (item,) = read(f"TMDb ID,Type,Season Number,Episode Number,Episode Title\n1399,tv,{cells}\n").items

    assert (item.ids.tmdb, item.season) == (1399, season)


@pytest.mark.parametrize("cells", ["3,9,", "3,E09,", "3,0,", "3,9.0,", "3,,Baelor", "S03E09,,", "3x09,,"])
def test_an_episode_of_a_season_requests_nothing(cells: str):
    page = read(f"TMDb ID,Type,Season Number,Episode Number,Episode Title\n1399,tv,{cells}\n")

    assert (page.items, page.unsupported_kinds) == ([], {"episode": 1})


def test_a_season_that_is_no_number_is_not_the_whole_show():
    assert doubts("Title,Type,Season\nA,tv,the last\nB,tv,1\n") == ['line 2 (the season "the last" is not a number)']


@pytest.mark.parametrize("cell", ["(19" * 300_000, '="' + "x" * 900_000, "[" * 900_000, "s " * 300_000])
def test_a_huge_cell_takes_no_time(cell: str):
    # Time of this thread's own, which no other program takes away.
    started = time.thread_time()
    for text in (f"Title,Year\nA,{cell}\n", f"Title,Season\n{cell},1\n"):
        assert read(text).total == 1
    assert time.thread_time() - started < 10


TWO = "line 2 (two titles in one row: write each in a row of its own)"


@pytest.mark.parametrize(
    "text",
    [
        "Movies,Shows\nAlien,Breaking Bad\nDune,\n",
        "Movie,Year,TV Show,Year\nAlien,1979,Breaking Bad,2008\nDune,2021,,\n",
        "Title,Year,,Title,Year\nAlien,1979,,Breaking Bad,2008\nDune,2021,,,\n",
    ],
)
def test_of_tables_side_by_side_no_title_is_lost_in_silence(text: str):
    page = read(text)

    assert ([item.title for item in page.items], [str(one) for one in page.first_not_understood]) == (["Dune"], [TWO])


@pytest.mark.parametrize(
    "text",
    [
        "Title (English),Title (German),Year\nAlien,Das Ding,1979\n",
        "Title,Original Title,Year\nAlien,Das Ding,1979\n",
        "Movie,Series,Year\nAlien,Alien films,1979\n",
        "Title,Year,Title,Year\nAlien,1979,Alien,1979\n",
    ],
)
def test_other_names_of_a_title_are_no_second_one(text: str):
    assert [item.label for item in read(text).items] == ["Alien (1979)"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("IMDb ID,Const\ntt0078748,tt0133093\n", "several IMDb ids: tt0078748, tt0133093"),
        ("tmdb_movie_id,tmdb_tv_id\n603,1396\n", "TMDB numbers of a film and of a show"),
    ],
)
def test_two_columns_that_state_different_titles_are_not_understood(text: str, words: str):
    assert doubts(text) == [f"line 2 ({words})"]


def test_what_a_spreadsheet_writes_in_place_of_a_value_says_nothing():
    text = "Title,Year,IMDb ID\n#REF!,1994,tt0110889\n#N/A,1994,\n#NAME?,#VALUE!,#BEZUG!\n#Alive,2020,\n"

    assert [(item.title, item.ids.imdb) for item in read(text).items] == [("", "tt0110889"), ("#Alive", None)]
    assert doubts(text) == ["line 3 (neither a title nor an id)", "line 4 (neither a title nor an id)"]


# Any dialect

titles = st.text(alphabet=st.sampled_from("abcXYZ éñ,;|\t\"'()-:&0"), min_size=1, max_size=20).filter(
    lambda title: " ".join(title.split()) == title and any(letter.isalpha() for letter in title)
)


about = st.lists(
    st.sampled_from(
        [
            *(
                "",
                " ",
                "\n",
                "\n\n",
                "\r\n",
                '"',
                "'",
                ",",
                ";",
                "\t",
                "|",
                "Position,Name,Year",
                "name; year",
                "Title",
                "sep=;",
            ),
            *(
                "https://www.imdb.com/title/tt0078748/",
                "tt0078748",
                "tmdb:movie:348",
                "Alien (1979)",
                "1,Alien,1979,,",
                "é",
            ),
            "Letterboxd list export v7\n",
        ]
    ),
    max_size=12,
).map("".join)


@given(
    rows=st.lists(st.tuples(titles, st.integers(1900, 2030), about), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    is_stated=st.booleans(),
    before=st.lists(st.sampled_from(["", "My list", "Exported by a program"]), max_size=4),
)
def test_any_dialect_is_read_back(rows, delimiter, quoting, line_end, encoding, is_stated, before):
    text = io.StringIO(newline="")
    text.write(f"sep={delimiter}{line_end}" if is_stated else "")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([line] for line in before)
    # Python's writer quotes only the line end that it was told.
    noted = [(title, year, notes.replace("\n", line_end)) for title, year, notes in rows]
    writer.writerows([["Title", "Year", "Notes"], *noted])

    page = parse_list(text.getvalue().encode(encoding))

    assert [(item.title, item.year) for item in page.items] == [(title, year) for title, year, _ in rows]
    assert page.not_understood == 0


@given(
    description=about,
    name=about,
    rows=st.lists(st.tuples(titles, st.integers(1900, 2030)), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    is_padded=st.booleans(),
    is_stated=st.booleans(),
)
def test_a_letterboxd_list_is_its_films_with_any_rows_about_it(
    description, name, rows, delimiter, quoting, line_end, is_padded, is_stated
):
    text = io.StringIO(newline="")
    text.write(f"sep={delimiter}{line_end}" if is_stated else "")
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    padding = [""] * 4 if is_padded else []
    writer.writerow(["Letterboxd list export v7", *padding])
    writer.writerow(["Date", "Name", "Tags", "URL", "Description"])
    writer.writerow(["2024-05-01", name, "", "https://boxd.it/zzzz1", description])
    text.write((delimiter * 4 if is_padded else "") + line_end)
    writer.writerow(["Position", "Name", "Year", "URL", "Description"])
    writer.writerows([n, title, year, "https://boxd.it/zzzz2", description] for n, (title, year) in enumerate(rows, 1))

    page = parse_list(text.getvalue().encode())

    assert [(item.title, item.year) for item in page.items] == rows
    assert page.not_understood == 0
    assert all(not item.ids for item in page.items)
