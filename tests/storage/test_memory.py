from datetime import timedelta

from list_sync.model.matches import MatchMethod, Pin, Resolution
from list_sync.model.servers import HOME, Availability, Fingerprint, RequestStatus
from list_sync.model.titles import MediaType, Quality
from list_sync.storage.memory import delete_pins, forget, load_pins, load_resolutions, remember, save_pins
from list_sync.storage.server_memory import load_fingerprint, load_states, save_fingerprint, save_states
from tests.builders import NOON, a_server_request, a_state

SERVER = 1
FINGERPRINT = Fingerprint(10, 2, 1, 300, 44)


def resolution(number, method=MatchMethod.IMDB_ID):
    return Resolution(f"imdb:tt{number:07d}", MediaType.MOVIE, number, method)


def test_what_was_resolved_is_remembered_and_can_be_forgotten(store):
    learned = [resolution(number) for number in range(1, 1203)]
    with store.writing() as connection:
        remember(connection, learned, at=NOON)
        remember(connection, [resolution(1, MatchMethod.TVDB_ID)], at=NOON)
        remember(connection, [], at=NOON)

    with store.writing() as connection:
        known = load_resolutions(connection, [one.key for one in learned])
        assert len(known) == 1202
        assert load_resolutions(connection, ["imdb:tt0000007", "unknown"]) == {"imdb:tt0000007": resolution(7)}
        assert known["imdb:tt0000001"].method is MatchMethod.TVDB_ID
        assert known["imdb:tt0000002"] == resolution(2)
        forget(connection, [learned[1].key, "unknown"])
        assert "imdb:tt0000002" not in load_resolutions(connection, [learned[1].key])


def test_pins_and_bans_are_kept_replaced_and_taken_back(store):
    with store.writing() as connection:
        save_pins(connection, HOME, [Pin("imdb:tt1", MediaType.TV, 1399), Pin("title:any:dune:")], at=NOON)
        save_pins(connection, HOME, [Pin("imdb:tt1", MediaType.MOVIE, 603)], at=NOON)

    with store.writing() as connection:
        assert load_pins(connection, HOME) == {
            "imdb:tt1": Pin("imdb:tt1", MediaType.MOVIE, 603),
            "title:any:dune:": Pin("title:any:dune:"),
        }
        assert load_pins(connection, HOME)["title:any:dune:"].tmdb_id is None
        delete_pins(connection, HOME, {"imdb:tt1"})
        assert list(load_pins(connection, HOME)) == ["title:any:dune:"]


def test_known_states_come_back_as_they_were(store):
    show = a_state(
        1399,
        MediaType.TV,
        Availability.PARTIALLY_AVAILABLE,
        seasons={0: Availability.UNKNOWN, 2: Availability.AVAILABLE},
        seasons_4k={1: Availability.UNRECOGNISED},
        availability_4k=Availability.PENDING,
        requests=[
            a_server_request(7, 1399, MediaType.TV, quality=Quality.UHD, status=RequestStatus.DECLINED, seasons=(1, 2))
        ],
    )
    states = {(state.media_type, state.tmdb_id): state for state in (show, a_state(1399), a_state(5))}

    with store.writing() as connection:
        save_states(connection, SERVER, states.values(), at=NOON, replace=True)
        save_states(connection, 2, [a_state(9)], at=NOON, replace=True)

    with store.reading() as connection:
        assert load_states(connection, SERVER) == states
        assert load_states(connection, 3) == {}


def test_a_full_read_replaces_what_was_known_and_a_partial_one_adds_to_it(store):
    with store.writing() as connection:
        save_states(connection, SERVER, [a_state(1), a_state(2)], at=NOON, replace=True)
        save_states(connection, SERVER, [a_state(2, availability=Availability.AVAILABLE)], at=NOON, replace=False)
        known = load_states(connection, SERVER)
        assert [state.availability for state in known.values()] == [Availability.UNKNOWN, Availability.AVAILABLE]

        save_states(connection, SERVER, [a_state(3)], at=NOON, replace=True)
        assert list(load_states(connection, SERVER)) == [(MediaType.MOVIE, 3)]


def test_a_fingerprint_remembers_when_everything_was_last_read(store):
    later = NOON + timedelta(days=1)
    with store.writing() as connection:
        assert load_fingerprint(connection, SERVER).fingerprint is None
        save_fingerprint(connection, SERVER, FINGERPRINT, at=NOON, is_full_read=False)
        assert load_fingerprint(connection, SERVER).full_read_at is None
        save_fingerprint(connection, SERVER, FINGERPRINT, at=NOON, is_full_read=True)
        save_fingerprint(connection, SERVER, Fingerprint(11, 2, 1, 301, 45), at=later, is_full_read=False)

        stored = load_fingerprint(connection, SERVER)
    assert (stored.fingerprint.failed, stored.full_read_at) == (45, NOON)


def test_what_the_next_run_is_to_look_at_is_remembered_with_the_fingerprint(store):
    with store.writing() as connection:
        save_fingerprint(
            connection, SERVER, FINGERPRINT, at=NOON, is_full_read=True, next_place=2_000, unread_since=NOON
        )
        stored = load_fingerprint(connection, SERVER)

        save_fingerprint(connection, SERVER, FINGERPRINT, at=NOON, is_full_read=False)
        later = load_fingerprint(connection, SERVER)
    assert (stored.next_place, stored.unread_since) == (2_000, NOON)
    assert (later.next_place, later.unread_since) == (0, None)
