"""What the client reads of the three servers, and what it says when something else answers."""

import time
from dataclasses import replace

import pytest

from list_sync.demo.server.demo_server import DemoServer
from list_sync.demo.server.dialects import Dialect as DemoDialect
from list_sync.errors import (
    AuthenticationFailed,
    LookupFailed,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.matches import Candidate
from list_sync.model.servers import AnswerKind, Availability, Dialect, RequestStatus
from list_sync.model.titles import MediaType, Quality
from tests.api.overseerr_world import (
    EPISODE,
    FILM,
    OTHER_FILM,
    SHARED_NUMBER,
    SHOW,
    SHOW_WITHOUT_TVDB,
    TVDB,
    TWIN_SHOW,
    UNKNOWN_ID,
    UNRELEASED_FILM,
    WORLD,
    a_client,
)
from tests.fakes.scripted_server import ScriptedServer, Served

MOVIE, TV = MediaType.MOVIE, MediaType.TV
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


def test_the_fork_is_known_by_its_public_settings(client, server, dialect):
    server.settings.movie_4k_enabled = True

    info = client.fetch_info()

    assert info.dialect is Dialect(dialect.value)
    assert (info.offers(MOVIE, Quality.UHD), info.offers(TV, Quality.UHD)) == (True, False)


def test_access_is_checked_in_two_reads_for_the_owner_of_the_key(client, server):
    info = client.check_access()

    assert replace(info, installation="") == client.fetch_info()
    assert info.installation.startswith("1 20")
    assert server.reads == 3


def test_access_is_checked_in_three_reads_for_another_requester(server):
    user_id = server.add_user("alice")

    a_client(server, user_id=user_id).check_access()

    assert server.reads == 3


def test_a_server_with_many_users_is_asked_for_one_of_them_alone(server):
    users = [server.add_user(f"user{number}") for number in range(30)]

    a_client(server, user_id=users[-1]).check_access()

    assert [call.path for call in server.calls if "/user" in call.path] == []


def test_a_requester_who_is_no_user_is_refused_with_the_setting_and_those_who_are(server):
    server.add_user("alice")

    with pytest.raises(Refused, match=r"OVERSEERR_USER_ID=77 .* 1 \(admin\), 2 \(alice\)"):
        a_client(server, user_id=77).check_access()


def test_a_proxy_that_drops_the_requesters_header_is_noticed():
    settings, owner = {"initialized": True}, {"id": 1}
    answers = [Served(settings), Served(owner), Served(owner)]
    with ScriptedServer(answers) as server, pytest.raises(Refused, match="X-API-User"):
        a_client(server, user_id=2).check_access()


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        (0, [False, False, False, False]),
        (2, [True, True, True, True]),
        (32, [True, True, False, False]),
        (262144, [True, False, False, False]),
        (524288, [False, True, False, False]),
        (1024, [False, False, True, True]),
        (2048, [False, False, True, False]),
        (4096, [False, False, False, True]),
    ],
)
def test_what_the_requester_may_ask_for_is_what_the_server_takes(server, permissions, may):
    server.settings.movie_4k_enabled = server.settings.series_4k_enabled = True
    client = a_client(server, user_id=server.add_user("alice", permissions))
    wanted = [(kind, tmdb_id, quality) for quality in Quality for kind, tmdb_id in ((MOVIE, FILM), (TV, SHOW))]

    user = client.fetch_requester()
    answers = [
        client.create_request(media_type=kind, tmdb_id=tmdb_id, quality=quality, seasons=(1,))
        for kind, tmdb_id, quality in wanted
    ]

    assert [user.may_request(kind, quality) for kind, _, quality in wanted] == may
    assert [answer.kind is AnswerKind.CREATED for answer in answers] == may


def test_the_requesters_quota_is_read_by_kind(server):
    client = a_client(server, user_id=server.add_user("alice", movie_quota=2))
    client.create_request(media_type=MOVIE, tmdb_id=FILM, quality=Quality.HD)

    quotas = client.fetch_quotas()

    assert (quotas[MOVIE].limit, quotas[MOVIE].remaining, quotas[MOVIE].days) == (2, 1, 7)
    assert quotas[TV].remaining is None


def test_a_wrong_key_is_named_by_its_setting(server):
    client = a_client(server, api_key="wrong")

    with pytest.raises(AuthenticationFailed, match="OVERSEERR_API_KEY"):
        client.check_access()
    with pytest.raises(AuthenticationFailed, match="OVERSEERR_API_KEY"):
        client.fetch_states()


def test_all_users_are_read_and_their_passwords_left_behind(client, server):
    server.add_user("alice")

    users = client.fetch_users()

    assert sorted((user.user_id, user.name) for user in users) == [(1, "admin"), (2, "alice")]


def test_a_title_that_the_server_does_not_know_has_no_state(client):
    details = client.find_details(MOVIE, FILM)

    assert (details.title, details.year, details.imdb_id) == ("The Matrix", 1999, f"tt{FILM:07d}")
    assert (details.state.availability, details.state.requests) == (Availability.UNKNOWN, ())


def test_a_title_without_a_date_has_no_year(client):
    assert client.find_details(MOVIE, UNRELEASED_FILM).year is None


def test_a_show_tells_all_its_seasons_and_its_tvdb_number(client):
    details = client.find_details(TV, SHOW)

    assert (details.season_numbers, details.tvdb_id) == ((0, 1, 2, 3), TVDB)
    assert client.find_details(TV, SHOW_WITHOUT_TVDB).tvdb_id is None


def test_a_show_tells_what_is_there_and_what_was_asked_for_in_both_qualities(client, server):
    server.make_available("tv", SHOW, [1])
    asked = client.create_request(media_type=TV, tmdb_id=SHOW, quality=Quality.UHD, seasons=(1, 2))

    state = client.find_details(TV, SHOW).state

    assert state.availability is Availability.PARTIALLY_AVAILABLE
    assert state.seasons[1] is Availability.AVAILABLE
    assert state.requests_in(Quality.HD) == ()
    (request,) = state.requests_in(Quality.UHD)
    assert (request.request_id, request.seasons, request.requester_id) == (asked.request_id, {1, 2}, 1)


def test_an_unknown_title_and_a_tmdb_that_is_down_look_alike_and_cost_one_read(client, server):
    assert client.find_details(MOVIE, UNKNOWN_ID) is None
    server.faults.tmdb_down = True
    assert client.find_details(TV, SHOW) is None

    assert server.reads == 2


def test_a_search_finds_films_and_shows_and_no_people_or_collections(client):
    candidates = client.search("matrix").candidates

    assert {candidate.tmdb_id for candidate in candidates} == {FILM, OTHER_FILM}
    assert Candidate(MOVIE, FILM, "The Matrix", "Matrix: Original", 1999, 1.0) in candidates


@pytest.mark.parametrize("query", ["Who's Afraid? (of/for 50% + more): A Tale", "  who's \n afraid?  "])
def test_reserved_characters_in_a_title_are_no_problem(client, query):
    (candidate,) = client.search(query).candidates

    assert (candidate.tmdb_id, candidate.year) == (UNRELEASED_FILM, None)


@pytest.mark.parametrize("query", ["!$'()*+,;:@/?#[]&=%", "naïve 東京 \ud83d", "~-._"])
def test_no_title_makes_the_server_refuse_a_search(client, query):
    assert client.search(query).candidates == ()


def test_searching_for_nothing_asks_nobody(client, server):
    assert client.search(" ").candidates == ()
    assert server.reads == 0


def test_titles_of_one_year_can_be_asked_for(client):
    (candidate,) = client.search("Matrix year:2003").candidates

    assert candidate.tmdb_id == OTHER_FILM


def test_an_imdb_id_finds_its_title_and_an_episodes_id_finds_nothing(client):
    (candidate,) = client.find_by_imdb(f"tt{SHOW:07d}")

    assert (candidate.media_type, candidate.tmdb_id) == (TV, SHOW)
    assert client.find_by_imdb(EPISODE) == ()


def test_a_tvdb_number_may_belong_to_two_shows(client):
    assert {candidate.tmdb_id for candidate in client.find_by_tvdb(TVDB)} == {SHOW, TWIN_SHOW}


def test_an_outage_of_tmdb_is_no_answer_to_a_look_up_by_id_but_an_empty_one_by_title(server):
    client = a_client(server, retry_attempts=1)
    server.faults.tmdb_down = True

    with pytest.raises(LookupFailed, match="imdb:tt0000603"):
        client.find_by_imdb("tt0000603")
    with pytest.raises(LookupFailed, match="tvdb:1"):
        client.find_by_tvdb(1)
    assert client.search("matrix").candidates == ()


def test_the_fingerprint_takes_two_reads_and_changes_with_what_people_do(client, server):
    empty = client.fetch_fingerprint()
    assert server.reads == 2

    asked = client.create_request(media_type=MOVIE, tmdb_id=FILM, quality=Quality.HD)
    requested = client.fetch_fingerprint()
    server.make_available("movie", FILM)
    available = client.fetch_fingerprint()
    server.delete_request(asked.request_id)

    assert (empty.requests, empty.media) == (0, 0)
    assert (requested.requests, requested.media) == (1, 1)
    assert available == requested
    assert client.fetch_fingerprint().requests == 0


def test_a_declined_request_changes_the_fingerprint(client, server):
    asked = client.create_request(media_type=MOVIE, tmdb_id=FILM, quality=Quality.HD)
    before = client.fetch_fingerprint()

    server.decline(asked.request_id)

    assert client.fetch_fingerprint().declined == before.declined + 1


def test_the_fingerprint_counts_requests_that_radarr_refused_and_nothing_else_that_changes_by_itself(client, server):
    for tmdb_id in (FILM, OTHER_FILM, SHARED_NUMBER):
        client.create_request(media_type=MOVIE, tmdb_id=tmdb_id, quality=Quality.HD)
    before = client.fetch_fingerprint()
    server.make_available("movie", SHARED_NUMBER)
    available = client.fetch_fingerprint()
    server.fail_request(1)
    server.fail_request(2)

    assert available == before
    assert client.fetch_fingerprint() == replace(before, failed=2)
    server.approve(1)
    assert client.fetch_fingerprint() == replace(before, failed=1)


def test_a_glance_shows_the_fingerprint_and_one_page_of_titles_and_asks_no_radarr(client, server):
    server.faults.arr_hangs_seconds = 60
    server.make_available("movie", FILM)

    glance = client.fetch_glance(0)

    assert (glance.fingerprint, glance.next_place) == (client.fetch_fingerprint(), 0)
    assert glance.states[MOVIE, FILM].availability is Availability.AVAILABLE
    assert client.fetch_glance(1_000).states == {}


def test_the_requests_are_read_without_the_titles(client, server):
    client.create_request(media_type=TV, tmdb_id=SHOW, quality=Quality.HD, seasons=(1, 2))
    server.make_available("movie", FILM)

    (asked,) = client.fetch_requests().values()

    assert (asked.tmdb_id, asked.requests[0].seasons) == (SHOW, {1, 2})
    assert asked.requests[0].availability is Availability.PROCESSING
    assert [call.path for call in server.calls if call.path.endswith("/media")] == []


def test_recent_requests_come_newest_first_and_no_more_than_asked_for(client):
    for tmdb_id in (FILM, OTHER_FILM, SHARED_NUMBER):
        client.create_request(media_type=MOVIE, tmdb_id=tmdb_id, quality=Quality.HD)

    assert [request.tmdb_id for request in client.fetch_recent_requests(2)] == [SHARED_NUMBER, OTHER_FILM]
    assert len(client.fetch_recent_requests(50)) == 3
    assert client.fetch_recent_requests(0) == ()


def test_everything_that_the_server_knows_is_read_and_merged(client, server):
    server.make_available("movie", SHARED_NUMBER)
    asked = client.create_request(media_type=TV, tmdb_id=SHOW, quality=Quality.HD, seasons=(2,))
    server.decline(client.create_request(media_type=MOVIE, tmdb_id=FILM, quality=Quality.UHD).request_id)

    states = client.fetch_states()

    assert states.keys() == {(MOVIE, SHARED_NUMBER), (TV, SHOW), (MOVIE, FILM)}
    assert states[MOVIE, SHARED_NUMBER].availability is Availability.AVAILABLE
    assert [request.request_id for request in states[TV, SHOW].requests] == [asked.request_id]
    assert states[TV, SHOW].requests[0].seasons == {2}
    (declined,) = states[MOVIE, FILM].requests_in(Quality.UHD)
    assert declined.status is RequestStatus.DECLINED
    assert states[MOVIE, FILM] == client.find_details(MOVIE, FILM).state


@pytest.mark.parametrize("dialect", [DemoDialect.JELLYSEERR, DemoDialect.SEERR], indirect=True)
def test_a_blocklisted_title_is_known_as_such(client, server):
    server.blocklist("movie", FILM)

    assert client.fetch_states()[MOVIE, FILM].availability is Availability.BLOCKLISTED


def test_no_read_uses_a_parameter_that_a_fork_does_not_know(client, server):
    client.check_access()
    client.fetch_users()
    client.fetch_requester()
    client.fetch_quotas()
    client.fetch_fingerprint()
    client.fetch_states()
    client.fetch_recent_requests(5)
    client.search("matrix", page=2)
    client.find_by_imdb(EPISODE)

    assert {call.status for call in server.calls} == {200}


@pytest.mark.parametrize("failure", [Served("<html>", 503), Served({}, 429), Served(cut_after=-1)])
def test_a_failing_read_is_tried_again(failure):
    with ScriptedServer([failure, Served({"id": 1})]) as server:
        assert a_client(server).fetch_owner().user_id == 1


def test_a_pause_that_the_server_asks_for_is_kept():
    with ScriptedServer([Served({}, 429, {"Retry-After": "1"}), Served({"id": 1})]) as server:
        started = time.monotonic()
        a_client(server).fetch_owner()

    assert time.monotonic() - started >= 1


def answered(served, **changes):
    """Return what the client makes of an answer to a plain read."""
    with ScriptedServer([served]) as server, pytest.raises(Exception) as caught:  # noqa: PT011
        a_client(server, retry_attempts=1, **changes).fetch_owner()
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    return caught.value


STRANGE = [
    (Served("<html><title>Sign in</title></html>"), UnexpectedResponse, "web page instead of JSON"),
    (Served("<html>Forbidden</html>", 403), UnexpectedResponse, "web page instead of JSON"),
    (
        Served("", 302, {"Location": "https://auth.example/login?next=secret"}),
        UnexpectedResponse,
        "https://auth.example/login",
    ),
    (Served("", 301, {"Location": "//["}), UnexpectedResponse, "redirects to an invalid address"),
    (Served('{"id": 1, "displa'), UnexpectedResponse, "breaks off"),
    (Served(""), UnexpectedResponse, "empty answer"),
    (Served([]), UnexpectedResponse, "a user"),
    (Served({"message": "not found", "errors": []}, 404), ResourceNotFound, "OVERSEERR_URL"),
    (Served({"message": "Unknown query parameter 'x'"}, 400), UnexpectedResponse, "Unknown query parameter"),
    (Served({"message": "You do not have permission to view"}, 403), Refused, "You do not have permission"),
    (Served({"message": "cookie 'connect.sid' required"}, 401), AuthenticationFailed, "OVERSEERR_API_KEY"),
    (Served({"status": 403, "error": "You do not have permission"}, 403), AuthenticationFailed, "OVERSEERR_API_KEY"),
    (Served({"message": "boom\nat line 1"}, 500), ServiceUnavailable, "boom at line 1"),
    (Served("<html>Bad gateway</html>", 502), ServiceUnavailable, "HTTP 502"),
    (Served({}, 429, {"Retry-After": "120"}), RateLimited, "429"),
    (Served(cut_after=-1), ServiceUnavailable, "OVERSEERR_URL"),
    (Served({"id": 1}, cut_after=3), ServiceUnavailable, "OVERSEERR_URL"),
]


@pytest.mark.parametrize(("served", "kind", "words"), STRANGE)
def test_whatever_answers_in_place_of_the_server_is_a_named_error_with_advice(served, kind, words):
    error = answered(served)

    assert type(error) is kind
    assert words in str(error)


def test_a_missing_permission_is_told_apart_from_a_wrong_key():
    def answer(asked):
        refused = {"status": 403, "error": "You do not have permission to access this endpoint"}
        return Served({"id": 1}) if asked.path.endswith("/auth/me") else Served(refused, 403)

    with ScriptedServer(answer) as server, pytest.raises(Refused, match="may not read /request/count"):
        a_client(server).fetch_fingerprint()


def test_a_redirect_is_never_followed_with_the_key():
    with ScriptedServer([Served({"id": 1})]) as elsewhere:
        moved = Served("", 302, {"Location": f"{elsewhere.url}/api/v1/auth/me"})
        with ScriptedServer([moved]) as server, pytest.raises(UnexpectedResponse):
            a_client(server).fetch_owner()

        assert elsewhere.asked == []


def test_a_server_that_nobody_has_set_up_yet_is_waited_for():
    new = Served({"initialized": False, "applicationTitle": "x"})

    with ScriptedServer([new]) as server, pytest.raises(ServiceUnavailable, match="finish its set-up"):
        a_client(server).fetch_info()


def test_a_details_read_that_meets_an_outage_is_tried_again():
    film = {"id": FILM, "title": "The Matrix"}
    with ScriptedServer([Served("<html>Bad gateway</html>", 502), Served(film)]) as server:
        assert a_client(server).find_details(MOVIE, FILM).title == "The Matrix"


def test_a_details_read_whose_connection_breaks_is_tried_again():
    film = {"id": FILM, "title": "The Matrix"}
    with ScriptedServer([Served(cut_after=-1), Served(film)]) as server:
        assert a_client(server).find_details(MOVIE, FILM).title == "The Matrix"


def test_a_details_page_that_fails_in_another_way_is_an_outage():
    broken = Served({"message": "SQLITE_BUSY"}, 500)

    with ScriptedServer([broken]) as server, pytest.raises(ServiceUnavailable, match="SQLITE_BUSY"):
        a_client(server).find_details(MOVIE, FILM)


def test_credentials_in_the_address_are_sent_and_never_shown():
    with ScriptedServer([Served({"id": 1})]) as server:
        client = a_client(server, url=server.url.replace("http://", "http://joe:hunter2@"))
        client.fetch_owner()

        assert server.asked[0].headers["Authorization"] == "Basic am9lOmh1bnRlcjI="
        assert "hunter2" not in f"{client!r} {client.url}"


def test_a_server_that_takes_too_long_for_a_read_is_unavailable_and_nothing_is_in_doubt(server):
    server.faults.slow_seconds = 0.5

    with pytest.raises(ServiceUnavailable) as caught:
        a_client(server, timeout_seconds=0.05, retry_attempts=1).fetch_info()

    assert type(caught.value) is ServiceUnavailable
