"""Tests of settings, the check of everything, and log-ins by code, as the API and the pages do them."""

import threading

import pytest

from list_sync.config.encrypted import open_encrypted
from list_sync.demo.server.arr_api import ARR_KEY
from list_sync.demo.sources.sample_sources import SampleSources
from list_sync.errors import ServiceUnavailable
from list_sync.model.masking import mask_address
from list_sync.web.configuring.drafts import MOST_DRAFTS, Draft, Drafts
from list_sync.web.configuring.trials import MOST_A_MINUTE, Trials
from list_sync.web.problems import Problem
from tests.fakes.login_services import LoginServices
from tests.fakes.patience import PATIENCE_SECONDS, wait_until
from tests.web.conftest import NOW

HTML = {"Accept": "text/html"}


def test_a_test_of_the_server_names_it_its_speed_and_the_user(start_service, demo):
    running = start_service(OVERSEERR_URL=demo.url, OVERSEERR_API_KEY=demo.api_key)

    answer = running.post("/api/settings/OVERSEERR_URL/test").json()
    assert answer["ok"]
    assert " answers in " in answer["words"]
    assert "for user 1 (" in answer["words"]
    key = running.get("/api/settings/OVERSEERR_API_KEY").json()
    assert key["last_test"] == answer
    assert "answers in" in running.get("/settings", headers=HTML).text


def test_a_refused_key_is_a_result_and_is_not_repeated(start_service, demo):
    running = start_service(OVERSEERR_URL=demo.url, OVERSEERR_API_KEY="planted-key-0123456789")

    answer = running.post("/api/settings/OVERSEERR_URL/test")
    assert not answer.json()["ok"]
    assert "planted-key" not in answer.text


def test_radarr_and_mdblist_are_asked_by_one_cheap_call(start_service, demo, tmp_path):
    arr = {"RADARR_URL": f"{demo.root_url}/_radarr/0", "RADARR_API_KEY": ARR_KEY}
    with SampleSources() as sources:
        running = start_service(**sources.environment(tmp_path / "drop"), **arr)

        def words_of(name):
            return running.post(f"/api/settings/{name}/test").json()["words"]

        assert words_of("RADARR_URL") == "Radarr 5.2.6.8376 answers"
        assert words_of("MDBLIST_API_KEY") == "812 of 1,000 calls left today"
        assert words_of("TRAKT_CLIENT_ID") == "accepted"
        assert words_of("SONARR_URL") == "SONARR_URL is not set"
        assert running.post("/api/settings/LOG_LEVEL/test").status_code == 404


def test_a_typed_address_leads_into_no_private_network(start_service, demo):
    running = start_service(RADARR_API_KEY=ARR_KEY)

    order = {"value": f"{demo.root_url}/_radarr/0", "key": ARR_KEY}
    shown = running.post("/settings/RADARR_URL", data=order, headers=HTML)
    draft = shown.url.partition("draft=")[2]
    toast = running.post("/settings/RADARR_URL/test", data={"draft": draft}, headers={"Accept": "application/json"})
    assert "an address of this machine or of a private network, is refused" in toast.json()["text"]
    assert demo.backend.arr_calls == []


def test_one_test_at_a_time_and_not_too_many():
    begun, end = threading.Event(), threading.Event()

    def try_part(_part, _settings, *, present, stop):
        begun.set()
        end.wait(PATIENCE_SECONDS)
        raise ServiceUnavailable("server", "no answer")

    trials = Trials(try_part, clock=lambda: 0.0)
    first = threading.Thread(target=trials.run, args=("server", None))
    first.start()
    begun.wait(PATIENCE_SECONDS)
    with pytest.raises(Problem, match="another test is at work"):
        trials.run("server", None)
    end.set()
    first.join()
    for _ in range(MOST_A_MINUTE - 1):
        assert not trials.run("server", None).is_good
    with pytest.raises(Problem, match="in the last minute"):
        trials.run("server", None)


def test_only_the_last_drafts_are_kept_and_only_for_their_setting():
    drafts = Drafts()
    first, *_, last = [drafts.keep(Draft("TZ", {"TZ": "UTC"}, "", NOW)) for _ in range(MOST_DRAFTS + 1)]

    assert drafts.find(first, "TZ", now=NOW) is None
    assert drafts.find(last, "TZ", now=NOW) is not None
    assert drafts.find(last, "LOG_LEVEL", now=NOW) is None


def test_the_check_of_everything_goes_on_in_the_background(start_service):
    running = start_service(IMDB_LISTS="top", TRAKT_LISTS="12345")

    assert "Not checked yet" in running.get("/settings/check", headers=HTML).text
    assert running.post("/settings/check", headers=HTML).url.endswith("/settings/check")
    wait_until(lambda: running.parts.desk.checkup.last.ended_at, "the check has ended")
    page = running.get("/settings/check", headers=HTML).text
    assert "1 thing to fix" in page
    assert "TRAKT_CLIENT_ID, which is not set" in page
    assert running.get("/api/check").json()["to_fix"] == 1


@pytest.mark.parametrize("service_name", ["trakt", "simkl"])
def test_a_log_in_shows_its_code_survives_a_reload_and_is_stored(start_service, tmp_path, service_name):
    with LoginServices(polls=[400]) as services:
        running = start_service(**services.env(tmp_path))
        page = running.post(f"/settings/logins/{service_name}", headers=HTML)
        code = running.get("/api/logins").json()["items"]
        (waiting,) = [one for one in code if one["service"] == service_name]
        assert waiting["step"] == "waiting"
        assert waiting["code"]
        assert mask_address(waiting["address"])[:8] in page.text
        assert "Look again" in running.get(f"/settings/logins/{service_name}", headers=HTML).text
        services.polls = [200]
        wait_until(lambda: running.parts.desk.log_ins.find(service_name).step == "done", "the log-in is done")

        shown = running.get("/settings", headers=HTML).text
        assert "logged in" in shown
        assert [token for token in services.access_tokens if token in shown] == []
        assert running.daemon.followed == 1
        running.post(f"/settings/logins/{service_name}/forget", headers=HTML)
        left = open_encrypted(tmp_path / "config.enc", None).load()
        assert not {"TRAKT_LOGIN", "PLEX_TOKEN", "SIMKL_USER_TOKEN"} & set(left)


def test_a_log_in_that_expires_or_is_denied_says_so_and_can_be_begun_again(start_service, tmp_path):
    with LoginServices(polls=[410]) as services:
        running = start_service(**services.env(tmp_path))

        def end_of(polls):
            services.polls = polls
            running.post("/api/logins/trakt")
            wait_until(lambda: not running.parts.desk.log_ins.find("trakt").is_open, "the log-in has ended")
            return running.get("/settings/logins/trakt", headers=HTML).text

        assert "the code expired before it was approved" in end_of([410])
        assert "Get a code" in end_of([418])
        assert "logged in until" in end_of([200])


def test_a_log_in_that_waits_ends_with_the_service(start_service, tmp_path):
    with LoginServices(polls=[400], interval=60) as services:
        running = start_service(**services.env(tmp_path))
        running.post("/api/logins/trakt")
        (thread,) = [one for one in threading.enumerate() if one.name == "logging in"]

        running.parts.desk.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
        assert running.parts.desk.log_ins.find("trakt") is None


def test_a_log_in_without_its_app_says_what_is_missing(service):
    page = service.post("/settings/logins/trakt", headers=HTML).text

    assert "TRAKT_CLIENT_ID is not set" in page
    assert service.post("/settings/logins/netflix", headers=HTML).status_code == 404
