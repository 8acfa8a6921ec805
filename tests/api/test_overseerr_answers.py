"""Every row of the measured table of POST /request has an outcome of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.mediaserver.answers import parse_request_answer
from list_sync.errors import AnswerLost, ResourceNotFound, ServiceError, ServiceUnavailable
from list_sync.model.servers import AnswerKind, RequestAnswer, RequestStatus

CREATED = {
    "id": 7,
    "type": "movie",
    "status": 2,
    "is4k": False,
    "media": {"id": 3},
    "requestedBy": {"id": 1},
    "seasons": [],
}


def parse(status, body):
    return parse_request_answer(
        HttpAnswer(status, {}, json.dumps(body).encode(), "http://seerr/api/v1/request", "seerr")
    )


def season(number):
    return {"id": 100 + number, "seasonNumber": number, "status": 2}


REFUSALS = [
    (403, "You do not have permission to make movie requests.", AnswerKind.NO_PERMISSION),
    (403, "You do not have permission to make series requests.", AnswerKind.NO_PERMISSION),
    (403, "You do not have permission to make 4K movie requests.", AnswerKind.NO_PERMISSION),
    (403, "You do not have permission to modify the request user.", AnswerKind.KEY_MAY_NOT),
    (403, "Movie Quota exceeded.", AnswerKind.QUOTA_EXCEEDED),
    (403, "Series Quota exceeded.", AnswerKind.QUOTA_EXCEEDED),
    (403, "This media is blacklisted.", AnswerKind.BLOCKLISTED),
    (403, "This media is blocklisted.", AnswerKind.BLOCKLISTED),
    (403, "Something that no version said yet.", AnswerKind.REJECTED),
    (409, "Request for this media already exists.", AnswerKind.DUPLICATE),
    (202, "No seasons available to request", AnswerKind.NOTHING_LEFT),
    (500, 'Could not find any entity of type "User" matching: {"where": {"id": 99}}', AnswerKind.REQUESTER_UNKNOWN),
    (500, "SQLITE_CONSTRAINT: UNIQUE constraint failed: media.tvdbId", AnswerKind.TVDB_CONFLICT),
    (500, "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed", AnswerKind.DATABASE_CONFLICT),
    (500, "Cannot read properties of undefined (reading 'filter')", AnswerKind.REJECTED),
    (400, "request.body.mediaId should be number", AnswerKind.REJECTED),
    (415, "unsupported media type text/plain", AnswerKind.REJECTED),
]


@pytest.mark.parametrize(("status", "message", "kind"), REFUSALS)
def test_each_refusal_has_its_own_outcome_and_keeps_the_servers_words(status, message, kind):
    answer = parse(status, {"message": message})

    assert answer == RequestAnswer(kind, message)


TMDB_FAILURES = [
    ("[TMDB] Failed to fetch movie details: Request failed with status code 404", AnswerKind.TITLE_UNKNOWN),
    ("[TMDB] Failed to fetch TV show details: Request failed with status code 404", AnswerKind.TITLE_UNKNOWN),
    ('[TMDB] Failed to fetch movie details: 404 Not Found: {"status_code":34}', AnswerKind.TITLE_UNKNOWN),
    ("[TMDB] Failed to fetch movie details: Request failed with status code 429", AnswerKind.TMDB_UNAVAILABLE),
    ("[TMDB] Failed to fetch movie details: Request failed with status code 500", AnswerKind.TMDB_UNAVAILABLE),
    ('[TMDB] Failed to fetch movie details: 500 Internal Server Error: {"code": 404 }', AnswerKind.TMDB_UNAVAILABLE),
    ("[TMDB] Failed to fetch movie details: timeout of 10000ms exceeded", AnswerKind.TMDB_UNAVAILABLE),
]


@pytest.mark.parametrize(("message", "kind"), TMDB_FAILURES)
def test_only_tmdbs_own_404_says_that_a_title_does_not_exist(message, kind):
    assert parse(500, {"message": message}).kind is kind


def test_a_created_request_tells_its_id_and_status():
    answer = parse(201, CREATED)

    assert answer == RequestAnswer(AnswerKind.CREATED, request_id=7, status=RequestStatus.APPROVED)


def test_a_created_request_of_a_show_tells_the_seasons_that_were_taken():
    answer = parse(201, CREATED | {"type": "tv", "status": 1, "seasons": [season(0), season(3)]})

    assert answer.seasons == {0, 3}
    assert answer.status is RequestStatus.PENDING


def test_a_created_request_in_a_state_that_we_do_not_know_is_still_created():
    answer = parse(201, CREATED | {"status": 42, "novelty": [1]})

    assert (answer.kind, answer.status) == (AnswerKind.CREATED, RequestStatus.UNRECOGNISED)


@pytest.mark.parametrize("body", [None, [], "ok", {}, {"id": "7"}, {"id": True}, {"message": "fine"}])
def test_a_success_that_names_no_request_may_have_made_one(body):
    with pytest.raises(AnswerLost):
        parse(201, body)


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (500, "", AnswerLost),
        (500, "Internal Server Error", AnswerLost),
        (502, "bad gateway", AnswerLost),
        (504, "gateway timeout", AnswerLost),
        (503, "", ServiceUnavailable),
        (404, "not found", ResourceNotFound),
    ],
)
def test_an_answer_that_is_not_the_servers_word_on_the_request_is_an_error(status, message, error):
    with pytest.raises(error) as raised:
        parse(status, {"message": message})

    assert type(raised.value) is error


def test_words_of_several_lines_become_one_line():
    answer = parse(400, {"message": "first\n  second\tthird"})

    assert answer.message == "first second third"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "message", "error", "seasons", "seasonNumber", "status"]) | st.text(), inner
        )
    ),
    max_leaves=12,
)


@given(st.integers(min_value=100, max_value=599), json_values)
def test_any_answer_is_an_outcome_or_a_lost_answer(status, body):
    try:
        answer = parse(status, body)
    except ServiceError:
        assert 200 <= status < 300 or status == 404 or status >= 500
    else:
        assert (answer.kind is AnswerKind.CREATED) == (answer.request_id is not None)
        assert "\n" not in answer.message
