import json
from dataclasses import replace

from list_sync.commands.report import build_report_object, print_report_json
from list_sync.model.sources import Attempt, AttemptOutcome, FetchState
from tests.builders import NOON, a_list, a_result
from tests.unit.commands.records import a_report, for_review, requested

KEYS = ["run_id", "started_at", "finished_at", "dry_run", "lists", "counts", "server_calls", "items"]
LIST_KEYS = [
    "provider",
    "list_id",
    "route",
    "state",
    "items",
    "unsupported",
    "unsupported_kinds",
    "not_understood",
    "first_not_understood",
    "expected",
    "error",
    "fetched_at",
    "copied_at",
    "backoff_until",
    "attempts",
]


def test_a_report_is_one_object_with_exactly_the_documented_keys():
    built = build_report_object(a_report(requested(), for_review()))

    assert list(built) == KEYS
    assert list(built["lists"][0]) == LIST_KEYS
    assert [list(item) for item in built["items"]] == [
        ["title", "year", "media_type", "tmdb_id", "quality", "status", "method", "reason", "lists"]
    ] * 2


def test_a_report_says_what_was_matched_and_what_was_not():
    built = build_report_object(a_report(requested(), for_review()))

    assert built["counts"] == {"needs_review": 1, "requested": 1}
    assert built["server_calls"] == {"reads": 4, "writes": 2}
    assert built["started_at"] == "2026-11-22T12:00:00Z"
    assert built["items"][0] == {
        "title": "The Matrix",
        "year": 1999,
        "media_type": "movie",
        "tmdb_id": 603,
        "quality": "hd",
        "status": "requested",
        "method": "tmdb_id",
        "reason": "request 1 made",
        "lists": ["imdb:ls000000001"],
    }
    assert built["items"][1]["tmdb_id"] is None
    assert built["items"][1]["method"] is None


def test_a_list_that_failed_says_why():
    failed = replace(
        a_result(source=a_list("trakt", "joe/horror"), state=FetchState.FAILED, reason="not found"),
        attempts=(Attempt("api", AttemptOutcome.MISSING, "not found", NOON),),
        backoff_until=NOON,
    )

    assert build_report_object(a_report(fetched=(failed,)))["lists"] == [
        {
            "provider": "trakt",
            "list_id": "joe/horror",
            "route": "api",
            "state": "failed",
            "items": 0,
            "unsupported": 0,
            "unsupported_kinds": {},
            "not_understood": 0,
            "first_not_understood": [],
            "expected": None,
            "error": "not found",
            "fetched_at": "2026-11-22T12:00:00Z",
            "copied_at": None,
            "backoff_until": "2026-11-22T12:00:00Z",
            "attempts": [
                {"route": "api", "outcome": "missing", "reason": "not found", "until": "2026-11-22T12:00:00Z"}
            ],
        }
    ]


def test_what_is_printed_is_one_line_of_json(capsys):
    print_report_json(a_report(requested(reason="line\nbreak \u2028 Amélie")))

    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == 1
    assert json.loads(printed)["items"][0]["reason"] == "line\nbreak \u2028 Amélie"
