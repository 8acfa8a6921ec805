"""Exports in the drop folder: which list a file is, what archives and feeds hold, and when nothing is guessed."""

import io
import json
import os
import re
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.client import HttpClient
from list_sync.api.saved_lists.drop_folder import Saved, find_saved, split_date
from list_sync.api.saved_lists.files import MAX_BYTES, find_members, open_archive, read_member, unpack
from list_sync.api.saved_lists.find import Fit, Wanted, choose, fit_of, read_export
from list_sync.api.saved_lists.identity import find_account, identify
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import InvalidListId, ListSyncError, NotOffered, UnexpectedResponse
from list_sync.fetching.pool import fetch_lists
from list_sync.model.sources import FetchResult, FetchState, ListRef
from list_sync.model.titles import MediaIds, MediaType
from list_sync.providers import FetchContext

LETTERBOXD = "Date,Name,Year,Letterboxd URI\n2026-01-05,{},1994,https://boxd.it/aaaa\n"
LETTERBOXD_LIST = (
    "Letterboxd list export v7\nDate,Name,Tags,URL,Description\n2026-02-01,Best,,{},\n\n"
    "Position,Name,Year,URL,Description\n1,{},1994,https://boxd.it/aaaa,\n"
)
IMDB = "Position,Const,Title,Title Type,Year\n1,tt0133093,{},Movie,1999\n"
TRAKT = json.dumps(
    [{"type": "movie", "movie": {"title": "{}", "year": 1999, "ids": {"trakt": 1, "imdb": "tt0133093"}}}]
)
TRAKT_CSV = "rank,type,title,year,trakt_id,imdb_id,tmdb_id\n1,movie,{},1999,1,tt0133093,603\n"


def put(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read(folder: Path, source: str, *, others: tuple[str, ...] = ()) -> FetchResult:
    provider, _, list_id = source.partition(":")
    # Nobody listens there: whatever is read, is read from the folder.
    context = FetchContext(
        http=HttpClient(provider, retry_attempts=1),
        base_url="http://127.0.0.1:9",
        overridden=True,
        credentials={"TRAKT_CLIENT_ID": "test-only"},
        drop_folder=folder,
        neighbours=others,
    )
    (result,) = fetch_lists(
        [ListRef(provider, list_id)], make_context=lambda _: context, workers=1, stop=threading.Event()
    )
    return result


def title_of(result: FetchResult) -> str:
    assert (result.state, result.route) == (FetchState.COMPLETE, "export"), result.reason
    (item,) = result.items
    return item.title


def said_by_export(result: FetchResult) -> tuple[str, str]:
    (attempt,) = [attempt for attempt in result.attempts if attempt.route == "export"]
    return attempt.outcome.value, attempt.reason


# Which list a file is


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("watchlist.csv", LETTERBOXD, "letterboxd:alice/watchlist"),
        ("watchlist-alice-2026-10-01-08-15-utc.csv", LETTERBOXD, "letterboxd:alice/watchlist"),
        ("Watchlist-Alice (1).csv", LETTERBOXD, "letterboxd:https://letterboxd.com/Alice/watchlist/"),
        ("letterboxd-alice-2026-10-01-08-15-utc/watchlist.csv", LETTERBOXD, "letterboxd:alice/watchlist"),
        ("letterboxd/alice/watchlist.csv", LETTERBOXD, "letterboxd:alice/watchlist"),
        ("letterboxd/watched.csv", LETTERBOXD, "letterboxd:alice/films"),
        ("likes/films.csv", LETTERBOXD, "letterboxd:alice/likes/films"),
        ("best.csv", LETTERBOXD, "letterboxd:alice/best"),
        ("alice-best.csv", LETTERBOXD, "letterboxd:alice/list/best"),
        (
            "whatever.csv",
            LETTERBOXD_LIST.replace("{}", "https://letterboxd.com/alice/list/best/", 1),
            "letterboxd:alice/best",
        ),
        ("whatever.csv", LETTERBOXD_LIST.replace("{}", "https://boxd.it/aB3d", 1), "letterboxd:https://boxd.it/aB3d"),
        ("lists/best.csv", LETTERBOXD_LIST.replace("{}", "https://boxd.it/aB3d", 1), "letterboxd:alice/best"),
        ("letterboxd/alice-best.txt", "tt0133093 # {}\n", "letterboxd:alice/best"),
        ("ls000000001.csv", IMDB, "imdb:ls000000001"),
        ("LS000000001-my films.csv", IMDB, "imdb:https://www.imdb.com/list/ls000000001/"),
        ("imdb/ls000000001 (2).csv", IMDB, "imdb:ls000000001"),
        ("WATCHLIST.csv", IMDB, "imdb:ur1234567"),
        ("watchlist ur1234567.csv", IMDB, "imdb:ur1234567"),
        ("p.Abc_1.csv", IMDB, "imdb:p.Abc_1"),
        ("ls000000001.txt", "tt0133093\n", "imdb:ls000000001"),
        ("lists-watchlist.json", TRAKT, "trakt:alice/watchlist"),
        ("trakt-alice/lists-list-77-best.json", TRAKT, "trakt:alice/best"),
        ("alice-best.csv", TRAKT_CSV, "trakt:https://trakt.tv/users/alice/lists/best"),
        ("lists-list-77-best.json", TRAKT, "trakt:77"),
        ("77.json", TRAKT, "trakt:https://trakt.tv/lists/77"),
        ("favorites.json", TRAKT, "trakt:https://trakt.tv/users/alice/favorites"),
    ],
)
def test_an_export_is_found_by_what_it_says_or_is_called(tmp_path: Path, name: str, content: str, source: str):
    put(tmp_path, {name: content.replace("{}", "A Film")})

    result = read(tmp_path, source)
    assert (result.state, result.route, len(result.items)) == (FetchState.COMPLETE, "export", 1), result.reason


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("watchlist-bob.csv", LETTERBOXD, "letterboxd:alice/watchlist"),
        ("letterboxd-bob-2026-10-01/watchlist.csv", LETTERBOXD, "letterboxd:alice/watchlist"),
        ("other.csv", LETTERBOXD, "letterboxd:alice/best"),
        (
            "best.csv",
            LETTERBOXD_LIST.replace("{}", "https://letterboxd.com/bob/list/best/", 1),
            "letterboxd:alice/best",
        ),
        (
            "other.csv",
            LETTERBOXD_LIST.replace("{},", "https://boxd.it/aB3d,https://letterboxd.com/alice/list/best/", 1),
            "letterboxd:alice/best",
        ),
        ("watchlist.csv", IMDB, "letterboxd:alice/watchlist"),
        ("watchlist.csv", LETTERBOXD, "imdb:ur1234567"),
        ("watchlist.csv", LETTERBOXD, "trakt:alice/watchlist"),
        ("ls0000000011.csv", IMDB, "imdb:ls000000001"),
        ("films.csv", IMDB, "imdb:ls000000001"),
        ("best-77.json", TRAKT, "trakt:77"),
        ("alice-best.txt", "tt0133093\n", "letterboxd:alice/best"),
        ("deep/er/and/deep/er/ls000000001.csv", IMDB, "imdb:ls000000001"),
    ],
)
def test_the_export_of_another_list_is_left_alone(tmp_path: Path, name: str, content: str, source: str):
    put(tmp_path, {name: content.replace("{}", "A Film")})

    outcome, reason = said_by_export(read(tmp_path, source))
    assert outcome == "skipped"
    assert "no export of this list in the drop folder" in reason


def test_a_file_that_does_not_say_whose_it_is_serves_only_where_one_list_can_be_meant(tmp_path: Path):
    put(tmp_path, {"watchlist.csv": LETTERBOXD})

    assert read(tmp_path, "letterboxd:alice/watchlist", others=("alice/best",)).state is FetchState.COMPLETE
    same_or_wrong = ("https://letterboxd.com/alice/watchlist/", "no such spelling")
    assert read(tmp_path, "letterboxd:alice/watchlist", others=same_or_wrong).state is FetchState.COMPLETE
    outcome, reason = said_by_export(read(tmp_path, "letterboxd:alice/watchlist", others=("bob/watchlist",)))
    assert outcome == "refused"
    assert '"watchlist.csv" does not state whose list it is' in reason
    assert "watchlist-alice.csv" in reason


def test_of_two_exports_with_their_dates_the_newer_counts(tmp_path: Path):
    put(
        tmp_path,
        {
            "watchlist-alice-2026-01-01.csv": LETTERBOXD.format("Old"),
            "watchlist-alice-2026-02-01-10-00-utc.csv": LETTERBOXD.format("New"),
        },
    )

    assert title_of(read(tmp_path, "letterboxd:alice/watchlist")) == "New"


def test_between_two_files_without_dates_nothing_is_guessed(tmp_path: Path):
    put(tmp_path, {"alice-best.csv": LETTERBOXD.format("One"), "best-alice.csv": LETTERBOXD.format("Two")})
    outcome, reason = said_by_export(read(tmp_path, "letterboxd:alice/best"))

    assert outcome == "refused"
    assert "may both be this list: keep one of them" in reason
    put(tmp_path, {"best-alice.csv": LETTERBOXD.format("One")})
    assert title_of(read(tmp_path, "letterboxd:alice/best")) == "One"


def test_an_address_inside_counts_before_a_name(tmp_path: Path):
    stated = LETTERBOXD_LIST.replace("{}", "https://letterboxd.com/alice/list/best/", 1)
    put(tmp_path, {"alice-best.csv": LETTERBOXD.format("Named"), "x.csv": stated.replace("{}", "Stated")})

    assert title_of(read(tmp_path, "letterboxd:alice/best")) == "Stated"


def test_a_broken_export_is_named_and_the_next_way_tried(tmp_path: Path):
    put(tmp_path, {"ls000000001.csv": IMDB.format("A") + "2,tt01330"})

    outcome, reason = said_by_export(read(tmp_path, "imdb:ls000000001"))
    assert outcome == "drifted"
    assert "breaks off" in reason


def test_the_age_of_the_file_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    put(tmp_path, {"ls000000001.csv": IMDB.format("A"), "watchlist-alice-2026-03-04.csv": LETTERBOXD.format("B")})
    os.utime(tmp_path / "ls000000001.csv", (1_000_000_000, 1_000_000_000))
    with caplog.at_level("INFO"):
        said = said_by_export(read(tmp_path, "imdb:ls000000001"))
        read(tmp_path, "letterboxd:alice/watchlist")

    assert said[0] == "served"
    assert re.fullmatch(r"ls000000001\.csv of 09 September 2001", said[1])
    assert "read from the export ls000000001.csv of 09 September 2001" in caplog.text
    assert "watchlist-alice-2026-03-04.csv of 04 March 2026" in caplog.text


def test_charts_have_no_export(tmp_path: Path):
    assert "export" not in [attempt.route for attempt in read(tmp_path, "imdb:top").attempts]


def test_links_out_of_the_folder_pipes_and_missing_folders_are_left_alone(tmp_path: Path):
    put(tmp_path, {"outside/ls000000001.csv": IMDB.format("A")})
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "ls000000001.csv").symlink_to(tmp_path / "outside" / "ls000000001.csv")
    os.mkfifo(drop / "ls000000001.txt")

    assert find_saved(drop) == find_saved(tmp_path / "none") == find_saved(None) == ()


@pytest.mark.parametrize(
    ("name", "rest", "date"),
    [
        ("watchlist-alice-2026-10-01-08-15-utc", "watchlist-alice", datetime(2026, 10, 1, tzinfo=UTC)),
        ("best 2026-10-01", "best", datetime(2026, 10, 1, tzinfo=UTC)),
        ("2026-10-01", "", datetime(2026, 10, 1, tzinfo=UTC)),
        ("best-of-2024", "best-of-2024", None),
        ("best-2026-19-39", "best-2026-19-39", None),
    ],
)
def test_the_date_in_a_name_is_that_of_the_export(name: str, rest: str, date: datetime | None):
    assert split_date(name) == (rest, date)


names = st.text(alphabet="alice-best_wtch2026.()ls01 ", max_size=30)


@given(names, names, names, st.sampled_from([None, "letterboxd", "imdb", "trakt"]))
def test_a_file_of_one_owner_never_fits_the_list_of_another(stem: str, owner: str, other: str, origin: str | None):
    saved = Saved(
        "x", split_date(stem)[0], "bob", "letterboxd", origin, (), datetime(2026, 1, 1, tzinfo=UTC), False, bytes
    )
    wanted = Wanted("letterboxd", "alice", ("watchlist",))

    if "alice" not in saved.stem:
        assert fit_of(wanted, saved) is Fit.NO
    with pytest.raises(NotOffered):
        choose(wanted, [])


# Archives


ACCOUNT = {
    "profile.csv": "Date Joined,Username,Given Name\n2020-01-01,Alice,A\n",
    "watchlist.csv": LETTERBOXD.format("Wanted"),
    "watched.csv": LETTERBOXD.format("Seen"),
    "ratings.csv": "Date,Name,Year,Letterboxd URI,Rating\n2026-01-01,Rated,1999,https://boxd.it/a,4\n",
    "diary.csv": "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n2026-01-01,D,1999,https://boxd.it/a,4,,,2026-01-01\n",
    "likes/films.csv": LETTERBOXD.format("Liked"),
    "lists/best.csv": LETTERBOXD_LIST.format("https://boxd.it/aB3d", "Listed"),
    "deleted/lists/best.csv": LETTERBOXD_LIST.format("https://boxd.it/aB3d", "Deleted"),
    "deleted/watchlist.csv": LETTERBOXD.format("Deleted"),
}


@pytest.mark.parametrize("name", ["letterboxd-alice-2026-10-01-08-15-utc.zip", "export.zip"])
def test_a_whole_account_is_read_out_of_its_archive(tmp_path: Path, name: str):
    (tmp_path / name).write_bytes(zipped(ACCOUNT))

    found = {
        list_id: title_of(read(tmp_path, f"letterboxd:{list_id}", others=("bob/watchlist",)))
        for list_id in ("alice/watchlist", "alice/films", "alice/likes/films", "alice/best", "https://boxd.it/aB3d")
    }
    assert list(found.values()) == ["Wanted", "Seen", "Liked", "Listed", "Listed"]
    assert said_by_export(read(tmp_path, "letterboxd:bob/watchlist"))[0] == "skipped"


def test_trakts_archive_is_read(tmp_path: Path):
    files = {
        "user-profile.json": json.dumps({"username": "alice"}),
        "lists-watchlist.json": TRAKT.replace("{}", "Wanted"),
        "lists-list-77-best.json": TRAKT.replace("{}", "Listed"),
        "lists-lists.json": json.dumps([{"name": "Best", "ids": {"trakt": 77, "slug": "best"}}]),
    }
    (tmp_path / "trakt.zip").write_bytes(zipped(files))

    assert title_of(read(tmp_path, "trakt:alice/watchlist", others=("bob/watchlist",))) == "Wanted"
    assert title_of(read(tmp_path, "trakt:alice/best")) == "Listed"


def archive_of(user: str, title: str) -> bytes:
    profile = {"user-profile.json": json.dumps({"username": user})} if user else {}
    return zipped({**profile, "lists-watchlist.json": TRAKT.replace("{}", title)})


@pytest.mark.parametrize("user", ["alice", ""])
def test_me_is_the_user_whose_export_is_the_only_one(tmp_path: Path, user: str):
    (tmp_path / "trakt-export-2026-08-21.zip").write_bytes(archive_of(user, "Wanted"))

    assert title_of(read(tmp_path, "trakt:me/watchlist")) == "Wanted"
    assert title_of(read(tmp_path, "trakt:https://trakt.tv/users/me/watchlist")) == "Wanted"
    assert said_by_export(read(tmp_path, "trakt:me/best"))[0] == "skipped"


@pytest.mark.parametrize("name", ["alice-watchlist.json", "watchlist-alice.json", "trakt/alice/watchlist.json"])
def test_me_is_the_user_that_the_only_file_is_named_after(tmp_path: Path, name: str):
    put(tmp_path, {name: TRAKT.replace("{}", "Wanted")})

    assert title_of(read(tmp_path, "trakt:me/watchlist")) == "Wanted"


def test_of_one_users_exports_the_newest_is_mine(tmp_path: Path):
    for day, title in (("2026-08-21", "Old"), ("2026-09-21", "New")):
        (tmp_path / f"trakt-export-{day}.zip").write_bytes(archive_of("alice", title))

    assert title_of(read(tmp_path, "trakt:me/watchlist")) == "New"


def test_with_the_exports_of_two_users_me_is_neither(tmp_path: Path):
    for user in ("alice", "bob"):
        (tmp_path / f"{user}.zip").write_bytes(archive_of(user, "Wanted"))

    outcome, reason = said_by_export(read(tmp_path, "trakt:me/watchlist"))
    assert outcome == "refused"
    assert reason == "there are exports of several users (alice, bob): write the user's name in place of me"
    assert title_of(read(tmp_path, "trakt:bob/watchlist")) == "Wanted"


def test_the_file_provider_reads_one_list_of_an_archive(tmp_path: Path):
    (tmp_path / "one.zip").write_bytes(zipped({"ids.txt": "tt0133093\n"}))
    (tmp_path / "many.zip").write_bytes(zipped(ACCOUNT))

    assert len(read(tmp_path, "file:one.zip").items) == 1
    assert [item.title for item in read(tmp_path, "file:many.zip/lists/best.csv").items] == ["Listed"]
    assert 'as in "many.zip/profile.csv"' in read(tmp_path, "file:many.zip").reason
    assert "holds no" in read(tmp_path, "file:many.zip/none.csv").reason


def test_broken_archives_are_named_and_hide_nothing(tmp_path: Path):
    whole = zipped(ACCOUNT)
    for content in (whole[:-30], b"PK\x03\x04", whole[:50] + b"\xff" * 400 + whole[450:]):
        (tmp_path / "broken.zip").write_bytes(content)
        put(tmp_path, {"ls000000001.csv": IMDB.format("A")})
        assert title_of(read(tmp_path, "imdb:ls000000001")) == "A"
    with pytest.raises(UnexpectedResponse, match="the archive is broken: download it again"):
        unpack(whole[:-30], "x.zip")
    with pytest.raises(InvalidListId, match="holds no list"):
        unpack(zipped({"picture.jpg": "x"}), "x.zip")


def test_a_bomb_is_not_unpacked():
    bomb = zipped({"ids.txt": "\n" * (MAX_BYTES + 10)})

    assert len(bomb) < 100_000
    with open_archive(io.BytesIO(bomb)) as archive:
        with pytest.raises(UnexpectedResponse, match="larger than 32 MB"):
            read_member(archive, "ids.txt")
        assert len(read_member(archive, "ids.txt", limit=1000)) == 1000
    many = zipped({f"{number}.csv": "" for number in range(6000)})
    with open_archive(io.BytesIO(many)) as archive, pytest.raises(UnexpectedResponse, match="6000 files"):
        find_members(archive)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_packed_in_a_way_without_a_limit_is_refused(method: int):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("ids.txt", "tt0133093")

    with pytest.raises(UnexpectedResponse, match="packed in a rare way"):
        unpack(packed.getvalue(), "x.zip")


def test_an_archive_with_too_long_a_list_of_files_is_not_opened():
    long_names = zipped({f"{number:0300}.txt": "" for number in range(4000)})

    with pytest.raises(UnexpectedResponse, match="too many files"):
        unpack(long_names, "x.zip")


def nameless() -> bytes:
    packed, member = io.BytesIO(), zipfile.ZipInfo("x")
    member.filename = ""
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, "1")
    return packed.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"\xef\xbb\xbf", nameless(), bytes(range(256)) * 9, b"[" * 90_000, b"<a" * 50_000, b'"' * 90_000],
)
def test_a_file_that_is_empty_or_broken_leaves_out_itself_alone(tmp_path: Path, content: bytes):
    put(tmp_path, {"ls000000001.csv": IMDB.format("A")})
    for name in ("other.zip", "odd.csv", "odd.xml"):
        (tmp_path / name).write_bytes(content)
    os.utime(tmp_path / "odd.csv", (1e12, 1e12))

    assert title_of(read(tmp_path, "imdb:ls000000001")) == "A"


@pytest.mark.parametrize("content", [b"", b" \n", bytes(range(256)) * 9])
def test_a_file_without_text_is_no_rival_of_the_list_of_its_name(tmp_path: Path, content: bytes):
    put(tmp_path, {"ls000000001.csv": IMDB.format("A"), "ls000000001.txt": ""})
    (tmp_path / "ls000000001.txt").write_bytes(content)

    assert title_of(read(tmp_path, "imdb:ls000000001")) == "A"


def test_an_archive_is_opened_again_only_after_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    real = zipfile.ZipFile

    def counted(*arguments: object, **options: object) -> zipfile.ZipFile:
        opened.append("archive")
        return real(*arguments, **options)  # type: ignore[arg-type]

    (tmp_path / "letterboxd-alice-2026-01-02.zip").write_bytes(zipped(ACCOUNT))
    monkeypatch.setattr(zipfile, "ZipFile", counted)
    found = find_saved(tmp_path)
    assert (found, opened) == (find_saved(tmp_path), ["archive"])

    (tmp_path / "letterboxd-alice-2026-01-02.zip").write_bytes(zipped({"one.csv": "Title,Year\nHeat,1995\n"}))
    assert [one.label.rpartition("/")[2] for one in find_saved(tmp_path)] == ["one.csv"]


# Feeds


def feed(*entries: str, link: str = "https://example.org/", start: str = '<rss version="2.0">') -> bytes:
    inner = f"<title>T</title><link>{link}</link>{''.join(entries)}"
    return f'<?xml version="1.0"?>{start}<channel>{inner}</channel></rss>'.encode()


def test_letterboxds_feed_states_tmdb_numbers_and_its_lists_are_no_films():
    page = parse_list(
        feed(
            "<item><title>A Film, 1999 - ★★★★</title><link>https://letterboxd.com/alice/film/a-film/</link>"
            "<letterboxd:filmTitle>A Film</letterboxd:filmTitle><letterboxd:filmYear>1999</letterboxd:filmYear>"
            "<tmdb:movieId>603</tmdb:movieId></item>",
            "<item><title>Best</title><link>https://letterboxd.com/alice/list/best/</link></item>",
            "<item><letterboxd:filmTitle>A Show</letterboxd:filmTitle><tmdb:tvId>1399</tmdb:tvId></item>",
            start='<rss version="2.0" xmlns:letterboxd="https://letterboxd.com" xmlns:tmdb="https://themoviedb.org">',
        )
    )

    assert [(item.label, item.media_type, item.ids.tmdb) for item in page.items] == [
        ("A Film (1999)", MediaType.MOVIE, 603),
        ("A Show", MediaType.TV, 1399),
    ]
    assert (page.total, page.unsupported) == (3, 1)


def test_imdbs_feed_of_old_and_any_other_are_read():
    page = parse_list(
        feed(
            "<item><title>A Show (2011 TV Series)</title><link>http://www.imdb.com/title/tt0944947/</link></item>",
            "<item><title>An Episode (2011 TV Episode)</title><link>http://www.imdb.com/title/tt0944948/</link></item>",
            "<item><title>A Film (1999)</title><category>movie</category><guid>imdb://tt0133093</guid></item>",
            "<item><title>By name (1999)</title></item>",
            "<item><title>News of today</title></item>",
            "<item><title>M (1931)</title><description>https://www.themoviedb.org/movie/832-m now</description></item>",
        )
    )

    assert [(item.title, item.year, item.media_type) for item in page.items] == [
        ("A Show", 2011, MediaType.TV),
        ("A Film", 1999, MediaType.MOVIE),
        ("By name", 1999, None),
        ("M", 1931, MediaType.MOVIE),
    ]
    assert page.items[3].ids == MediaIds(tmdb=832)
    assert (page.unsupported_kinds, page.not_understood) == ({"episode": 1}, 1)


def test_atom_and_an_empty_feed_are_read():
    atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="https://imdb.com/title/tt0133093/"/></entry></feed>'

    assert [item.ids.imdb for item in parse_list(atom.encode()).items] == ["tt0133093"]
    assert (parse_list(feed()).total, parse_list(feed()).items) == (0, [])


def test_a_feed_that_states_more_than_it_holds_is_not_whole():
    entry = "<entry><title>Alien (1979)</title></entry>"
    paged = parse_list(f"<feed><link rel='self' href='x'/><link rel='next' href='y'/>{entry}</feed>".encode())
    counted = parse_list(f"<feed><os:totalResults>57</os:totalResults>{entry}</feed>".encode())

    assert (paged.total, paged.halt) == (None, "it states that more follows (a link to the next page)")
    assert (counted.total, counted.entries) == (57, 1)


def test_a_feed_fits_the_list_that_it_gives_as_its_own(tmp_path: Path):
    entry = "<item><title>A (1999)</title><link>http://www.imdb.com/title/tt0133093/</link></item>"
    (tmp_path / "feed.xml").write_bytes(feed(entry, link="http://www.imdb.com/list/ls000000001/"))

    assert title_of(read(tmp_path, "imdb:ls000000001")) == "A"
    assert said_by_export(read(tmp_path, "imdb:ls000000002"))[0] == "skipped"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss>",
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ATTLIST item a CDATA "b">]>',
        '<?xml version="1.0"?>\n<!-- a comment --><!DOCTYPE rss SYSTEM "file:///etc/passwd">',
    ],
)
def test_xml_with_a_document_type_is_refused_in_every_encoding(encoding: str, doctype: str):
    document = f"{doctype}<rss><channel><item/></channel></rss>".encode(encoding)

    with pytest.raises(UnexpectedResponse, match="DOCTYPE"):
        parse_list(document)


def test_plexs_feed_in_json_is_read_though_it_repeats_a_key():
    text = (
        '{"title": "Plex Watchlist", "description": "x", "description": "x", "items": ['
        '{"title": "A Film (1999)", "guids": ["imdb://tt0133093", "tmdb://603", "tvdb://169"], "category": "movie"},'
        '{"title": "A Show (2011)", "guids": ["imdb://tt0944947", "tvdb://121361"], "category": "show"}]}'
    )

    assert [(item.label, item.media_type, item.ids) for item in parse_list(text.encode()).items] == [
        ("A Film (1999)", MediaType.MOVIE, MediaIds(603, "tt0133093")),
        ("A Show (2011)", MediaType.TV, MediaIds(None, "tt0944947", 121361)),
    ]


# Anything else


WHOLE = [
    zipped({"profile.csv": "Username\nalice\n", "watchlist.csv": LETTERBOXD}),
    feed("<item><title>A (1999)</title><link>http://www.imdb.com/title/tt0133093/</link></item>"),
    LETTERBOXD_LIST.encode(),
    IMDB.encode(),
    TRAKT.encode(),
]


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=6)), max_size=5))
def test_any_damaged_export_is_a_list_or_a_named_error(content: bytes, changes: list[tuple[int, bytes]]):
    for place, piece in changes:
        at = place % len(content)
        content = content[:at] + piece + content[at + len(piece) // 2 :]
    identify(content)
    find_account("profile.csv", content)
    find_account("user-profile.json", content)
    try:
        page = parse_list(unpack(content, "x.zip"))
    except ListSyncError as error:
        str(error).encode()
    else:
        assert page.total == page.entries


@given(st.text(max_size=200))
def test_any_feed_is_a_list_or_a_named_error(text: str):
    for document in (
        f"<rss><channel>{text}</channel></rss>",
        f"<rss><channel><item>{text}</item></channel></rss>",
        f"<{text}",
    ):
        try:
            parse_list(document.encode(errors="replace"))
        except ListSyncError as error:
            str(error).encode()


def test_a_feed_nested_without_end_is_refused():
    for name in (b"item", b"a", b"channel"):
        with pytest.raises(UnexpectedResponse):
            parse_list(b"<rss><channel>" + (b"<" + name + b">") * 30_000)
        parse_list(b"<rss><channel>" + (b"<%s>" % name) * 6_000 + (b"</%s>" % name) * 6_000 + b"</channel></rss>")


def test_the_route_says_that_there_is_no_folder():
    with pytest.raises(NotOffered, match="no export of this list"):
        next(read_export("ls000000001", lambda list_id: Wanted("imdb", ids=(list_id,)), folder=None))
