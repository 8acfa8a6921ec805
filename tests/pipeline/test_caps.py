"""The caps hold for a run and a day as wholes, whichever way a title took to its request."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from list_sync.demo.catalogue.synthetic import synthetic_imdb_id, synthetic_title
from list_sync.job import Job
from list_sync.model.decisions import Policy
from list_sync.model.runs import Stage
from list_sync.model.sources import ListRef
from list_sync.model.terms import Terms
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.pipeline import run_cycle
from tests.fakes.patience import PATIENCE_SECONDS
from tests.fakes.shelf import SHELVES, Bench, synthetic

GOOD = [synthetic(number) for number in range(2)]
WRONGLY_NUMBERED = [
    MediaItem(
        synthetic_title(number),
        MediaType.MOVIE,
        None,
        MediaIds(tmdb=99_000_000 + number, imdb=synthetic_imdb_id(number)),
    )
    for number in range(10, 13)
]


@pytest.mark.parametrize("setting", ["max_requests_per_run", "max_requests_per_day"])
def test_titles_that_are_found_without_their_wrong_number_count_towards_the_cap_as_well(bench, demo, setting):
    report = bench.sync(*WRONGLY_NUMBERED, *GOOD, **{setting: 3})

    assert report.counts == {"requested": 3, "waiting": 2}
    assert len(demo.requests()) == 3


@pytest.mark.parametrize("setting", ["max_requests_per_run", "max_requests_per_day"])
def test_a_dry_run_counts_towards_the_caps_what_it_would_request(bench, demo, setting):
    report = bench.sync(*WRONGLY_NUMBERED, *GOOD, dry_run=True, **{setting: 3})

    assert report.counts == {"would_request": 3, "waiting": 2}
    assert demo.writes == 0


def one_shots(folder, demo, count, **policy):
    """Return the reports of several ListSyncs, each with a data folder and films of its own, one after another."""
    reports = []
    for number in range(count):
        films = [synthetic(100 * number + film) for film in range(8)]
        reports.append(Bench(folder, demo, name=f"container-{number}").sync(*films, **policy))
    return reports


def test_three_containers_one_after_another_keep_one_cap_a_day(tmp_path, demo):
    reports = one_shots(tmp_path, demo, 3, max_requests_per_day=5)

    assert len(demo.requests()) == 5
    assert [report.counts for report in reports] == [{"requested": 5, "waiting": 3}, {"waiting": 8}, {"waiting": 8}]
    waiting = reports[2].outcomes[0]
    assert waiting.reason == (
        "MAX_REQUESTS_PER_DAY=5 is reached: user 1 asked for 5 in 24 hours; asked for in a later run"
    )


def test_three_containers_at_the_same_moment_pass_a_cap_a_day_by_no_more_than_one_request_each(tmp_path, demo):
    with ThreadPoolExecutor(3) as pool:
        for number in range(3):
            films = [synthetic(100 * number + film) for film in range(8)]
            pool.submit(Bench(tmp_path, demo, name=f"container-{number}").sync, *films, max_requests_per_day=5)

    assert 5 <= len(demo.requests()) <= 7


def test_the_cap_a_day_is_each_requesters_own(tmp_path, demo):
    alice = demo.add_user("alice")
    Bench(tmp_path, demo, name="alice", terms=Terms(requester_id=alice)).sync(*GOOD)

    report = Bench(tmp_path, demo, name="admin").sync(
        *(synthetic(number) for number in range(5, 8)), max_requests_per_day=3
    )

    assert report.counts == {"requested": 3}


def test_what_a_person_asked_for_in_the_requesters_name_counts_and_what_is_a_day_old_does_not(bench, demo):
    for number in (50, 51):
        click(demo, number)
    assert bench.sync(*GOOD, max_requests_per_day=3).counts == {"requested": 1, "waiting": 1}

    bench.clock = lambda: datetime.now(UTC) + timedelta(hours=25)

    assert bench.sync(*GOOD, max_requests_per_day=3).counts == {"already_requested": 1, "requested": 1}


def test_what_we_asked_for_and_is_gone_from_the_server_counts_as_well(bench, demo):
    bench.sync(*GOOD, max_requests_per_day=3)
    for row in demo.requests():
        demo.delete_request(row["id"])

    report = bench.sync(synthetic(10), synthetic(11), max_requests_per_day=3)

    assert report.counts == {"requested": 1, "waiting": 1}


def test_the_requests_for_several_seasons_of_a_show_count_as_one(bench, demo):
    for season in (1, 2):
        bench.sync(MediaItem("", MediaType.TV, None, MediaIds(tmdb=1399), season), max_requests_per_day=9)

    assert len(demo.requests()) == 2
    assert bench.sync(*GOOD, synthetic(10), max_requests_per_day=3).counts == {"requested": 2, "waiting": 1}


def test_nothing_is_read_for_a_cap_that_is_not_set_or_when_nothing_is_to_be_requested(bench, demo):
    bench.sync(*GOOD)
    bench.sync(*GOOD, max_requests_per_day=3)
    bench.sync(synthetic(10), max_requests_per_run=3)

    assert day_reads(demo) == 0
    bench.sync(synthetic(11), max_requests_per_day=9, dry_run=True)
    assert day_reads(demo) == 1


def test_a_cap_that_was_passed_because_others_asked_too_is_logged(bench, demo, caplog):
    def ask_meanwhile(progress):
        if progress.stage is Stage.REQUESTING:
            click(demo, 60 + progress.done)

    SHELVES["good"] = GOOD
    job = Job((ListRef("shelf", "good"),), Policy(max_requests_per_day=2), on_progress=ask_meanwhile)
    with caplog.at_level("WARNING"), bench.opened() as parts:
        report = run_cycle(parts, job)

    (line,) = [record.getMessage() for record in caplog.records if "MAX_REQUESTS_PER_DAY" in record.getMessage()]
    assert report.counts == {"requested": 1, "waiting": 1}
    assert line.startswith("MAX_REQUESTS_PER_DAY=2 was passed: user 1 asked for 3 in 24 hours")


def test_requests_of_our_own_alone_make_the_server_ask_radarr_for_the_cap_no_more_than_once(bench, demo):
    report = bench.sync(*(synthetic(number) for number in range(6)), max_requests_per_day=5)

    assert report.counts == {"requested": 5, "waiting": 1}
    assert day_reads(demo) == 1


def day_reads(demo):
    return sum("requestedBy" in call.query for call in demo.backend.traffic.calls())


def click(demo, number):
    """Ask for a film as a person would who is logged in as user 1."""
    body = {"mediaType": "movie", "mediaId": synthetic(number).ids.tmdb, "is4k": False}
    requests.post(
        f"{demo.url}/api/v1/request", json=body, headers={"X-Api-Key": demo.api_key}, timeout=PATIENCE_SECONDS
    )
