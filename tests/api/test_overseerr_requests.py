"""POST /request on the three servers, bare and behind a path prefix with CSRF protection."""

import socket
import threading

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.dialects import Dialect as DemoDialect
from list_sync.errors import (
    AnswerLost,
    AuthenticationFailed,
    ConfigError,
    RateLimited,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.servers import AnswerKind, RequestStatus
from list_sync.model.titles import MediaType, Quality
from tests.api.overseerr_world import (
    FILM,
    OTHER_FILM,
    SHOW,
    SHOW_OF_SPECIALS,
    SHOW_WITHOUT_TVDB,
    TWIN_SHOW,
    UNKNOWN_ID,
    UNRELEASED_FILM,
    WORLD,
    a_client,
)
from tests.fakes.scripted_server import ScriptedServer, Served

NO_PERMISSIONS, MAY_REQUEST = 0, 32
BLOCKLISTING = [DemoDialect.JELLYSEERR, DemoDialect.SEERR]
SETUPS = [{}, {"path_prefix": "/media/requests", "csrf": True}]


@pytest.fixture(params=DemoDialect, ids=lambda dialect: dialect.value)
def dialect(request):
    return request.param


@pytest.fixture(params=SETUPS, ids=["bare", "prefix-csrf"])
def server(request, dialect):
    with DemoServer(dialect=dialect, catalogue=WORLD, post_seconds=0, **request.param) as running:
        yield running


@pytest.fixture
def client(server):
    client = a_client(server)
    yield client
    client.close()


def ask_for_film(client, tmdb_id=FILM, *, quality=Quality.HD, **changes):
    return client.create_request(media_type=MediaType.MOVIE, tmdb_id=tmdb_id, quality=quality, **changes)


def ask_for_show(client, seasons, tmdb_id=SHOW, *, quality=Quality.HD, **changes):
    return client.create_request(media_type=MediaType.TV, tmdb_id=tmdb_id, quality=quality, seasons=seasons, **changes)


def posted(server):
    return [call.body for call in server.calls if call.method == "POST"]


def test_a_film_is_requested(client, server):
    answer = ask_for_film(client)

    (row,) = server.requests()
    assert (answer.kind, answer.request_id, answer.status) == (AnswerKind.CREATED, row["id"], RequestStatus.APPROVED)
    assert (row["tmdb_id"], row["is4k"]) == (FILM, False)


def test_a_film_without_a_date_is_requested_like_any_other(client):
    assert ask_for_film(client, UNRELEASED_FILM).kind is AnswerKind.CREATED


def test_is4k_is_always_sent_and_seasons_only_for_shows_as_numbers(client, server):
    ask_for_film(client)
    ask_for_film(client, quality=Quality.UHD, seasons=(1, 2))
    ask_for_show(client, (3, 1, 1))

    assert posted(server)[-1] == {"mediaType": "tv", "mediaId": SHOW, "is4k": False, "seasons": [1, 3]}
    assert {"mediaType": "movie", "mediaId": FILM, "is4k": False} in posted(server)
    assert {"mediaType": "movie", "mediaId": FILM, "is4k": True} in posted(server)


def test_a_film_asked_for_twice_is_a_duplicate(client):
    ask_for_film(client)

    answer = ask_for_film(client)

    assert (answer.kind, answer.message) == (AnswerKind.DUPLICATE, "Request for this media already exists.")


def test_a_film_whose_request_failed_at_radarr_is_a_duplicate_too(client, server):
    request_id = ask_for_film(client).request_id
    server.fail_request(request_id)

    assert ask_for_film(client).kind is AnswerKind.DUPLICATE


def test_the_same_film_in_the_other_quality_is_no_duplicate(client):
    ask_for_film(client)

    assert ask_for_film(client, quality=Quality.UHD).kind is AnswerKind.CREATED


def test_a_declined_film_would_be_taken_again_which_is_why_the_state_is_looked_at_first(client, server):
    server.decline(ask_for_film(client).request_id)

    assert ask_for_film(client).kind is AnswerKind.CREATED


def test_only_the_seasons_that_are_left_are_taken(client):
    ask_for_show(client, (2,))

    answer = ask_for_show(client, (2, 3))

    assert (answer.kind, answer.seasons) == (AnswerKind.CREATED, {3})


@pytest.mark.parametrize("seasons", [(2,), ()])
def test_nothing_left_to_request_is_told_apart_from_a_new_request(client, seasons):
    ask_for_show(client, (2,))

    answer = ask_for_show(client, seasons)

    assert (answer.kind, answer.request_id) == (AnswerKind.NOTHING_LEFT, None)
    assert answer.message == "No seasons available to request"


def test_specials_alone_are_taken_by_overseerr_only(client, dialect):
    answer = ask_for_show(client, (0,), SHOW_OF_SPECIALS)

    expected = AnswerKind.CREATED if dialect is DemoDialect.OVERSEERR else AnswerKind.NOTHING_LEFT
    assert answer.kind is expected


def test_a_season_that_tmdb_does_not_have_is_taken_all_the_same(client):
    assert ask_for_show(client, (99,)).seasons == {99}


@pytest.mark.parametrize("quality", Quality)
@pytest.mark.parametrize("ask", [ask_for_film, lambda client, **changes: ask_for_show(client, (1,), **changes)])
def test_a_requester_without_permission_is_refused(client, server, ask, quality):
    user_id = server.add_user("guest", permissions=NO_PERMISSIONS)

    answer = ask(client, quality=quality, requester_id=user_id)

    assert answer.kind is AnswerKind.NO_PERMISSION
    assert answer.message.startswith("You do not have permission to make ")


def test_a_request_for_another_user_is_theirs_and_waits_for_approval(client, server):
    user_id = server.add_user("alice", permissions=MAY_REQUEST)

    answer = ask_for_film(client, requester_id=user_id)

    assert answer.status is RequestStatus.PENDING
    assert server.requests()[0]["requested_by"] == user_id


def test_without_a_requester_the_request_is_in_the_name_of_the_configured_user(server):
    user_id = server.add_user("alice", permissions=MAY_REQUEST)

    ask_for_film(a_client(server, user_id=str(user_id)))

    assert server.requests()[0]["requested_by"] == user_id


def test_a_requester_that_does_not_exist_is_told_apart_from_a_wrong_key(client, server):
    answer = ask_for_film(client, requester_id=999)

    assert answer.kind is AnswerKind.REQUESTER_UNKNOWN
    assert "999" in answer.message
    assert server.deaths == 0


@pytest.mark.parametrize("requester_id", ["abc", "", 0, -1, 1.5, True])
def test_a_requester_that_is_no_number_never_reaches_the_server(client, server, requester_id):
    with pytest.raises(ConfigError):
        ask_for_film(client, requester_id=requester_id)

    assert (server.deaths, posted(server)) == (0, [])


def test_a_used_up_film_quota_has_its_own_outcome(client, server):
    user_id = server.add_user("bob", permissions=MAY_REQUEST, movie_quota=1)
    ask_for_film(client, requester_id=user_id)

    answer = ask_for_film(client, OTHER_FILM, requester_id=user_id)

    assert (answer.kind, answer.message) == (AnswerKind.QUOTA_EXCEEDED, "Movie Quota exceeded.")


def test_more_seasons_than_the_quota_has_left_are_refused_as_a_whole(client, server):
    user_id = server.add_user("bob", permissions=MAY_REQUEST, tv_quota=1)

    answer = ask_for_show(client, (1, 2), requester_id=user_id)

    assert (answer.kind, answer.message) == (AnswerKind.QUOTA_EXCEEDED, "Series Quota exceeded.")


@pytest.mark.parametrize("dialect", BLOCKLISTING, indirect=True)
@pytest.mark.parametrize("quality", Quality)
def test_a_blocklisted_title_has_its_own_outcome(client, server, quality):
    server.blocklist("movie", FILM)

    answer = ask_for_film(client, quality=quality)

    assert answer.kind is AnswerKind.BLOCKLISTED


def test_a_title_that_tmdb_does_not_know_is_told_apart_from_an_outage(client, server):
    assert ask_for_film(client, UNKNOWN_ID).kind is AnswerKind.TITLE_UNKNOWN
    assert ask_for_show(client, (1,), UNKNOWN_ID).kind is AnswerKind.TITLE_UNKNOWN


@pytest.mark.parametrize("status", [429, 500])
def test_an_outage_of_tmdb_is_told_apart_from_an_unknown_title(client, server, status):
    server.faults.tmdb_down = True
    server.faults.tmdb_status = status

    assert ask_for_film(client).kind is AnswerKind.TMDB_UNAVAILABLE


def test_a_show_whose_tvdb_number_another_show_holds_has_its_own_outcome(client):
    ask_for_show(client, (1,))

    assert ask_for_show(client, (1,), TWIN_SHOW).kind is AnswerKind.TVDB_CONFLICT


@pytest.mark.parametrize("dialect", [DemoDialect.JELLYSEERR], indirect=True)
def test_a_show_without_a_tvdb_number_fails_with_the_servers_words(client):
    answer = ask_for_show(client, (1,), SHOW_WITHOUT_TVDB)

    assert answer.kind is AnswerKind.REJECTED
    assert answer.message


def test_a_wrong_key_is_named_and_no_permission_is_blamed(server):
    with pytest.raises(AuthenticationFailed, match="OVERSEERR_API_KEY") as caught:
        ask_for_film(a_client(server, api_key="wrong-secret"))

    assert "wrong-secret" not in str(caught.value)


def test_a_key_whose_owner_may_not_make_requests_is_told_apart_from_a_wrong_key():
    def answer(asked):
        refused = {"status": 403, "error": "You do not have permission to access this endpoint"}
        return Served({"id": 1}) if asked.path.endswith("/auth/me") else Served(refused, 403)

    with ScriptedServer(answer) as server, pytest.raises(AuthenticationFailed, match="owner of OVERSEERR_API_KEY"):
        ask_for_film(a_client(server))


def test_a_lost_answer_is_reported_and_the_request_is_not_sent_again(client, server):
    client.fetch_info()
    server.faults.drop_after_write = 1

    with pytest.raises(AnswerLost, match="OVERSEERR_URL"):
        ask_for_film(client)

    assert len(posted(server)) == 1
    assert len(server.requests()) == 1


def test_a_request_is_withdrawn_once(client, server):
    request_id = ask_for_film(client).request_id

    assert client.delete_request(request_id)
    assert not client.delete_request(request_id)
    assert server.requests() == []


def test_csrf_protection_that_comes_on_meanwhile_costs_one_refused_call_and_no_second_request(client, server):
    ask_for_film(client)
    server.settings.csrf_protection = True

    assert ask_for_film(client, OTHER_FILM).kind is AnswerKind.CREATED
    assert ask_for_show(client, (1,)).kind is AnswerKind.CREATED
    assert len(server.requests()) == 3


def test_the_calls_that_the_client_counts_are_those_that_the_server_saw(client, server):
    client.fetch_info()
    ask_for_film(client)
    client.find_details(MediaType.MOVIE, FILM)

    assert (client.calls.reads, client.calls.writes) == (server.reads, server.writes) == (2, 1)
    assert client.write_seconds > 0


NOT_MADE = [
    (Served({"message": "Too many"}, 429, {"Retry-After": "7"}), RateLimited),
    (Served("<html>Bad gateway</html>", 503), ServiceUnavailable),
    (Served("<html>Sign in</html>", 200), UnexpectedResponse),
    (Served("<html>Forbidden</html>", 403), UnexpectedResponse),
    (Served("", 302, {"Location": "https://user:pw@auth.example/login?rd=1"}), UnexpectedResponse),
    (Served({"message": "cookie 'connect.sid' required"}, 401), AuthenticationFailed),
    (Served({"message": "not found"}, 404), ResourceNotFound),
    (Served({"message": "invalid csrf token"}, 403), AuthenticationFailed),
]


@pytest.mark.parametrize(("served", "error"), NOT_MADE)
def test_an_answer_that_is_none_of_the_apis_is_a_named_error(served, error):
    with ScriptedServer([served]) as server, pytest.raises(error) as caught:
        ask_for_film(a_client(server))

    assert type(caught.value) is error
    assert not any(secret in str(caught.value) for secret in ("\n", "secret-key", "user:pw", "rd=1"))


PERHAPS_MADE = [
    Served("<html>Bad gateway</html>", 502),
    Served("<html>Gateway timeout</html>", 504),
    Served("<html>A timeout occurred</html>", 524),
    Served("<html>Internal Server Error</html>", 500),
    Served({"message": "Internal Server Error"}, 500),
    Served('{"id": 7, "status"', 201),
    Served({"id": 7}, 201, cut_after=4),
    Served(cut_after=-1),
    Served(b"", 201),
]


@pytest.mark.parametrize("served", PERHAPS_MADE)
def test_an_answer_that_leaves_open_whether_the_request_was_made_is_a_lost_answer(served):
    with ScriptedServer([served]) as server:
        with pytest.raises(AnswerLost):
            ask_for_film(a_client(server))

        assert [asked.method for asked in server.asked] == ["POST"]


def test_a_pause_that_is_asked_for_is_handed_on():
    with ScriptedServer([Served({}, 429, {"Retry-After": "7"})]) as server, pytest.raises(RateLimited) as caught:
        ask_for_film(a_client(server))

    assert caught.value.retry_after == 7


def test_a_server_that_is_not_there_is_named_by_its_setting_without_credentials():
    with ScriptedServer([Served({})]) as server:
        address = server.url
    client = a_client(server, url=address.replace("http://", "http://joe:hunter2@"))

    with pytest.raises(ServiceUnavailable, match="OVERSEERR_URL=http://127") as caught:
        ask_for_film(client)

    assert type(caught.value) is ServiceUnavailable
    assert "hunter2" not in str(caught.value)


def test_the_answer_to_a_request_in_flight_is_still_read_after_the_stop_event():
    stop = threading.Event()

    def answer(asked):
        stop.set()
        return Served({"id": 7, "status": 2, "seasons": []}, 201)

    with ScriptedServer(answer) as server:
        assert ask_for_film(a_client(server, stop=stop)).request_id == 7


def test_a_server_that_takes_too_long_has_perhaps_made_the_request(server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        # A busy machine may take longer than a moment to connect, and then nothing was asked.
        client = a_client(server, url=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=1.0)
        with pytest.raises(AnswerLost, match="OVERSEERR_URL"):
            ask_for_film(client)
