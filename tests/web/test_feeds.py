"""The feed of requests and the calendar of what waits: entries, tokens in addresses, and what is not sent twice."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import icalendar
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from list_sync.model.access import Scope
from list_sync.model.decisions import ItemStatus
from list_sync.model.journal import RequestState
from list_sync.model.servers import HOME
from list_sync.model.sources import FetchState
from list_sync.storage.journal import RequestJournal
from list_sync.storage.servers import recognise_server
from list_sync.storage.tokens import add_token
from list_sync.web.feeds.atom import write_atom
from list_sync.web.feeds.calendar import write_calendar
from list_sync.web.feeds.entries import FeedEntry
from tests.builders import SERVER, an_item
from tests.storage.recording import FIRST, SECOND, asked, left, read, run
from tests.web.conftest import NOW

REQUESTS, WAITING = "/feed/requests.xml", "/feed/waiting.ics"
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "</title><script>alert(1)</script>;,\\\r\nBEGIN:VEVENT\x00\x0b\u2028\u202e 🎬" + "ö" * 90


def a_token(store, scope, name="reader"):
    with store.writing() as connection:
        return add_token(connection, name, scope, at=NOW)


def request_title(store, title="The Matrix", tmdb_id=603, *, state=RequestState.CONFIRMED, at=NOW):
    outcome = asked(FIRST, tmdb_id=tmdb_id, item=an_item(title, tmdb=tmdb_id, imdb="tt0133093"), reason="created")
    run_id = run(store, outcome)
    with store.writing() as connection:
        server, _ = recognise_server(connection, HOME, SERVER, address="http://127.0.0.1:9", at=at)
    journal = RequestJournal(store, server_id=server.server_id, run_id=run_id, now=lambda: at)
    journal.mark([journal.intend(outcome.decision)], state)


def let_wait(store, reason, *, title="Dune", tmdb_id=438631, status=ItemStatus.WAITING):
    run(store, left(status, SECOND, tmdb_id=tmdb_id, item=an_item(title, tmdb=tmdb_id), reason=reason))


def entries_of(answer):
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def events_of(answer):
    assert answer.status_code == 200, answer.text
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def test_a_request_is_an_entry_with_its_reasons(service, store):
    request_title(store)

    answer = service.get(REQUESTS)
    (entry,) = entries_of(answer)

    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert entry.findtext(f"{ATOM}title") == "The Matrix (1999)"
    assert entry.findtext(f"{ATOM}published") == "2026-11-27T12:00:00Z"
    assert entry.find(f"{ATOM}link").get("href") == "https://www.themoviedb.org/movie/603"
    text = entry.findtext(f"{ATOM}content")
    assert "because imdb:ls1 wants it" in text
    assert "Found by tmdb id, tmdb:movie:603." in text
    assert "Now: requested (created)." in text


def test_what_did_not_reach_the_server_is_no_entry_and_the_newest_are_first(service, store):
    request_title(store, "Refused", 1, state=RequestState.REFUSED)
    request_title(store, "Old", 2, at=NOW - timedelta(days=1))
    request_title(store, "Withdrawn", 3, state=RequestState.WITHDRAWN)

    titles = [entry.findtext(f"{ATOM}title") for entry in entries_of(service.get(REQUESTS))]
    assert titles == ["Withdrawn (1999)", "Old (1999)"]


def test_entries_keep_their_numbers_and_lead_to_our_pages(start_service, store):
    request_title(store)
    let_wait(store, "new on trakt:joe/best: it rests until 2026-12-01 08:00 UTC (hold)")
    first = start_service(WEB_BASE_URL="https://films.example.org")
    before = [first.get(path).text for path in (REQUESTS, WAITING)]

    run(store, left(ItemStatus.ALREADY_REQUESTED, FIRST, tmdb_id=603, item=an_item("The Matrix", tmdb=603)))
    again = start_service()

    (entry,) = entries_of(again.get(REQUESTS))
    (event,) = events_of(again.get(WAITING))
    assert f"<id>{entry.findtext(f'{ATOM}id')}</id>" in before[0]
    assert f"UID:{event['UID']}" in before[1]
    assert 'href="https://films.example.org/items/1"' in before[0]
    assert "URL:https://films.example.org/items/2" in before[1]


@pytest.mark.parametrize(
    ("reason", "status", "begins"),
    [
        (
            "new on trakt:joe/best: it rests until 2026-12-01 08:00 UTC (hold)",
            ItemStatus.WAITING,
            datetime(2026, 12, 1, 8, tzinfo=UTC),
        ),
        (
            "snoozed by you until 2026-12-24 00:00 UTC; requested by the first sync after that",
            ItemStatus.WAITING,
            datetime(2026, 12, 24, tzinfo=UTC),
        ),
        ("caps.per_day=5 is reached; its turn comes about 2026-12-05", ItemStatus.WAITING, date(2026, 12, 5)),
        ("released (digital): 2027-01-15, looked at again then", ItemStatus.FILTERED, date(2027, 1, 15)),
    ],
)
def test_what_waits_until_a_known_time_is_an_event(service, store, reason, status, begins):
    let_wait(store, reason, status=status)
    let_wait(store, "MAX_REQUESTS_PER_RUN=1 is reached", title="Later", tmdb_id=5)

    answer = service.get(WAITING)
    (event,) = events_of(answer)

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert event.decoded("DTSTART") == begins
    assert str(event["SUMMARY"]) == "Dune (1999)"
    assert str(event["DESCRIPTION"]) == reason


def test_lists_that_are_tried_again_and_a_pause_are_events_too(service, store):
    failed = replace(read(FIRST, FetchState.FAILED, items=0), backoff_until=NOW + timedelta(hours=3))
    run(store, lists=(failed,))
    service.daemon.paused_until = NOW + timedelta(hours=1)

    found = {str(event["SUMMARY"]): event.decoded("DTSTART") for event in events_of(service.get(WAITING))}
    assert found == {
        "imdb:ls1 is tried again": NOW + timedelta(hours=3),
        "Syncs begin again": NOW + timedelta(hours=1),
    }


def test_empty_feeds_are_whole(service):
    assert entries_of(service.get(REQUESTS)) == []
    assert events_of(service.get(WAITING)) == []
    assert service.ask("HEAD", WAITING).content == b""


def test_what_a_reader_has_is_not_sent_again(service, store):
    request_title(store)
    for path in (REQUESTS, WAITING):
        first = service.get(path)
        tag = first.headers["ETag"]
        assert first.headers["Cache-Control"] == "private, no-cache"
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = service.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        later = {"If-None-Match": '"other"', "If-Modified-Since": "Fri, 27 Nov 2099 12:00:00 GMT"}
        assert service.get(path, headers=later).status_code == 200

    since = service.get(REQUESTS).headers["Last-Modified"]
    assert service.get(REQUESTS, headers={"If-Modified-Since": since}).status_code == 304
    endless = ("Thu, 26 Nov 99999999999999999999 12:00:00 GMT", f"Thu, 26 Nov 2026 12:00:00 +{'9' * 20}")
    for other in ("Thu, 26 Nov 2026 12:00:00 GMT", "yesterday", "", *endless):
        assert service.get(REQUESTS, headers={"If-Modified-Since": other}).status_code == 200
    request_title(store, "Heat", 949, at=NOW + timedelta(hours=1))
    assert service.get(REQUESTS, headers={"If-Modified-Since": since}).status_code == 200


def test_a_token_for_feeds_stands_in_the_address_and_reads_nothing_else(service, store):
    token = a_token(store, Scope.FEED)

    for path in (REQUESTS, WAITING):
        assert service.get(f"{path}?key={token}", token="").status_code == 200
        assert service.get(path, token=token).status_code == 200
        assert token not in service.get(f"{path}?key={token}", token="").text
    for path in ("/api/summary", "/api/items", "/", "/api/tokens", "/feed/other", "/openapi.json"):
        assert service.get(f"{path}?key={token}", token="", allow_redirects=False).status_code == 401
        assert service.get(path, token=token).status_code == 403
    assert service.post("/api/sync", token=token).status_code == 403
    assert service.get("/health", token=token).status_code in (200, 503)


def test_only_a_token_for_feeds_may_stand_in_an_address(service, store):
    stronger = [a_token(store, scope, scope.value) for scope in (Scope.READ, Scope.TRIGGER, Scope.ADMIN)]

    for token in (*stronger, service.token):
        answer = service.get(f"{REQUESTS}?key={token}", token="")
        assert answer.status_code == 403
        assert "--scope feed" in answer.json()["detail"]
        assert token not in answer.text
        assert service.get(REQUESTS, token=token).status_code == 200
    for path in ("/api/summary", "/api/items"):
        assert service.get(f"{path}?key={stronger[2]}", token="").status_code == 401


def test_metrics_that_are_locked_stay_so_for_a_token_of_feeds(start_service, store):
    running = start_service(METRICS_OPEN="false")

    assert running.get("/metrics", token=a_token(store, Scope.FEED)).status_code == 403
    assert running.get("/metrics", token=a_token(store, Scope.READ, "other")).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_wrong_key_is_neither_told_on_nor_logged(service, caplog, accept):
    caplog.set_level(logging.DEBUG, logger="list_sync")
    key = "planted-key-0123456789"

    answer = service.get(f"{REQUESTS}?key={key}", token="", headers={"Accept": accept}, allow_redirects=False)

    told = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("list_sync"))
    assert answer.status_code == 401
    assert key not in answer.text + str(answer.headers) + told
    assert "a wrong token" in told


def test_without_a_log_in_the_feeds_are_open_as_all_else_is(start_service):
    assert start_service(WEB_AUTH="none").get(f"{REQUESTS}?key=anything").status_code == 200


def entry(title, text="", **more):
    return FeedEntry(UUID(int=2), title, text, NOW, NOW, kind="film", address="https://example.org/a b", **more)


def test_hostile_titles_stay_titles():
    one = entry(HOSTILE, HOSTILE)

    atom = write_atom(HOSTILE, UUID(int=1), [one], base_url="", empty_at=NOW)
    ics = write_calendar(HOSTILE, [one], base_url="")

    (found,) = ElementTree.fromstring(atom).findall(f"{ATOM}entry")
    assert found.findtext(f"{ATOM}title").startswith("</title><script>")
    assert list(found.find(f"{ATOM}title")) == []
    (event,) = icalendar.Calendar.from_ical(ics).walk("VEVENT")
    assert str(event["SUMMARY"]).startswith("</title><script>alert(1)</script>;,\\\nBEGIN:VEVENT")
    assert str(event["SUMMARY"]).endswith("ö" * 90)
    assert all(len(line) <= 75 for line in ics.split(b"\r\n"))
    assert b"\n" not in ics.replace(b"\r\n", b"")


@given(st.text(st.characters(codec=None, categories=["L", "N", "P", "S", "Z", "C"]), max_size=200))
def test_any_text_can_be_read_again(text):
    one = entry(text, text)

    atom = write_atom(text, UUID(int=1), [one], base_url="", empty_at=NOW)
    ics = write_calendar(text, [one], base_url="")

    assert len(ElementTree.fromstring(atom).findall(f"{ATOM}entry")) == 1
    (event,) = icalendar.Calendar.from_ical(ics).walk("VEVENT")
    assert str(event["UID"]) == f"{one.number}@list-sync"
    assert max(map(len, ics.split(b"\r\n"))) <= 75


@pytest.mark.parametrize("path", [REQUESTS, WAITING])
def test_feeds_have_an_end(service, store, path):
    reason = "new on trakt:joe/best: it rests until 2026-12-01 08:00 UTC (hold)"
    run(
        store,
        *(
            left(ItemStatus.WAITING, SECOND, tmdb_id=n, item=an_item(f"T{n}", tmdb=n), reason=reason)
            for n in range(1, 520)
        ),
    )

    answer = service.get(path)
    found = entries_of(answer) if path == REQUESTS else events_of(answer)
    assert len(found) == (0 if path == REQUESTS else 500)


def test_pages_lead_to_the_feeds_and_make_their_addresses(service, store):
    let_wait(store, "MAX_REQUESTS_PER_RUN=1 is reached")
    html = {"Accept": "text/html"}

    assert 'href="/feed/requests.xml"' in service.get("/runs", headers=html).text
    assert 'href="/feed/waiting.ics"' in service.get("/", headers=html).text
    made = service.post("/settings/tokens", data={"name": "reader", "scope": "feed"}, headers=html).text
    address = made.partition('href="/feed/requests.xml?key=')[2].partition('"')[0]
    assert service.get(f"{REQUESTS}?key={address}", token="").status_code == 200
