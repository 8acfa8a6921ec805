"""A whole stage: order, cost, memory, outages and stopping."""

import threading
from collections import Counter

import pytest

from list_sync.api.mediaserver.tmdb_watch import FAILURES_IN_A_ROW, LEAST_PROBES
from list_sync.errors import AuthenticationFailed, LookupFailed, ServiceUnavailable, SyncCancelled, UnexpectedResponse
from list_sync.matching.resolver import BATCH_SIZE, KnownTitles, match_titles
from list_sync.model.matches import Candidate, Match, MatchMethod, NoMatchReason, Resolution, WantedItem
from list_sync.model.runs import Progress, Stage
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from tests.fakes.catalogue import FakeCatalogue
from tests.fakes.patience import PATIENCE_SECONDS

MOVIE, TV = MediaType.MOVIE, MediaType.TV


def wanted(title="", media_type=MOVIE, year=None, season=None, **ids):
    return WantedItem(MediaItem(title, media_type, year, MediaIds(**ids), season), (ListRef("imdb", "ls1"),))


def films_by_imdb(count):
    """Return `count` wanted films known by IMDb id only, and a catalogue that has them."""
    imdb = {
        f"tt{number:07d}": [Candidate(MOVIE, number, f"Film {number}", year=2000)] for number in range(1, count + 1)
    }
    return [wanted(imdb=imdb_id) for imdb_id in imdb], FakeCatalogue(imdb=imdb)


def run(titles, catalogue, *, learned=None, stop=None, workers=5, **changes):
    memory = {} if learned is None else learned
    return match_titles(
        titles,
        catalogue=catalogue,
        knowledge=changes.pop("knowledge", KnownTitles(resolutions=dict(memory))),
        workers=workers,
        stop=stop or threading.Event(),
        on_learned=lambda batch: memory.update({resolution.key: resolution for resolution in batch}),
        **changes,
    )


def reasons(results):
    return [None if isinstance(result, Match) else result.reason for result in results]


def test_n_titles_known_by_imdb_id_cost_n_look_ups_once_and_never_again():
    titles, catalogue = films_by_imdb(300)
    learned = {}

    first = run(titles, catalogue, learned=learned)
    assert Counter(call[0] for call in catalogue.calls) == {"imdb": 300}
    second = run(titles, catalogue, learned=learned)

    assert len(catalogue.calls) == 300
    assert [result.tmdb_id for result in first] == [result.tmdb_id for result in second] == list(range(1, 301))
    assert {result.method for result in first} == {MatchMethod.IMDB_ID}
    assert {result.method for result in second} == {MatchMethod.REMEMBERED}


@pytest.mark.parametrize("workers", [0, 1, 3, 20])
def test_results_come_in_the_order_of_the_titles(workers):
    titles, catalogue = films_by_imdb(60)
    titles.insert(7, wanted("Known", tmdb=77))

    results = run(titles, catalogue, workers=workers)

    assert [result.wanted for result in results] == titles


def test_no_titles_are_no_work():
    catalogue = FakeCatalogue()

    assert run([], catalogue) == ()
    assert catalogue.calls == []


def test_titles_with_a_tmdb_id_ask_nobody_and_teach_nothing():
    catalogue, learned = FakeCatalogue(), {}

    run([wanted(tmdb=number) for number in range(1, 100)], catalogue, learned=learned)

    assert (catalogue.calls, learned) == ([], {})


def test_the_same_key_is_looked_up_once_and_every_item_of_it_answered():
    show = Candidate(TV, 1399, "Game of Thrones", year=2011)
    catalogue = FakeCatalogue(imdb={"tt0944947": [show]})
    titles = [wanted("", TV, season=season, imdb="tt0944947") for season in (None, 1, 2)] + [wanted(imdb="tt0944947")]

    results = run(titles, catalogue)

    assert catalogue.calls == [("imdb", "tt0944947")]
    assert reasons(results) == [None, None, None, NoMatchReason.AMBIGUOUS]


def test_the_same_title_is_searched_for_once():
    catalogue = FakeCatalogue(Candidate(MOVIE, 949, "Heat", year=1995))

    results = run([wanted("Heat", year=1995), wanted("HEAT", year=1995), wanted("Heat", year=1995)], catalogue)

    assert [result.tmdb_id for result in results] == [949] * 3
    assert len(catalogue.calls) == 2, "the two spellings are two queries"


def test_two_films_of_one_name_and_year_are_never_mistaken_for_each_other():
    films = [Candidate(MOVIE, number, "Home", year=2009) for number in (1, 2)]
    catalogue = FakeCatalogue(*films, imdb={"tt1": films[:1], "tt2": films[1:]})
    learned = {}

    run([wanted("Home", year=2009, imdb="tt1")], catalogue, learned=learned)
    results = run(
        [wanted("Home", year=2009, imdb="tt2"), wanted("Home", year=2009), wanted("Home", year=2009, imdb="tt1")],
        catalogue,
        learned=learned,
    )

    assert results[0].tmdb_id == 2
    assert results[1].reason is NoMatchReason.AMBIGUOUS
    assert results[2].tmdb_id == 1


def test_an_id_that_two_lists_use_for_different_titles_is_not_remembered():
    catalogue = FakeCatalogue(*(Candidate(MOVIE, number, f"Heat {number}", year=1995) for number in (7, 8)))
    learned = {}

    results = run([wanted(f"Heat {number}", year=1995, imdb="tt1") for number in (7, 8)], catalogue, learned=learned)

    assert [result.tmdb_id for result in results] == [7, 8]
    assert set(learned) == {"title:movie:heat 7:1995", "title:movie:heat 8:1995"}


def test_a_match_by_title_is_remembered_with_its_method():
    catalogue, learned = FakeCatalogue(Candidate(MOVIE, 949, "Heat", year=1995)), {}
    titles = [wanted("Heat", year=1995)]

    run(titles, catalogue, learned=learned)

    assert learned == {
        "title:movie:heat:1995": Resolution("title:movie:heat:1995", MOVIE, 949, MatchMethod.TITLE_AND_YEAR)
    }
    assert run(titles, catalogue, learned=learned)[0].method is MatchMethod.REMEMBERED
    assert len(catalogue.calls) == 1


def test_what_is_learned_is_handed_on_in_batches_from_the_calling_thread():
    titles, catalogue = films_by_imdb(120)
    batches = []

    match_titles(
        titles,
        catalogue=catalogue,
        knowledge=KnownTitles(),
        workers=5,
        stop=threading.Event(),
        on_learned=lambda batch: batches.append((threading.get_ident(), len(batch))),
    )

    assert {thread for thread, _ in batches} == {threading.get_ident()}
    assert sum(size for _, size in batches) == 120
    assert max(size for _, size in batches) <= BATCH_SIZE


def test_progress_counts_up_to_all_titles():
    titles, catalogue = films_by_imdb(20)
    seen: list[Progress] = []

    run([*titles, wanted("Known", tmdb=7), wanted("Nowhere", year=1990)], catalogue, on_progress=seen.append)

    assert [progress.done for progress in seen] == list(range(1, 23))
    assert {(progress.stage, progress.total) for progress in seen} == {(Stage.MATCHING, 22)}
    assert "tt0000001" in {progress.note for progress in seen}


class DyingCatalogue(FakeCatalogue):
    """Raises `error` from the call number `after` on."""

    def __init__(self, error, *titles, after=0, **ids):
        super().__init__(*titles, **ids)
        self.error = error
        self.after = after

    def find_by_imdb(self, imdb_id):
        found = super().find_by_imdb(imdb_id)
        if len(self.calls) > self.after:
            raise self.error
        return found


@pytest.mark.parametrize(
    "error",
    [ServiceUnavailable("overseerr", "down"), AuthenticationFailed("overseerr", "bad key"), SyncCancelled("stopped")],
)
def test_a_server_that_is_down_stops_the_run_and_keeps_what_was_learned(error):
    titles, working = films_by_imdb(200)
    catalogue = DyingCatalogue(error, after=60, imdb=working.imdb)
    learned = {}

    with pytest.raises(type(error)):
        run(titles, catalogue, learned=learned)

    assert 50 <= len(learned) <= 60
    assert len(catalogue.calls) < 80


@pytest.mark.parametrize(
    "error", [LookupFailed("overseerr", "TMDB said no"), UnexpectedResponse("overseerr", "HTML came instead of JSON")]
)
def test_after_five_failures_in_a_row_no_more_look_ups_are_sent(error):
    titles, _ = films_by_imdb(100)
    catalogue = DyingCatalogue(error)

    results = run(titles, catalogue, workers=3)

    assert set(reasons(results)) == {NoMatchReason.LOOKUP_FAILED}
    assert FAILURES_IN_A_ROW <= len(catalogue.calls) <= FAILURES_IN_A_ROW + 2
    assert error.message in results[0].detail
    assert "cannot be reached through the server" in results[-1].detail


def test_single_failures_do_not_stop_the_others():
    titles, working = films_by_imdb(40)

    class FlakyCatalogue(FakeCatalogue):
        def find_by_imdb(self, imdb_id):
            found = super().find_by_imdb(imdb_id)
            if int(imdb_id[2:]) % 4 == 0:
                raise LookupFailed("overseerr", "rate limited")
            return found

    results = run(titles, FlakyCatalogue(imdb=working.imdb), workers=1)

    assert reasons(results).count(NoMatchReason.LOOKUP_FAILED) == 10
    assert reasons(results).count(None) == 30


NOWHERE = wanted("No Such Film", year=1990)


def test_an_empty_search_is_not_found_once_it_came_twice_and_tmdb_answered_each_time():
    catalogue = FakeCatalogue()

    assert reasons(run([NOWHERE], catalogue)) == [NoMatchReason.NOT_FOUND]
    searches = Counter(call for call in catalogue.calls if call[0] == "search")
    assert set(searches.values()) == {2}
    assert catalogue.count("imdb") == LEAST_PROBES


def test_many_empty_searches_take_little_more_than_one_probe_each():
    catalogue = FakeCatalogue()

    results = run([wanted(f"Nowhere {number}", year=1990) for number in range(100)], catalogue)

    assert set(reasons(results)) == {NoMatchReason.NOT_FOUND}
    assert catalogue.count("imdb") == 110


def test_every_probe_asks_for_an_id_that_was_never_asked_for():
    catalogue = FakeCatalogue()
    run([wanted(f"Nowhere {number}", year=1990) for number in range(50)], catalogue)
    run([NOWHERE], catalogue)

    probes = [call[1] for call in catalogue.calls if call[0] == "imdb"]
    assert len(set(probes)) == len(probes)


def test_an_empty_search_says_nothing_while_tmdb_is_down():
    catalogue = FakeCatalogue(Candidate(MOVIE, 949, "Heat", year=1995))
    catalogue.is_down = True

    results = run([wanted("Heat", year=1995), NOWHERE], catalogue)

    assert reasons(results) == [NoMatchReason.LOOKUP_FAILED] * 2


class MomentaryOutages(FakeCatalogue):
    """Is down at some calls only, counted from 1."""

    def __init__(self, *titles, down_at):
        super().__init__(*titles)
        self.down_at = down_at

    def _count(self, *call):
        super()._count(*call)
        self.is_down = len(self.calls) in self.down_at


HEAT = Candidate(MOVIE, 949, "Heat", year=1995)


def test_a_title_whose_search_failed_once_is_found_by_the_second():
    results = run([wanted("Heat", year=1995)], MomentaryOutages(HEAT, down_at=range(1, 6)), workers=1)

    assert [result.tmdb_id for result in results] == [949]


def test_one_failure_is_enough_to_believe_no_absence_near_it():
    titles = [NOWHERE, wanted("Heat", year=1995)]
    calls = FakeCatalogue(HEAT)
    run(titles, calls, workers=1)

    for number in range(1, len(calls.calls) + 1):
        first, second = run(titles, MomentaryOutages(HEAT, down_at={number}), workers=1)
        assert getattr(second, "tmdb_id", second.wanted) == 949, number
        is_probe = calls.calls[number - 1][0] == "imdb"
        assert reasons([first]) == [NoMatchReason.LOOKUP_FAILED if is_probe else NoMatchReason.NOT_FOUND], number


def test_no_proof_is_asked_for_when_nothing_rests_on_it():
    catalogue = FakeCatalogue(Candidate(MOVIE, 949, "Heat", year=1995))

    run([wanted("Heat", year=1995), wanted(imdb="tt77")], catalogue)

    assert catalogue.count("imdb") == 1


def test_stopping_drops_the_look_ups_that_wait():
    titles, working = films_by_imdb(200)
    stop, released, learned = threading.Event(), threading.Event(), {}

    class SlowCatalogue(FakeCatalogue):
        def find_by_imdb(self, imdb_id):
            found = super().find_by_imdb(imdb_id)
            if len(self.calls) > 100:
                stop.set()
                released.wait(PATIENCE_SECONDS)
            return found

    catalogue = SlowCatalogue(imdb=working.imdb)
    with pytest.raises(SyncCancelled):
        run(titles, catalogue, learned=learned, stop=stop)
    sent = len(catalogue.calls)
    released.set()

    assert 100 < sent <= 105
    assert len(learned) >= 90


def test_a_run_that_was_stopped_before_it_began_sends_nothing():
    titles, catalogue = films_by_imdb(5)
    stop = threading.Event()
    stop.set()

    with pytest.raises(SyncCancelled):
        run(titles, catalogue, stop=stop)
    assert catalogue.calls == []


def test_many_titles_that_say_nothing_at_all_are_answered():
    results = run([wanted() for _ in range(3000)], FakeCatalogue())

    assert set(reasons(results)) == {NoMatchReason.NOT_FOUND}
