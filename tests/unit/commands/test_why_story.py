"""`why` tells the whole story of a title, fits the terminal, and reads few rows."""

import json

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from list_sync.model.decisions import ItemStatus, Request, RequestOutcome, Skip
from list_sync.model.matches import Match, MatchMethod
from list_sync.model.rules import OWN_RULES, RuleResult
from list_sync.model.sources import ListRef
from list_sync.model.terms import Approval, SentOptions, Terms
from list_sync.model.titles import MediaType, Quality
from tests.builders import a_list, a_wanted, an_item
from tests.unit.commands.records import available, for_review, record, requested

BEST = ListRef("imdb", "ls1", Terms(requester_id=3, name="Best of 1994", priority=10))
PASSED = tuple(RuleResult(words, passed=True) for words in OWN_RULES)
LARGE_TABLES = ("synced_items", "item_lists", "item_events", "sent_requests", "known_media", "titles")


def a_filtered_film():
    match = Match(
        a_wanted(an_item("Heat", year=1995, imdb="tt0113277"), BEST, a_list("trakt", "joe/films")),
        MediaType.MOVIE,
        949,
        MatchMethod.IMDB_ID,
    )
    rules = (
        *PASSED,
        RuleResult("year >=1990", passed=True, value="1995", source="Best of 1994"),
        RuleResult("rating >=9 (imdb)", passed=False, value="8.3", source="Best of 1994"),
    )
    reason = "rating >=9 (imdb): 8.3"
    return RequestOutcome(Skip(match, ItemStatus.FILTERED, reason, Quality.HD, rules), ItemStatus.FILTERED, reason)


STORY = [
    "Heat (1995)",
    "  state    filtered: rating >=9 (imdb): 8.3",
    "  since    2026-11-22 12:00:05",
    "  wanted   by imdb:ls1 since 2026-11-22 12:00:05, by trakt:joe/films since 2026-11-22 12:00:05",
    "  matched  to tmdb movie 949 by imdb id, tt0113277",
    "  sure     its list states imdb:tt0113277, and TMDB has one title with that id",
    f"  rule     PASS {'; '.join(OWN_RULES)}",
    "  rule     PASS year >=1990: 1995 (Best of 1994)",
    "  rule     FAIL rating >=9 (imdb): 8.3 (Best of 1994)",
    "  list     imdb:ls1",
    "  list     trakt:joe/films",
    "  seen     first 2026-11-22 12:00:05, last 2026-11-22 12:00:05",
    "  history  2026-11-22 12:00:05, run 1: filtered, rating >=9 (imdb): 8.3",
    "  next     change or remove that rule in lists.yaml; the next sync decides anew",
]


def test_why_tells_who_wants_a_title_what_each_rule_said_and_what_helps(cli, store):
    record(store, a_filtered_film())

    assert cli("why", "heat").lines == STORY


@pytest.mark.parametrize("columns", [80, 140])
def test_the_story_fits_the_terminal_without_losing_a_word(cli, store, monkeypatch, columns):
    record(store, a_filtered_film())
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = cli("why", "heat").lines

    assert max(map(len, lines)) <= columns
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(STORY).split())


def test_a_wish_tells_who_approves_it_and_where_it_goes(cli, store):
    options = SentOptions(0, 4, "/films", (2, 3))
    match = Match(a_wanted(an_item(tmdb=603), BEST), MediaType.MOVIE, 603, MatchMethod.TMDB_ID)
    request = Request(match, Quality.HD, (), 3, Approval.KEY, options, BEST.key, PASSED)
    record(store, RequestOutcome(request, ItemStatus.REQUESTED, "request 1 made", 1))

    (wish,) = [line for line in cli("why", "603").lines if line.startswith("  wish")]

    assert wish.startswith("  wish     Best of 1994 decides: for user 3; its priority is 10; ")
    assert wish.endswith("approved by the owner of the API key; server 0; profile 4; folder /films; tags 2, 3")


def test_a_rule_says_in_the_users_time_zone_when_a_title_goes(cli, store, monkeypatch):
    turn = "caps.per_day=5 is reached; its turn comes at 2026-11-29 23:10 UTC"
    rules = (*PASSED, RuleResult("its turn has come", passed=False, value=turn))
    match = Match(a_wanted(an_item(tmdb=603), BEST), MediaType.MOVIE, 603, MatchMethod.TMDB_ID)
    record(store, RequestOutcome(Skip(match, ItemStatus.WAITING, turn, Quality.HD, rules), ItemStatus.WAITING, turn))
    monkeypatch.setenv("TZ", "UTC+2")

    lines = [line for line in cli("why", "603").lines if "its turn comes" in line]

    assert len(lines) == 3
    assert all(line.endswith("its turn comes at 2026-11-30 01:10") for line in lines)


def test_json_holds_the_whole_explanation(cli, store):
    record(store, a_filtered_film())

    (told,) = json.loads(cli("why", "heat", "--json").out)["titles"]

    assert told["record"]["explanation"]["rules"][-1] == {
        "rule": "rating >=9 (imdb)",
        "passed": False,
        "value": "8.3",
        "source": "Best of 1994",
    }
    assert told["record"]["places"]["imdb:ls1"]["first_seen"] == "2026-11-22T12:00:05Z"
    assert told["next"].startswith("change or remove that rule")


def test_a_title_of_an_earlier_version_is_told_without_an_explanation(cli, store):
    record(store, requested())
    with store.writing() as connection:
        connection.execute(text("UPDATE synced_items SET explanation = NULL"))
        connection.execute(text("UPDATE item_lists SET first_seen = NULL"))

    lines = cli("why", "603").lines

    assert "  state    requested: request 1 made" in lines
    assert not [line for line in lines if line.startswith(("  rule", "  sure", "  wish"))]


def test_why_reads_no_table_row_by_row(cli, store, monkeypatch):
    monkeypatch.setenv("OVERSEERR_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OVERSEERR_API_KEY", "key")
    # SQLite reads a small table from end to end, because that is faster.
    others = [available(f"Title {number}", number, imdb=f"tt000{number}") for number in range(1000, 1500)]
    record(store, requested(), available("Heat", 949), for_review("Lola", 1981), *others)
    reads = []
    note = lambda _one, _cursor, statement, values, *_: reads.append((statement, values))  # noqa: E731

    for wanted in ("603", "movie:603", "tt0133093", "tvdb:5", "The Matrix", "matr", "Matrx", "zzz"):
        reads.clear()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            cli("why", wanted)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        with store.reading() as connection:
            cursor = connection.connection.cursor()
            chosen = [(one, values) for one, values in reads if one.startswith("SELECT")]
            plans = {
                one: row[3] for one, values in chosen for row in cursor.execute(f"EXPLAIN QUERY PLAN {one}", values)
            }

        assert len(chosen) <= 20, wanted
        scans = tuple(f"SCAN {table}" for table in LARGE_TABLES)
        assert not [one for one, plan in plans.items() if plan.startswith(scans) and "COVERING" not in plan]
