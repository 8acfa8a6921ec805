"""Whatever is wiped, declined or taken back: nothing is asked for twice without the user."""

from list_sync.demo.catalogue import load_catalogue
from list_sync.model.titles import MediaIds, MediaItem, MediaType
from list_sync.storage import journal
from list_sync.storage.store import open_store
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

    assert report.counts == {"declined": 30, "requested": 1}
    assert demo.writes == 1


def test_after_the_user_released_a_title_it_is_asked_for_again(bench, demo, tmp_path):
    bench.sync(*FILMS)
    demo.wipe()
    bench.sync(*FILMS)
    with open_store(f"sqlite:///{tmp_path}/shelf.db") as store, store.writing() as connection:
        assert journal.release(connection, MediaType.MOVIE, 5_000_000) == 1

    assert bench.sync(*FILMS).counts == {"declined": 29, "requested": 1}


def test_a_declined_request_is_not_made_again(bench, demo):
    bench.sync(*FILMS)
    demo.decline(demo.requests()[0]["id"])
    demo.reset_counts()

    report = bench.sync(*FILMS)

    assert report.counts == {"already_requested": 29, "declined": 1}
    assert demo.writes == 0


def test_a_film_and_a_show_with_one_tmdb_number_are_told_apart(bench, demo):
    show = next(title for title in load_catalogue().titles if title.kind == "tv" and title.tvdb)
    twin = MediaItem("A film with the number of a show", MediaType.MOVIE, 2000, MediaIds(tmdb=show.tmdb))

    report = bench.sync(MediaItem(show.title, MediaType.TV, None, MediaIds(tmdb=show.tmdb)))

    assert report.counts == {"requested": 1}
    assert bench.sync(twin).counts in ({"not_found": 1}, {"requested": 1})
    assert {row["media_type"] for row in demo.requests()} <= {"tv", "movie"}
