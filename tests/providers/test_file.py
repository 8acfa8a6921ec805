"""Lists in files: where they may lie, how they are recognised, and what is said of those that cannot be read."""

import json
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.api.saved_lists.documents import decode
from list_sync.api.saved_lists.files import MAX_BYTES, load_list
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.api.saved_lists.text_lists import parse_id
from list_sync.errors import InvalidListId, ListSyncError, Refused, ResourceNotFound, UnexpectedResponse
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchResult, FetchState, ListRef, Page
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.providers import FetchContext
from list_sync.providers import file as file_provider
from list_sync.providers.file import check, fetch

IMDB_TODAY = (
    "Position,Const,Created,Modified,Description,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,"
    "Genres,Num Votes,Release Date,Directors,Your Rating,Date Rated\n"
)
IMDB_2016 = (
    '"position","const","created","modified","description","Title","Title type","Directors","You rated",'
    '"IMDb Rating","Runtime (mins)","Year","Genres","Num. Votes","Release Date (month/day/year)","URL"\n'
)
WATCHLIST = "Date,Name,Year,Letterboxd URI\n2024-01-05,First Film,1994,https://boxd.it/aaaa\n"
LETTERBOXD_LIST = (
    "Letterboxd list export v7\n"
    "Date,Name,Tags,URL,Description\n"
    '2024-02-01,My list,,https://boxd.it/list,"Two lines\nof words"\n'
    "\n"
    "Position,Name,Year,URL,Description\n"
    "1,First Film,1994,https://boxd.it/aaaa,\n"
    '2,"Second, Film",,https://boxd.it/bbbb,"a ""good"" one"\n'
)


def a_row(imdb_id: str, title: str, kind: str, year: str = "1999") -> str:
    return f'1,{imdb_id},2024-01-01,2024-01-01,,"{title}","{title}",https://www.imdb.com/title/{imdb_id}/,{kind},8,100,{year},,,,,,\n'


def context(folder: Path) -> FetchContext:
    return FetchContext(http=HttpClient("file"), drop_folder=folder)


def read(folder: Path, name: str) -> Page:
    (page,) = fetch(name, context=context(folder))
    return page


def result_of(folder: Path, name: str) -> FetchResult:
    (result,) = fetch_lists(
        [ListRef("file", name)], make_context=lambda _: context(folder), workers=1, stop=threading.Event()
    )
    return result


def items(content: str | bytes) -> list[MediaItem]:
    return list(parse_list(content.encode() if isinstance(content, str) else content).items)


def brief(content: str | bytes) -> list[tuple[str, str | None, int | None, str | None]]:
    return [
        (item.title, item.media_type.value if item.media_type else None, item.year, item.ids.imdb)
        for item in items(content)
    ]


# JSON


def test_the_guides_shape_is_read_with_nulls_and_addresses():
    entries = [
        {
            "title": "A",
            "year": 1999,
            "media_type": "movie",
            "imdb_id": "imdb://tt0133093",
            "tmdb_id": 603,
            "tvdb_id": None,
        },
        {"title": "B", "year": None, "media_type": "tv", "imdb_id": None, "tmdb_id": "1399", "tvdb_id": 121361},
        {"title": "C", "year": "2020-05-01", "media_type": "tv", "season_number": 2},
    ]

    assert items(json.dumps(entries)) == [
        MediaItem("A", MediaType.MOVIE, 1999, MediaIds(603, "tt0133093")),
        MediaItem("B", MediaType.TV, None, MediaIds(1399, None, 121361)),
        MediaItem("C", MediaType.TV, 2020, MediaIds(), 2),
    ]


def test_the_custom_lists_of_radarr_and_sonarr_are_read():
    entries = [
        {"title": "A Show", "tvdbId": 81189, "tmdbId": 1396, "imdbId": "tt0903747"},
        {"title": "A Film", "tvdbId": 0, "tmdbId": 603, "imdbId": "tt0133093"},
    ]

    assert items(json.dumps(entries)) == [
        MediaItem("A Show", MediaType.TV, None, MediaIds(1396, "tt0903747", 81189)),
        MediaItem("A Film", None, None, MediaIds(603, "tt0133093")),
    ]


def test_mdblists_shape_keeps_the_tmdb_number_in_a_bare_id_unless_it_says_that_there_is_none():
    entry = {"id": 693134, "rank": 1, "title": "A", "mediatype": "movie", "release_year": 2024, "imdb_id": "tt15239678"}

    assert items(json.dumps([entry]))[0].ids == MediaIds(693134, "tt15239678")
    assert items(json.dumps([entry | {"tmdb_id": None}]))[0].ids.tmdb is None
    assert items(json.dumps({"movies": [entry], "shows": []}))[0].ids.tmdb == 693134


def test_a_bare_id_of_another_shape_is_nobodys_tmdb_number():
    entry = {"id": 5, "rank": 1, "title": "A", "media_type": "movie", "year": 2000}

    assert items(json.dumps([entry]))[0].ids == MediaIds()


def test_trakts_wrapped_entries_are_read():
    entries = [
        {"rank": 1, "type": "movie", "movie": {"title": "A", "year": 2001, "ids": {"imdb": "tt0000011", "tmdb": 11}}},
        {"rank": 2, "type": "episode", "episode": {}, "show": {"title": "B", "ids": {"tmdb": 12}}},
        {"rank": 3, "type": "show", "show": {"title": "C", "year": None, "ids": {"tvdb": 13}}},
    ]
    page = parse_list(json.dumps(entries).encode())

    assert [(item.title, item.media_type, item.ids) for item in page.items] == [
        ("A", MediaType.MOVIE, MediaIds(11, "tt0000011")),
        ("C", MediaType.TV, MediaIds(tvdb=13)),
    ]
    assert (page.total, page.unsupported) == (3, 1)


def test_an_array_of_ids_is_read():
    assert [item.ids for item in items('["tt0133093", "tmdb:tv:1399"]')] == [
        MediaIds(imdb="tt0133093"),
        MediaIds(tmdb=1399),
    ]


def test_every_entry_ends_as_a_title_as_what_cannot_be_requested_or_as_not_understood():
    entries = [
        {"title": "A", "media_type": "movie"},
        {"title": "Somebody", "media_type": "person"},
        {"title": "A Game", "type": "videoGame", "imdb_id": "tt1234567"},
        {"title": "A Book", "type": "book"},
        {"title": "Something", "type": "never heard of"},
        {"title": ""},
        {"tmdb_id": 603},
        None,
        7,
    ]
    page = parse_list(json.dumps(entries).encode())

    assert [item.label for item in page.items] == ["A", "tmdb:603"]
    assert (page.unsupported, page.unsupported_kinds) == (3, {"person": 1, "game": 1, "book": 1})
    assert (page.not_understood, page.total) == (4, 9)
    assert [str(entry) for entry in page.first_not_understood] == [
        '[4] (a title of unknown type "never heard of" without id and year)',
        "[5] (neither a title nor an id)",
        "[7] (null)",
    ]


@pytest.mark.parametrize("text", ["[]", '{"items": []}', '{"movies": [], "shows": []}', " [ ] \n"])
def test_an_empty_json_list_is_a_whole_list(text: str):
    assert parse_list(text.encode()) == Page([], total=0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\0\0\0\0", "empty"),
        (b'[{"title": "A"}, {"ti', "incomplete JSON: .* line 1 column"),
        (b'[{"title": "A"}', "incomplete JSON"),
        (b"[" * 200_000, "cannot be read"),
        (b'[{"tmdb_id": ' + b"9" * 5000 + b"}]", "cannot be read"),
        (b"{}", "expected a list"),
        (b'{"name": "x"}', "expected a list"),
        (b'[{"foo": 1}, {"bar": 2}]', "no entry has a title"),
        (b"[1, 2, 3]", "no entry has a title"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"<?xml version='1.0'?><rss/>", "XML"),
        (b"hello world\nthis is a letter", "no line is an id"),
        (b"# nothing but a comment\n", "no line is an id"),
        (bytes(range(256)) * 50, "no line is an id"),
        (random.Random(1).randbytes(100_000), "no line is an id|cannot be read|web page|whole JSON"),
        (b'Const,Title\ntt0133093,"never closed', "line 2"),
        (IMDB_TODAY.encode() + b"1,tt0133093,2024-01", "breaks off"),
        (b"Letterboxd list export v7\nDate,Name,Tags,URL,Description\n", "breaks off"),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, words: str):
    with pytest.raises(UnexpectedResponse, match=words) as caught:
        parse_list(content)

    assert "\n" not in str(caught.value)


# CSV


def test_imdbs_export_of_today_is_read():
    text = (
        IMDB_TODAY
        + a_row("tt0133093", "The Matrix", "Movie")
        + a_row("tt0944947", "Thrones, a Game", "TV Series", "2011")
    )

    assert brief(text) == [
        ("The Matrix", "movie", 1999, "tt0133093"),
        ("Thrones, a Game", "tv", 2011, "tt0944947"),
    ]


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("Movie", "movie"),
        ("TV Movie", "movie"),
        ("Video", "movie"),
        ("Short", "movie"),
        ("tvMovie", "movie"),
        ("Feature Film", "movie"),
        ("TV Series", "tv"),
        ("TV Mini Series", "tv"),
        ("Mini-Series", "tv"),
        ("tvMiniSeries", "tv"),
        ("TV Special", None),
        ("TV Short", None),
        ("", None),
        ("Película", "movie"),
        ("Serie de TV", "tv"),
        ("Film télévisé", None),
    ],
)
def test_a_title_type_of_imdb_is_a_kind_or_left_open(kind: str, media_type: str | None):
    assert brief(IMDB_TODAY + a_row("tt0133093", "X", kind)) == [("X", media_type, 1999, "tt0133093")]


@pytest.mark.parametrize("kind", ["TV Episode", "Video Game", "Music Video", "Podcast Series", "Podcast Episode"])
def test_what_cannot_be_requested_is_counted(kind: str):
    page = parse_list((IMDB_TODAY + a_row("tt0133093", "X", kind)).encode())

    assert (page.items, page.unsupported, page.total) == ([], 1, 1)


def test_a_list_of_people_has_no_titles():
    page = parse_list(
        b"Position,Const,Created,Modified,Description,Name,Known For\n1,nm0000206,,,,Somebody,Something\n"
    )

    assert (page.items, page.unsupported) == ([], 1)


def test_imdbs_export_of_2016_is_read():
    row = (
        '"1","tt0068646","Mon Jan  4 2016","","","A Film","Feature Film","Me","","9","175","1972","crime","1","","u"\n'
    )
    show = row.replace("tt0068646", "tt0903747").replace("A Film", "A Show").replace("Feature Film", "TV Series")

    assert brief(IMDB_2016 + row + show) == [
        ("A Film", "movie", 1972, "tt0068646"),
        ("A Show", "tv", 1972, "tt0903747"),
    ]


def test_an_export_with_a_translated_header_is_read_by_its_ids():
    text = "Posición,Constante,Creado,Título\n1,tt0133093,2024-01-01,Matrix\n2,tt0944947,2024-01-01,Tronos\n"

    assert [item.ids.imdb for item in items(text)] == ["tt0133093", "tt0944947"]


def test_letterboxds_watchlist_is_read_and_leaves_the_kind_open():
    assert brief(WATCHLIST) == [("First Film", None, 1994, None)]


def test_letterboxds_list_is_read_after_its_preamble():
    for text in (LETTERBOXD_LIST, LETTERBOXD_LIST.replace("\n", "\r\n"), "\ufeff" + LETTERBOXD_LIST):
        assert brief(text) == [("First Film", None, 1994, None), ("Second, Film", None, None, None)]


@pytest.mark.parametrize(
    "text",
    [
        "imdb_id\ntt0133093\n",
        "title;year;imdb_id\nThe Matrix;1999;tt0133093\n",
        "Title\tIMDb ID\nThe Matrix\ttt0133093\n",
        "TITLE, Year, media_type, imdb_id\nThe Matrix, 1999, movie, tt0133093\n",
        "title,imdb_id\r\nThe Matrix,tt0133093\r\n",
        "title,imdb_id\rThe Matrix,tt0133093\r",
        "title,imdb_id\nThe Matrix,tt0133093",
        "title,imdb_id,more\nThe Matrix,tt0133093\n\n,,\n",
        "rank,type,title,year,trakt,imdb,tmdb,tvdb\n1,movie,The Matrix,1999,5,tt0133093,603,\n",
    ],
)
def test_any_table_with_known_columns_is_read(text: str):
    (item,) = items(text)

    assert item.ids.imdb == "tt0133093"


@pytest.mark.parametrize("header", [IMDB_TODAY, IMDB_2016, "Date,Name,Year,Letterboxd URI\n", "title,imdb_id"])
def test_a_table_without_rows_is_an_empty_list(header: str):
    assert parse_list(header.encode()) == Page([], total=0)


# Plain ids


@pytest.mark.parametrize(
    ("text", "media_type", "ids"),
    [
        ("tt0133093", None, MediaIds(imdb="tt0133093")),
        ("TT0133093", None, MediaIds(imdb="tt0133093")),
        ("imdb:tt0133093", None, MediaIds(imdb="tt0133093")),
        ("imdb://tt0133093", None, MediaIds(imdb="tt0133093")),
        ("https://www.imdb.com/title/tt0133093/", None, MediaIds(imdb="tt0133093")),
        ("https://m.imdb.com/title/tt0133093/?ref_=x#y", None, MediaIds(imdb="tt0133093")),
        ("imdb.com/de/title/tt0133093", None, MediaIds(imdb="tt0133093")),
        ("https://www.imdb.com/es-mx/title/tt0133093/reviews", None, MediaIds(imdb="tt0133093")),
        ("tmdb:movie:603", MediaType.MOVIE, MediaIds(tmdb=603)),
        ("tmdb:tv:1399", MediaType.TV, MediaIds(tmdb=1399)),
        ("TMDB:show/1399", MediaType.TV, MediaIds(tmdb=1399)),
        ("https://www.themoviedb.org/movie/603-the-matrix?language=de", MediaType.MOVIE, MediaIds(tmdb=603)),
        ("themoviedb.org/tv/1399/seasons", MediaType.TV, MediaIds(tmdb=1399)),
        ("tvdb:81189", MediaType.TV, MediaIds(tvdb=81189)),
        ("https://thetvdb.com/?tab=series&id=81189", MediaType.TV, MediaIds(tvdb=81189)),
        ("https://www.thetvdb.com/dereferrer/series/81189", MediaType.TV, MediaIds(tvdb=81189)),
    ],
)
def test_an_id_is_read(text: str, media_type: MediaType | None, ids: MediaIds):
    assert parse_id(text) == MediaItem("", media_type, None, ids)


@pytest.mark.parametrize(
    "text", ["tmdb:603", "603", "tt", "nm0000206", "tmdb:movie:0", "tvdb:99999999999", "The Matrix", ""]
)
def test_what_is_no_id_is_not_guessed(text: str):
    assert parse_id(text) is None


def test_lines_are_read_with_comments_blank_lines_and_any_line_end():
    text = "# my list\r\ntt0133093  # The Matrix\r\n\r\ntmdb:tv:1399\rnot an id\ntvdb:81189,\n"
    page = parse_list(text.encode())

    assert [item.ids for item in page.items] == [
        MediaIds(imdb="tt0133093"),
        MediaIds(tmdb=1399),
        MediaIds(tvdb=81189),
    ]
    assert (page.total, page.unsupported, page.not_understood) == (4, 0, 1)
    assert [str(entry) for entry in page.first_not_understood] == [
        'line 5 ("not an id" is neither an id nor a title with its year)'
    ]


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"]
)
def test_every_usual_encoding_is_read(encoding: str):
    text = "title,year,imdb_id\nAmélie à Paris,2001,tt0211915\n"

    assert brief(text.encode(encoding)) == [("Amélie à Paris", None, 2001, "tt0211915")]


def test_nul_bytes_are_dropped():
    assert brief(b"title,imdb_id\nThe\0 Matrix,tt0133093\n\0\0\0") == [("The Matrix", None, None, "tt0133093")]


def test_titles_lose_their_control_characters():
    assert items('[{"title": "A\\u0000\\u001b[31m\\ud800B", "media_type": "movie"}]')[0].title == "A [31m B"


# Where files may lie


@pytest.mark.parametrize("name", ["list.json", "sub/list.json", "./list.json", " list.json ", "LIST ü.json"])
def test_a_file_of_the_drop_folder_is_read_whole(tmp_path: Path, name: str):
    path = tmp_path / name.strip()
    path.parent.mkdir(exist_ok=True)
    path.write_text('["tt0133093"]')

    result = result_of(tmp_path, name)

    assert (result.state, len(result.items), result.route) == (FetchState.COMPLETE, 1, "drop folder")


def test_a_file_is_recognised_by_its_content_and_not_by_its_name(tmp_path: Path):
    (tmp_path / "list.json").write_text("tt0133093\n")

    assert len(read(tmp_path, "list.json").items) == 1


def test_an_absolute_path_into_the_folder_is_read(tmp_path: Path):
    (tmp_path / "list.txt").write_text("tt0133093\n")

    assert len(read(tmp_path, str(tmp_path / "list.txt")).items) == 1


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "..", "../x", "a/../../x", "..\\x", "", "  ", "a\0b", "ftp://host/list", "."]
)
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, name: str):
    result = result_of(tmp_path, name)

    assert result.state is FetchState.FAILED
    assert "drop folder" in (result.reason or "") or "http" in (result.reason or "") or "empty" in (result.reason or "")


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path):
    outside = tmp_path / "outside.txt"
    outside.write_text("tt0133093")
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "link.txt").symlink_to(outside)
    (drop / "loop.txt").symlink_to(drop / "loop.txt")

    with pytest.raises(InvalidListId, match="outside the drop folder"):
        read(drop, "link.txt")
    with pytest.raises((InvalidListId, UnexpectedResponse)):
        read(drop, "loop.txt")


def test_a_missing_file_says_where_to_put_it(tmp_path: Path):
    with pytest.raises(ResourceNotFound, match="not found in DATA_DIR/drop: put the file there"):
        read(tmp_path, "none.json")
    with pytest.raises(ResourceNotFound, match="not found in DATA_DIR/drop: put the file there"):
        read(tmp_path / "no folder", "none.json")

    assert result_of(tmp_path, "none.json").reason == (
        "not found in DATA_DIR/drop: put the file there, or correct its name (FILE_LISTS)"
    )


def test_a_folder_or_a_pipe_is_not_a_file(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name in ("folder", "pipe"):
        with pytest.raises(InvalidListId, match="is not a file"):
            read(tmp_path, name)


@contextmanager
def without_root() -> Iterator[None]:
    """Read as an ordinary user: root may read everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_file_that_may_not_be_read_says_what_to_do(tmp_path: Path):
    path = tmp_path / "secret.json"
    path.write_text("[]")
    path.chmod(0)

    with without_root(), pytest.raises(Refused, match="make it readable"):
        load_list(path)


def test_a_file_that_is_too_large_says_what_to_do(tmp_path: Path):
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)

    with pytest.raises(UnexpectedResponse, match="larger than 32 MB: split it"):
        read(tmp_path, "large.txt")


def test_a_name_that_is_too_long_is_a_named_error(tmp_path: Path):
    with pytest.raises(ListSyncError):
        read(tmp_path, "x" * 5000)


def test_ten_megabytes_of_garbage_are_refused_at_once(tmp_path: Path):
    (tmp_path / "garbage.json").write_bytes(b"\x07garbage" * 1_300_000)

    assert result_of(tmp_path, "garbage.json").state is FetchState.FAILED


def test_a_list_of_a_hundred_thousand_ids_is_read(tmp_path: Path):
    (tmp_path / "large.txt").write_text("\n".join(f"tt{number:07}" for number in range(1, 100_001)))

    result = result_of(tmp_path, "large.txt")
    assert (result.state, len(result.items)) == (FetchState.COMPLETE, 100_000)


# Anything else


def parse_or_refuse(content: bytes) -> Page | None:
    try:
        page = parse_list(content)
    except ListSyncError as error:
        # A named error is one line that can be stored and sent.
        str(error).encode()
        return None
    assert page.total == page.entries
    for item in page.items:
        item.label.encode()
        assert item.title or item.ids
    return page


@given(st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_named_error(content: bytes):
    assert isinstance(decode(content), str)
    parse_or_refuse(content)


keys = st.sampled_from(
    [
        "title",
        "name",
        "year",
        "media_type",
        "mediatype",
        "type",
        "imdb_id",
        "tmdbId",
        "tvdb_id",
        "ids",
        "movie",
        "id",
        "items",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.just("tt0133093"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=15,
)


@given(values, st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_json_is_a_list_or_a_named_error(document: object, encoding: str):
    parse_or_refuse(json.dumps(document).encode(encoding))


cells = st.text(alphabet=st.sampled_from('atT019",;\n\r\t \0é#:/'), max_size=12)


@given(
    st.sampled_from([IMDB_TODAY, IMDB_2016, WATCHLIST, LETTERBOXD_LIST, "title,imdb_id\n", ""]),
    st.lists(cells, max_size=20),
)
def test_any_table_is_a_list_or_a_named_error(header: str, rows: list[str]):
    parse_or_refuse((header + ",".join(rows)).encode())


def test_the_provider_checks_names_without_touching_the_disk():
    assert check("list.json") is None
    assert check("https://example.org/list.json") is None
    assert file_provider.SERVICE == "file"
