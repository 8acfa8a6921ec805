"""What every HTTP answer means: the table of the classifier, and real error answers where they are at hand."""

import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from list_sync.api.http.answers import HttpAnswer
from list_sync.api.http.classifier import (
    LONGEST_ASKED_SECONDS,
    classify,
    find_challenge,
    find_words,
    retry_after_seconds,
)
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    NeedsVip,
    RateLimited,
    Refused,
    ResourceNotFound,
    ServiceError,
    ServiceUnavailable,
    UnexpectedResponse,
)

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
HTML = {"Content-Type": "text/html"}
CLOUDFLARE = {**HTML, "Server": "cloudflare"}
JSON = {"Content-Type": "application/json"}


def an_answer(status: int = 200, content: bytes | str = b"", headers: dict[str, str] | None = None) -> HttpAnswer:
    body = content.encode() if isinstance(content, str) else content
    return HttpAnswer(status, CaseInsensitiveDict(headers or {}), body, "https://example.org/", "sample")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (an_answer(202, "", {"x-amzn-waf-action": "challenge"}), Blocked, "AWS WAF"),
        (an_answer(202), Blocked, "AWS WAF"),
        (an_answer(405, "", {"X-Amzn-Waf-Action": "captcha", **HTML}), Blocked, "AWS WAF"),
        (an_answer(200, "<html><script>window.gokuProps={}</script></html>", HTML), Blocked, "AWS WAF"),
        (an_answer(200, "<html><script src='https://x.awswaf.com/c.js'></script></html>", HTML), Blocked, "AWS WAF"),
        (an_answer(403, "", {"cf-mitigated": "challenge"}), Blocked, "Cloudflare"),
        (an_answer(403, "<html><title>Just a moment...</title></html>", CLOUDFLARE), Blocked, "Cloudflare"),
        (an_answer(503, "<html>Sorry, you have been blocked</html>", CLOUDFLARE), Blocked, "Cloudflare"),
        (an_answer(429, "error code: 1015", {"Server": "cloudflare"}), Blocked, "rate limited by Cloudflare"),
        (an_answer(403, "<html><h1>403 Forbidden</h1></html>", {**HTML, "Server": "awselb/2.0"}), Blocked, "403"),
        (an_answer(429, "<html>Access denied</html>", CLOUDFLARE), RateLimited, "rate limited"),
        (an_answer(429, "{}", JSON), RateLimited, "rate limited"),
        (an_answer(200, "<!doctype html><title>Hello</title>", HTML), UnexpectedResponse, 'a web page "Hello"'),
        (an_answer(200, "  <html>", {}), UnexpectedResponse, "a web page"),
        (an_answer(401, '{"error": "invalid_token"}', JSON), AuthenticationFailed, "invalid_token"),
        (an_answer(403, '{"message": "Invalid API key"}', JSON), AuthenticationFailed, "Invalid API key"),
        (an_answer(403, '{"message": "This list is private"}', JSON), Refused, "private"),
        (an_answer(403), Refused, "private or forbidden"),
        (an_answer(404, "<html>Not here</html>", HTML), ResourceNotFound, "not found"),
        (an_answer(410), ResourceNotFound, "gone"),
        (an_answer(423), Refused, "locked"),
        (an_answer(426), NeedsVip, "VIP"),
        (an_answer(400, '{"errors": [{"message": "bad query"}]}', JSON), UnexpectedResponse, "bad query"),
        (an_answer(302, "", {"Location": "/login"}), UnexpectedResponse, "302"),
        (an_answer(500), ServiceUnavailable, "HTTP 500"),
        (an_answer(503, '{"message": "maintenance"}', JSON), ServiceUnavailable, "maintenance"),
        (an_answer(521, "<html>Web server is down</html>", CLOUDFLARE), ServiceUnavailable, "521"),
    ],
)
def test_an_answer_is_classified(answer: HttpAnswer, error: type[ServiceError], words: str):
    found = classify(answer)

    assert type(found) is error
    assert words in str(found)
    assert str(found).startswith("sample: ")
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    "answer", [an_answer(200, "[]", JSON), an_answer(200, "{}"), an_answer(201, "[1]"), an_answer()]
)
def test_an_answer_that_can_be_read_is_no_error(answer: HttpAnswer):
    assert classify(answer) is None


def test_json_that_is_called_a_web_page_is_still_json():
    answer = an_answer(200, ' [{"title": "x"}]', HTML)

    assert not answer.is_html
    assert classify(answer) is None


def test_a_service_may_call_its_own_web_page_private():
    page = an_answer(403, "<html>members only</html>", HTML)

    assert isinstance(classify(page, explain=lambda _: Refused("sample", "private")), Refused)
    assert isinstance(classify(page), Blocked)


def test_a_web_page_is_fine_where_no_json_is_due():
    assert classify(an_answer(200, "<html>", HTML), is_json_due=False) is None


def test_a_list_that_mentions_the_marks_of_a_challenge_is_no_challenge():
    assert find_challenge(an_answer(200, '[{"title": "Just a moment: awswaf"}]', JSON)) is None


def test_a_service_may_explain_its_own_errors_but_not_a_challenge():
    def explain(answer: HttpAnswer) -> ServiceError | None:
        return Refused("sample", "own words") if answer.status == 404 else None

    assert str(classify(an_answer(404), explain=explain)) == "sample: own words"
    assert isinstance(classify(an_answer(404, "", {"cf-mitigated": "challenge"}), explain=explain), Blocked)
    assert isinstance(classify(an_answer(410), explain=explain), ResourceNotFound)


@pytest.mark.parametrize("error", [Blocked, RateLimited])
def test_the_pause_that_is_asked_for_is_kept_and_told(error: type[ServiceError]):
    headers = {"Retry-After": "300", "Server": "cloudflare"}
    found = classify(an_answer(429, "error code: 1015" if error is Blocked else "", headers))

    assert type(found) is error
    assert found.retry_after == 300
    assert "300 s" in str(found)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Tue, 01 Sep 2026 12:01:00 GMT"}, 60),
        ({"Retry-After": "Tue, 01 Sep 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "Mon, 01 Jan 2024 00:00:00 +9999999999999999"}, None),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -1200"}, LONGEST_ASKED_SECONDS),
        ({"X-Ratelimit": '{"name": "X", "until": "2026-09-01T12:00:30Z"}'}, 30),
        ({"X-Ratelimit": "{"}, None),
        ({"X-Ratelimit": '{"until": "later"}'}, None),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 45)}, 45),
        ({"Retry-After": "5", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 45)}, 5),
        ({}, None),
    ],
)
def test_the_pause_is_read_in_every_form(headers: dict[str, str], seconds: float | None):
    assert retry_after_seconds(CaseInsensitiveDict(headers), now=NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_value_breaks_the_reading_of_the_pause(value: str):
    for name in ("Retry-After", "X-Ratelimit", "X-RateLimit-Reset"):
        seconds = retry_after_seconds({name: value}, now=NOW)
        assert seconds is None or seconds >= 0


@given(
    st.integers(200, 599),
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(["Server", "Content-Type"]), st.text(max_size=30)),
)
def test_any_answer_is_an_error_of_ours_or_can_be_read(status: int, content: bytes, headers: dict[str, str]):
    answer = an_answer(status, content, headers)
    found = classify(answer)

    assert found is None or isinstance(found, ServiceError)
    assert found is not None or status < 300
    assert "\n" not in find_words(answer)
    assert isinstance(answer.text, str)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (an_answer(200, "<html><title>Wait</title>" + "é" * 1_000_000 + "\U0001f600", HTML), '"Wait"'),
        (an_answer(500, b'{"message": "late", "more": [' + b"{}," * 100_000 + b"{}]}", JSON), "in trouble"),
    ],
    ids=["a page", "a document"],
)
def test_a_large_answer_is_told_from_its_beginning_and_takes_no_memory(answer: HttpAnswer, words: str):
    tracemalloc.start()
    try:
        found = classify(answer)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert words in str(found)
    assert "late" not in str(found)
    assert most < 1_000_000


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("imdb/waf-challenge-202", Blocked),
        ("imdb/graphql-403-missing-headers", Blocked),
        ("trakt/cloudflare-429-1015-headers", RateLimited),
    ],
)
def test_a_real_error_answer_becomes_the_named_error(name: str, error: type[ServiceError]):
    meta = SAMPLES / f"{name}.meta.json"
    if not meta.exists():
        pytest.skip("the real samples are not beside the repository")
    recorded = json.loads(meta.read_text())
    page = SAMPLES / f"{name}.html"
    content = page.read_bytes() if page.exists() else f"<html><title>{recorded['title']}</title></html>".encode()

    assert type(classify(an_answer(recorded["status_code"], content, recorded["headers"]))) is error
    if error is Blocked:
        assert type(classify(an_answer(recorded["status_code"], b"", recorded["headers"]))) in {Blocked, Refused}
