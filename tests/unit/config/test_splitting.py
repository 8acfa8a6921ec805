"""Which lists a setting names: commas part them, except inside quotes, addresses, queries and the names of files."""

import pytest

from list_sync.config import load_settings
from list_sync.providers import available_providers

BEST = "https://trakt.tv/users/hdlists/lists/best-of-the-2010s?sort=rank,asc"
QUERY = "https://host/list.json?ids=1,2,3"


@pytest.fixture
def read(tmp_path):
    """Return the spellings that the lists of a setting were read as."""
    drop = tmp_path / "drop"
    drop.mkdir()
    for name in ("my, films.csv", "one,two,three.txt", "a.csv", "b, c.csv", "2"):
        (drop / name).write_text("tt0133093\n")

    def read_one(setting, text=None, *, file=None):
        env = {"DATA_DIR": str(tmp_path)}
        if file is not None:
            (tmp_path / "lists.txt").write_text(file)
            env[f"{setting}_FILE"] = str(tmp_path / "lists.txt")
        else:
            env[setting] = text
        return [
            ref.spelling for ref in load_settings(env, providers=available_providers(), dotenv=None).household.lists
        ]

    return read_one


@pytest.mark.parametrize(
    ("setting", "text", "lists"),
    [
        ("IMDB_LISTS", "top, toptv,ls123456", ["top", "toptv", "ls123456"]),
        ("TRAKT_LISTS", BEST, [BEST]),
        ("TRAKT_LISTS", f"joe/horror,{BEST},12345", ["joe/horror", BEST, "12345"]),
        (
            "TRAKT_LISTS",
            f"{BEST}, {BEST}&x=1,https://trakt.tv/users/a/lists/b?c=d,e",
            [BEST, "https://trakt.tv/users/a/lists/b?c=d,e"],
        ),
        ("TRAKT_LISTS", "trakt.tv/users/a/lists/b?sort=rank,asc", ["trakt.tv/users/a/lists/b?sort=rank,asc"]),
        (
            "IMDB_LISTS",
            "https://www.imdb.com/list/ls123456/?sort=a,asc&x=1,2",
            ["https://www.imdb.com/list/ls123456/?sort=a,asc&x=1,2"],
        ),
        ("IMDB_LISTS", "https://www.imdb.com/list/ls123456/,tpo", ["https://www.imdb.com/list/ls123456/", "tpo"]),
        (
            "IMDB_LISTS",
            "https://www.imdb.com/list/ls123456/?x=1, top",
            ["https://www.imdb.com/list/ls123456/?x=1", "top"],
        ),
        ("IMDB_LISTS", "top,nonsense", ["top", "nonsense"]),
        ("FILE_LISTS", "my, films.csv", ["my, films.csv"]),
        ("FILE_LISTS", "a.csv,my, films.csv,b, c.csv", ["a.csv", "my, films.csv", "b, c.csv"]),
        ("FILE_LISTS", "one,two,three.txt", ["one,two,three.txt"]),
        ("FILE_LISTS", "x.csv,y.csv", ["x.csv", "y.csv"]),
        ("FILE_LISTS", "https://host/list.json?ids=1,3", ["https://host/list.json?ids=1,3"]),
        ("FILE_LISTS", f"{QUERY.replace('2', '9')},a.csv", [QUERY.replace("2", "9"), "a.csv"]),
        (
            "FILE_LISTS",
            f"https://host/a.json,{QUERY.replace('2', '9')}",
            ["https://host/a.json", QUERY.replace("2", "9")],
        ),
        ("FILE_LISTS", '"x,y.csv",z.csv', ["x,y.csv", "z.csv"]),
        ("FILE_LISTS", "'x,y.csv', \"z,1.csv\"", ["x,y.csv", "z,1.csv"]),
        ("FILE_LISTS", '"x,y.csv","z,1.csv"', ["x,y.csv", "z,1.csv"]),
        ("FILE_LISTS", f'"{QUERY}",a.csv', [QUERY, "a.csv"]),
        ("FILE_LISTS", "it's.csv,joe's.csv", ["it's.csv", "joe's.csv"]),
        ("IMDB_LISTS", '"top,toptv"', ["top", "toptv"]),
        ("FILE_LISTS", "films #1.csv", ["films #1.csv"]),
    ],
)
def test_a_comma_parts_lists_and_not_what_is_one(read, setting, text, lists):
    assert read(setting, text) == lists


def test_a_file_holds_one_list_a_line_with_comments(read):
    file = """# charts
top
  # lists of joe
https://www.imdb.com/list/ls123456/#part   # the long one
https://www.imdb.com/list/ls1234567/?sort=a,asc

"ls2345678" # the last one, really
"""
    assert read("IMDB_LISTS", file=file) == [
        "top",
        "https://www.imdb.com/list/ls123456/#part",
        "https://www.imdb.com/list/ls1234567/?sort=a,asc",
        "ls2345678",
    ]


def test_quotes_keep_a_comma_and_a_hash_in_the_name_of_a_file(read):
    assert read("FILE_LISTS", file='"films #1, old.csv"  # mine\r\nmy, films.csv\r\n#a.csv\r\n') == [
        "films #1, old.csv",
        "my, films.csv",
    ]
    assert read("FILE_LISTS", file='"x,y.csv"\n"z,1.csv"\n') == ["x,y.csv", "z,1.csv"]


@pytest.mark.parametrize(
    ("text", "lists"),
    [('"films, old.csv', ["films"]), ("new.csv'", ["new.csv"]), ("\"a.csv\",'my.csv'", []), ("my, films.csv", [])],
)
def test_a_quote_on_one_side_only_is_a_warning_with_the_name_of_the_list(read, tmp_path, text, lists):
    env = {"DATA_DIR": str(tmp_path), "FILE_LISTS": text}
    warnings = load_settings(env, providers=available_providers(), dotenv=None).warnings

    assert warnings == tuple(
        f'FILE_LISTS: "{name}" has a quote on one side only: put quotes around the whole name, or none'
        for name in lists
    )


def test_two_spellings_of_one_list_are_one_and_the_first_is_kept(read):
    assert read("IMDB_LISTS", "https://www.imdb.com/chart/top/,top,toptv") == [
        "https://www.imdb.com/chart/top/",
        "toptv",
    ]
