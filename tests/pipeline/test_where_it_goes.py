"""Where a request goes, and who approves it: what the POST carries, what the server makes of it, and what is told."""

import logging

import pytest
from sqlalchemy import select

from list_sync.database.schema import sent_requests
from list_sync.demo.server.users.permissions import Permission
from list_sync.model.terms import Approval, Destination, SentOptions, Terms
from list_sync.model.titles import MediaType, Quality
from tests.fakes.shelf import synthetic

FILMS_IN_HD = (MediaType.MOVIE, Quality.HD)
KEY = Approval.KEY


def to(obstacle="", **options):
    return {"destinations": {FILMS_IN_HD: Destination(SentOptions(**options), obstacle=obstacle)}}


def sync(bench, terms, *numbers):
    return bench.sync_lists({"kids": ([synthetic(number) for number in numbers or (1,)], terms)})


def reasons(report):
    return [(outcome.status.value, outcome.reason) for outcome in report.outcomes]


def posts(demo):
    return [call for call in demo.calls if call.method == "POST" and call.path.endswith("/request")]


@pytest.fixture
def alice(demo):
    return demo.add_user("alice")


def test_a_post_carries_what_is_stated_and_nothing_else(bench, demo):
    sync(bench, Terms(), 1)
    sync(bench, Terms(**to(server_id=0, profile_id=5, root_folder="/movies", tags=(1,))), 2)

    plain, full = posts(demo)
    assert plain.body == {"mediaType": "movie", "mediaId": 5_000_001, "is4k": False}
    assert full.body == plain.body | {"mediaId": 5_000_002} | {
        "serverId": 0,
        "profileId": 5,
        "rootFolder": "/movies",
        "tags": [1],
    }
    assert [(one["profile"], one["tags"]) for one in demo.in_arrs()] == [("HD-1080p", []), ("Ultra-HD", [1])]


def test_no_tags_at_all_are_sent_as_an_empty_list(bench, demo):
    demo.arrs.of("movie")[0].default_tags = [1]

    sync(bench, Terms(**to(tags=())))

    assert posts(demo)[0].body["tags"] == []
    assert demo.in_arrs()[0]["tags"] == []


def test_the_journal_says_which_list_decided_and_how(bench, demo):
    sync(bench, Terms(approval=KEY, **to(profile_id=5)))

    with bench.opened() as parts, parts.store.reading() as connection:
        (row,) = connection.execute(select(sent_requests)).all()
    assert (row.list_type, row.list_id.rpartition("/")[2], row.approval) == ("shelf", "kids", "key")
    assert row.options == {"server_id": None, "profile_id": 5, "root_folder": None, "tags": None}


def test_with_approval_key_the_owner_approves_in_the_name_of_the_requester(bench, demo, alice):
    sync(bench, Terms(requester_id=alice, approval=KEY), 1)
    sync(bench, Terms(requester_id=alice), 2)

    by_key, by_requester = posts(demo)
    assert (by_key.user, by_key.body["userId"]) == (1, alice)
    assert (by_requester.user, "userId" in by_requester.body) == (alice, False)
    assert [(row["requested_by"], row["status"]) for row in demo.requests()] == [(alice, 2), (alice, 1)]


def test_an_override_rule_that_wins_is_told_and_nothing_is_sent_again(bench, demo, alice, caplog):
    demo.settings.override_rules = [{"id": 1, "users": str(alice), "profileId": 4, "tags": "1", "radarrServiceId": 0}]
    terms = Terms(requester_id=alice, **to(profile_id=5, tags=(9,)))

    with caplog.at_level(logging.WARNING):
        ((status, reason),) = reasons(sync(bench, terms))

    words = "the server has profile 4 in place of 5 and tags 1, 9 in place of 9"
    assert status == "requested"
    assert reason.endswith(f"{words}; with approval: requester, the override rules of the server win")
    assert words in caplog.text
    assert len(posts(demo)) == 1
    assert sync(bench, terms).calls.writes == 0


def test_an_option_that_radarr_refuses_is_told_at_once(bench, demo):
    ((status, reason),) = reasons(sync(bench, Terms(approval=KEY, **to(profile_id=77))))

    assert status == "requested"
    assert "failed on its way from the server to Radarr: compare its profile and root folder" in reason


def test_titles_wait_behind_an_obstacle_and_nothing_is_read_or_sent_for_them(bench, demo):
    sync(bench, Terms(), 1)
    report = sync(bench, Terms(**to("Radarr has no profile Kids")), 1, 2)

    assert ("waiting", "Radarr has no profile Kids; requested once that is corrected") in reasons(report)
    assert report.calls.writes == 0


def test_a_key_that_may_not_request_for_others_is_found_out_once(bench, demo, alice):
    demo.change_user(id=1, permissions=Permission.REQUEST)

    report = sync(bench, Terms(requester_id=alice, approval=KEY), 1, 2, 3)

    assert report.counts == {"waiting": 3}
    assert all(
        "approval: key needs a key whose owner may manage users and requests" in one for _, one in reasons(report)
    )
    assert len(posts(demo)) == 1
