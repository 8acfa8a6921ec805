"""A folder whose tables hold anything at all is imported, twice with the same end, and no key in it is ever printed."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.former_program import FormerFolder
from tests.unit.commands.conftest import cli, home, only_our_providers  # noqa: F401
from tests.unit.commands.test_import import journal, rows

SECRET = "https://joe:hunter2@lists.example/list?api_key=hunter2"
WORDS = [
    "imdb",
    "top",
    "trakt",
    "letterboxd",
    "stevenlu",
    "tmdb",
    "ls012345678",
    "movie",
    "tv",
    "requested",
    "skipped",
    "None",
    "603",
    "603.0",
    "overseerr_4k",
    "timezone",
    "imdb_lists",
    "sync_interval",
    "a,b",
    "*x",
]
ODD = [None, 0, -1, 3, 2**62, 1.5, "", "\u202e\x00", SECRET, "2025-12-01 10:00:00", b"\xff\xfe", "- x: y"]
JUNK = st.sampled_from([*WORDS, *ODD])
TABLES = {
    "lists": ("list_type", "list_id", "user_id", "last_synced"),
    "synced_items": ("title", "media_type", "year", "imdb_id", "overseerr_id", "tmdb_id", "status", "last_synced"),
    "item_lists": ("item_id", "list_type", "list_id", "synced_at"),
    "sync_interval": ("interval_hours",),
    "sync_history": ("session_id", "in_progress", "start_time", "end_time", "status", "list_id", "error_message"),
    "app_settings": ("key", "value", "is_encrypted"),
}
CONTENT = st.fixed_dictionaries(
    {
        name: st.lists(st.fixed_dictionaries(dict.fromkeys(columns, JUNK)), max_size=4)
        for name, columns in TABLES.items()
    }
)
numbers = count()


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONTENT)
def test_a_folder_full_of_junk_is_imported(cli, home, monkeypatch, content):  # noqa: F811
    place = home / str(next(numbers))
    place.mkdir()
    monkeypatch.chdir(place)
    former = FormerFolder(place / "old")
    for table, found in content.items():
        # Some values are refused by the tables themselves.
        former.insert(table, *found, or_ignore=True)

    answers = [cli("import", "old", *more) for more in (["--dry-run"], [], [])]

    assert {answer.code for answer in answers} <= {0, 1}
    assert answers[0].code == answers[1].code
    assert all("hunter2" not in answer.out + answer.err for answer in answers)
    first = journal(), rows("SELECT count(*) FROM synced_items"), rows("SELECT count(*) FROM sync_history")
    cli("import", "old")
    assert (journal(), rows("SELECT count(*) FROM synced_items"), rows("SELECT count(*) FROM sync_history")) == first
