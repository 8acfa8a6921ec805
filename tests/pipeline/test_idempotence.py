"""Whatever is wiped, declined or taken back: nothing is asked for twice without the user."""

from datetime import UTC, datetime, timedelta

from list_sync.database.store import open_store
from list_sync.demo.catalogue.catalogue import load_catalogue
from list_sync.model.matches import Pin
from list_sync.model.servers import HOME
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage import journal
from list_sync.storage.memory import save_pins
from tests.fakes.shelf import Bench, synthetic

FILMS = [synthetic(number) for number in range(30)]


def test_a_wiped_database_finds_everything_already_requested(bench, demo, tmp_path):
    bench.sync(*FILMS)
    demo.reset_counts()

    report = Bench(tmp_path, demo, name="another").sync(*FILMS)

    assert report.counts == {"already_requested": 30}
    assert demo.writes == 0


def test_a_wiped_server_is_not_asked_again_for_what_it_had_been_asked(bench, demo):
    bench.sync(*FILMS)
    demo.wipe()
    demo.reset_counts()

    report = bench.sync(*FILMS, synthetic(31))

    assert report.counts == {"waiting": 30, "requested": 1}
    assert demo.writes == 1


def test_after_the_user_released_a_title_it_is_asked_for_again(bench, demo, tmp_path):
    bench.sync(*FILMS)
    demo.wipe()
    bench.sync(*FILMS)
    with open_store(tmp_path / "shelf.db") as store, store.writing() as connection:
        assert journal.release(connection, HOME, MediaType.MOVIE, 5_000_000) == 1

    assert bench.sync(*FILMS).counts == {"waiting": 29, "requested": 1}


def test_a_declined_request_is_not_made_again(bench, demo):
    bench.sync(*FILMS)
    demo.decline(demo.requests()[0]["id"])
    demo.reset_counts()

    report = bench.sync(*FILMS)

    assert report.counts == {"already_requested": 29, "declined": 1}
    assert demo.writes == 0


def test_a_film_and_a_show_with_one_tmdb_number_are_told_apart(bench, demo):
    show = next(title for title in load_catalogue().titles if title.kind == "tv" and title.tvdb)
    twin = MediaItem("", MediaType.MOVIE, None, MediaIds(tmdb=show.tmdb))

    report = bench.sync(MediaItem(show.title, MediaType.TV, None, MediaIds(tmdb=show.tmdb)))

    assert report.counts == {"requested": 1}
    assert bench.sync(twin).counts == {"requested": 1}
    assert {row["media_type"] for row in demo.requests()} == {"tv", "movie"}


def test_titles_that_were_looked_for_in_vain_are_not_looked_for_in_every_run(bench, demo):
    vague = [
        MediaItem("Dune", MediaType.MOVIE, None, MediaIds()),
        MediaItem("A film that nobody ever made", MediaType.MOVIE, 1999, MediaIds()),
    ]
    first = bench.sync(*vague)
    demo.reset_counts()
    second = bench.sync(*vague)

    assert first.counts == second.counts == {"needs_review": 1, "not_found": 1}
    assert [call for call in demo.calls if call.path.endswith("/search")] == []
    assert [outcome.result.candidates for outcome in second.outcomes] == [
        outcome.result.candidates for outcome in first.outcomes
    ]


def test_titles_that_were_looked_for_in_vain_are_looked_for_again_after_two_days(bench, demo):
    moment = [datetime(2026, 11, 22, tzinfo=UTC)]
    bench.clock = lambda: moment[0]
    vague = MediaItem("Dune", MediaType.MOVIE, None, MediaIds())
    bench.sync(vague)
    moment[0] += timedelta(days=2, hours=1)
    demo.reset_counts()

    bench.sync(vague)

    assert [call for call in demo.calls if call.path.endswith("/search")]


def test_a_number_that_tmdb_does_not_have_is_made_good_by_the_other_ids(bench, demo):
    wrong = MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(tmdb=79_999_999, imdb="tt0133093"))

    report = bench.sync(wrong)

    assert report.counts == {"requested": 1}
    assert [row["tmdb_id"] for row in demo.requests()] == [603]
    demo.reset_counts()
    assert bench.sync(wrong).counts == {"already_requested": 1}
    assert demo.writes == 0


def test_a_number_of_another_film_is_a_question_and_not_a_request(bench, demo):
    wrong = MediaItem("The Matrix", MediaType.MOVIE, 1999, MediaIds(tmdb=278, imdb="tt0133093"))

    report = bench.sync(wrong)

    assert report.counts == {"needs_review": 1}
    assert "tt0111161" in report.outcomes[0].reason
    assert demo.writes == 0


def test_a_ban_holds_for_whichever_key_a_list_knows_the_title_by(bench, demo, tmp_path):
    with open_store(tmp_path / "shelf.db") as store, store.writing() as connection:
        save_pins(connection, HOME, [Pin("tmdb:movie:603")], at=datetime.now(UTC))

    report = bench.sync(MediaItem("", None, None, MediaIds(imdb="tt0133093")))

    assert report.counts == {"excluded": 1}
    assert demo.writes == 0
