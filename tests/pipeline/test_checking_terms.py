"""`check` and the daemon ask the server what lists.yaml names, and say what to fix; a run asks no Radarr through it."""

import json

import pytest

from list_sync.checking import find_gravest, look_at_everything
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.server.users.permissions import Permission
from list_sync.logins import open_logins
from list_sync.model.exit_codes import ExitCode
from list_sync.model.report import SyncMode
from list_sync.surveying.learning import learn_options
from tests.fakes.shelf import SHELVES, synthetic


@pytest.fixture
def open_with(open_session, demo, tmp_path):
    """Open a session with some lists in lists.yaml, which JSON is as well."""

    def open_one(*lists, **variables):
        SHELVES.update({name: [synthetic(number)] for number, name in enumerate(("kids", "grown-ups"), 1)})
        stated = [{"source": f"shelf:{name}", **terms} for name, terms in zip(SHELVES_IN_USE, lists, strict=False)]
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / "lists.yaml").write_text(json.dumps({"lists": stated}))
        server = {"OVERSEERR_URL": demo.url, "OVERSEERR_API_KEY": demo.api_key}
        return open_session(CONFIG_DIR=str(tmp_path / "config"), **server, **variables)

    return open_one


SHELVES_IN_USE = ("kids", "grown-ups")


def check(session):
    """Return the findings about the terms of lists, and the exit code."""
    findings = list(look_at_everything(session.settings, open_logins=open_logins, open_session=lambda _: Kept(session)))
    return [one.text for one in findings], find_gravest(findings)


class Kept:
    """A session that stays open after the check."""

    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self.session

    def __exit__(self, *_error):
        return None


def asked_about_radarr(demo):
    paths = [call.path.removeprefix("/api/v1") for call in demo.calls]
    return sum(path.startswith("/service/radarr/") for path in paths)


def test_check_says_who_requests_and_what_they_may_not(open_with, demo):
    demo.add_user("alice")
    demo.add_user("bob", permissions=Permission.REQUEST_MOVIE)

    texts, code = check(open_with({"requester": "alice"}, {"requester": "bob"}))

    assert "user 2 (alice) requests the titles of 1 list" in texts
    assert any("user 3 (bob), requester of shelf:grown-ups, may not request shows" in text for text in texts)
    assert code is ExitCode.REFUSED


def test_check_asks_nothing_of_a_user_in_whose_name_no_list_requests(open_with, demo):
    demo.add_user("alice")
    demo.add_user("bob", permissions=Permission.NONE)

    texts, code = check(open_with({"requester": "alice"}, {"requester": "alice"}, OVERSEERR_USER_ID="3"))
    assert not any("bob" in text for text in texts)
    assert code is ExitCode.OK

    texts, code = check(open_with({"requester": "alice"}, {}, OVERSEERR_USER_ID="3"))
    assert any(text.startswith("user 3 (bob) may not request films and shows") for text in texts)
    assert code is ExitCode.REFUSED


@pytest.mark.parametrize("variables", [{}, {"OVERSEERR_4K": "true"}])
def test_check_says_which_lists_want_4k_that_the_server_does_not_have(open_with, demo, variables):
    session = open_with({"quality": "4k"}, {"quality": "hd"}, **variables)

    texts, code = check(session)
    (fault,) = [text for text in texts if "4K server" in text]
    assert fault.startswith("quality: 4k of shelf:kids: the server has no 4K server for films and shows: add one")
    assert code is ExitCode.CONFIGURATION

    demo.settings.movie_4k_enabled = True
    texts, code = check(session)
    (note,) = [text for text in texts if "4K server" in text]
    assert note.startswith("note: quality: 4k of shelf:kids: the server has no 4K server for shows")
    assert code is ExitCode.OK


def test_check_finds_a_requester_who_does_not_exist(open_with, demo):
    texts, code = check(open_with({"requester": "alcie"}))

    assert any('requester of shelf:kids: the server has no user "alcie"' in text for text in texts)
    assert code is ExitCode.CONFIGURATION


def test_check_learns_the_names_of_a_radarr_for_the_runs_to_come(open_with, demo):
    session = open_with({"server": {"profile": "Ultra-HD", "tags": ["kids"]}, "approval": "key"})
    waiting = session.sync(mode=SyncMode.MANUAL)
    assert waiting.counts == {"waiting": 1}
    assert asked_about_radarr(demo) == 0

    texts, code = check(session)
    assert "server of shelf:kids: all names are known" in texts
    assert code is ExitCode.OK
    assert asked_about_radarr(demo) == 1
    demo.faults.radarr_down = True
    assert session.sync(mode=SyncMode.MANUAL).counts == {"requested": 1}
    assert [(row["profile_id"], row["tags"]) for row in demo.requests()] == [(5, [1])]
    assert asked_about_radarr(demo) == 1


def test_check_says_that_a_radarr_that_is_down_ended_the_server_and_asks_once(open_with, demo):
    demo.faults.radarr_down = True

    texts, code = check(open_with({"server": {"profile": "Ultra-HD"}}))

    assert any("Radarr is down, and this version of the server ends when it is asked about it" in one for one in texts)
    assert code is ExitCode.UNREACHABLE
    assert demo.deaths == 1


def test_a_radarr_of_the_user_that_is_down_is_not_asked_through_the_server(open_with, demo):
    demo.faults.radarr_down = True
    address = f"{demo.root_url}/_radarr/7"

    texts, code = check(open_with({"server": {"profile": "Ultra-HD"}}, RADARR_URL=address, RADARR_API_KEY=ARR_KEY))

    assert asked_about_radarr(demo) == 0
    assert code is ExitCode.OK
    assert any(text.startswith("note: server of shelf:kids: films: ") for text in texts)


def test_names_that_fit_one_kind_of_titles_are_noted_and_those_that_fit_none_are_faults(open_with, demo):
    demo.arrs.of("tv")[0].profiles[9] = "Shows"

    texts, code = check(open_with({"server": {"profile": "Shows"}}, {"server": {"profile": "Films and shows"}}))

    assert any(text.startswith("note: server of shelf:kids: films: Radarr has no quality profile") for text in texts)
    assert any(text.startswith("server of shelf:grown-ups: films: ") and "its titles wait" in text for text in texts)
    assert code is ExitCode.CONFIGURATION


def test_check_warns_of_override_rules_and_of_a_key_that_may_not_approve(open_with, demo):
    demo.settings.override_rules = [{"id": 1, "users": "2", "profileId": 4, "radarrServiceId": 0}]

    demo.add_user("alice")

    texts, code = check(open_with({"server": {"profile": 5}, "requester": "alice"}, {"server": {"profile": 5}}))
    (note,) = [text for text in texts if "override rules" in text]
    assert note.startswith("note: shelf:kids: the override rules of the server win over its options:")
    assert code is ExitCode.OK

    demo.change_user(id=1, permissions=Permission.REQUEST)
    texts, code = check(open_with({"approval": "key"}))
    assert any("approval: key of shelf:kids: the key's owner may not request for others" in text for text in texts)
    assert code is ExitCode.REFUSED


def test_a_daemon_asks_about_a_radarr_once_for_each_content_of_the_file(open_with, demo):
    terms = {"server": {"profile": "Nothing"}}
    for _start in range(3):
        learn_options(open_with(terms))
    assert asked_about_radarr(demo) == 1

    session = open_with(terms)
    session.use(open_with({**terms, "limit": 5}).settings)
    assert asked_about_radarr(demo) == 2
    assert learn_options(open_with({"requester": "1"})) is None
    assert asked_about_radarr(demo) == 2
