"""What pages and API say of a run, in one sentence."""

from dataclasses import replace

import pytest

from list_sync.model.exit_codes import ExitCode
from list_sync.model.report import SyncMode
from list_sync.model.runs import Run, RunStatus
from list_sync.model.sources import FetchState
from list_sync.storage.run_lists import RunList
from list_sync.web.models.run_words import name_starter, say_run
from tests.builders import NOON

DONE = Run(7, NOON, NOON, NOON, SyncMode.AUTOMATED, RunStatus.COMPLETED, False, None, 0, 9, 2, 7, 0, 5, 2, 3, 0)


def a_list(provider, state):
    return RunList(provider, "id", state, "api", 3, None, None)


SHORT = [a_list(name, FetchState.STALE) for name in ("plex", "anilist", "plex", "trakt", "imdb")]


@pytest.mark.parametrize(
    ("changes", "short", "undone_by", "said"),
    [
        ({}, (), None, ""),
        ({"items_requested": 0}, (), None, "No request, 5 reads."),
        ({}, [a_list("letterboxd", FetchState.PARTIAL)], None, "letterboxd read in part."),
        ({}, SHORT, None, "plex, anilist, trakt and 1 more from the last good copy."),
        ({"items_errored": 1}, (), None, "1 request failed."),
        ({"counts": {"needs_review": 2}}, (), 9, "2 titles need review. Taken back by run 9."),
        ({"applies": 5}, (), None, "It applied the plan of run 5."),
        ({"dry_run": True, "counts": {"would_request": 37}}, (), None, "A sync would request 37 titles."),
        ({"dry_run": True}, (), None, "A sync would request nothing."),
        ({"undoes": 5, "counts": {"declined": 1}}, (), None, "1 title of run 5 taken back."),
        ({"status": RunStatus.QUEUED}, (), None, "It waits until no other run works."),
        ({"status": RunStatus.FAILED, "error": "the disk is full"}, (), None, "The disk is full."),
        ({"status": RunStatus.CANCELLED}, (), None, "It was cancelled before it began."),
        (
            {"status": RunStatus.STOPPED, "error": "140 titles, 6 are usual", "exit_code": ExitCode.FAILURES},
            (),
            None,
            "140 titles, 6 are usual.",
        ),
        (
            {"status": RunStatus.STOPPED, "exit_code": ExitCode.INTERRUPTED},
            (),
            None,
            "It was stopped. What it had sent is looked for by the next sync.",
        ),
    ],
)
def test_a_run_is_said_in_one_sentence_or_two(changes, short, undone_by, said):
    assert say_run(replace(DONE, **changes), short, undone_by) == said


def test_a_run_names_the_person_or_else_what_started_it():
    assert name_starter(DONE) == "schedule"
    assert name_starter(replace(DONE, mode=SyncMode.FILE)) == "changed file"
    assert name_starter(replace(DONE, asked_by="alice")) == "alice"
