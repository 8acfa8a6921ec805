"""The page of the settings: what each is, where it comes from, and a change that is shown before it is saved."""

import re

import pytest

from list_sync.config.encrypted import open_encrypted
from list_sync.config.names import is_hidden
from list_sync.config.settings import setting_names
from list_sync.providers import available_providers
from tests.fakes.patience import wait_until

HTML = {"Accept": "text/html"}
PLANTED = "planted-secret-0123456789abcdef"


@pytest.fixture
def stored(tmp_path):
    """Return what config.enc holds."""
    return lambda: open_encrypted(tmp_path / "config.enc", None).load()


@pytest.fixture
def post(service):
    """Send a form of a page, and return the page that follows."""

    def send(path, running=service, **fields):
        return running.post(path, data=fields, headers=HTML)

    return send


def row(page, name):
    return page.find(f"tr#{name}")[0]


def draft_in(answer):
    return re.search(r'name="draft" value="([^"]+)"', answer.text)[1]


def test_every_setting_is_on_the_page_once_with_its_description(open_page):
    page = open_page("/settings")

    shown = [node.attributes["id"] for node in page.tree.css("tr[id]")]
    assert page.status == 200
    assert sorted(shown) == sorted(setting_names(available_providers().values()))
    assert all(page.find("tr[id] th small"))
    assert page.find("h1") == ["Settings"]


def test_a_value_says_where_it_comes_from_and_what_locks_it(start_service, open_page, tmp_path):
    key = tmp_path / "key"
    key.write_text(PLANTED)
    running = start_service(OVERSEERR_API_KEY="", OVERSEERR_API_KEY_FILE=str(key), MAX_REQUESTS_PER_DAY="20")
    page = open_page("/settings", running=running)

    assert "set, hidden OVERSEERR_API_KEY_FILE (environment)" in row(page, "OVERSEERR_API_KEY")
    assert "20 environment" in row(page, "MAX_REQUESTS_PER_DAY")
    assert "1800 default" in row(page, "CACHE_TTL")
    drawer = open_page("/settings/MAX_REQUESTS_PER_DAY", running=running)
    assert "wins over config.enc: change it there, then restart" in drawer.find(".drawer")[0]
    assert drawer.tree.css(".drawer form") == []


def test_what_lists_yaml_states_counts_and_is_locked_with_its_line(start_service, open_page, tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "lists.yaml").write_text("lists: [imdb:top]\ncaps:\n  per_run: 7\n")
    running = start_service(CONFIG_DIR=str(folder))

    assert "7 lists.yaml, line 3" in row(open_page("/settings", running=running), "MAX_REQUESTS_PER_RUN")
    refused = running.post("/api/settings/MAX_REQUESTS_PER_RUN/preview", json={"value": "9"})
    assert refused.json()["detail"] == "MAX_REQUESTS_PER_RUN: stated in lists.yaml, line 3: change it there"


def test_a_change_is_shown_first_and_written_only_then(service, open_page, post, stored):
    shown = post("/settings/MAX_REQUESTS_PER_DAY", value="20")

    assert "Save MAX_REQUESTS_PER_DAY" in shown.text
    assert stored() == {}
    done = post("/settings/MAX_REQUESTS_PER_DAY/save", draft=draft_in(shown))
    assert done.url.endswith("/settings")
    assert "MAX_REQUESTS_PER_DAY is saved and counts from the next sync." in done.text
    assert stored() == {"MAX_REQUESTS_PER_DAY": "20"}
    assert service.daemon.followed == 1
    assert "20 saved, not in use yet: counts from the next sync; in use is 0 config.enc" in row(
        open_page("/settings"), "MAX_REQUESTS_PER_DAY"
    )


def test_a_change_can_be_taken_back(service, post, stored):
    shown = post("/settings/MAX_REQUESTS_PER_DAY", value="20")
    toast = service.post(
        "/settings/MAX_REQUESTS_PER_DAY/save", data={"draft": draft_in(shown)}, headers={"Accept": "application/json"}
    ).json()

    post(toast["undo"]["path"], **toast["undo"]["fields"])
    assert stored() == {}


def test_a_wrong_value_is_told_beside_its_field_and_kept_there(post, stored):
    answer = post("/settings/MAX_REQUESTS_PER_DAY", value="many")

    assert answer.status_code == 422
    assert "&#34;many&#34; is not a whole number; for example 50 (0 means no cap)" in answer.text
    assert 'value="many"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert stored() == {}


def test_each_kind_of_setting_has_its_field(open_page):
    fields = {"DRY_RUN": "select", "LOG_LEVEL": "select", "IMDB_LISTS": "textarea", "TMDB_KEY": "[type=password]"}

    found = {name: len(open_page(f"/settings/{name}").tree.css(f".drawer {kind}")) for name, kind in fields.items()}
    assert found == dict.fromkeys(fields, 1)


def test_a_secret_is_written_only(service, open_page, post, stored):
    shown = post("/settings/MDBLIST_API_KEY", value=PLANTED)
    done = post("/settings/MDBLIST_API_KEY/save", draft=draft_in(shown))
    again = open_page("/settings/MDBLIST_API_KEY")

    assert stored() == {"MDBLIST_API_KEY": PLANTED}
    texts = (shown.text, done.text, again.text, service.get("/api/settings").text)
    assert [text for text in texts if PLANTED in text] == []
    assert "set, hidden" in row(again, "MDBLIST_API_KEY")


def test_a_known_key_is_typed_again_for_a_new_address(start_service, post, stored):
    running = start_service(OVERSEERR_URL="", OVERSEERR_API_KEY=PLANTED)

    refused = post("/settings/OVERSEERR_URL", running, value="http://elsewhere.example:5055")
    assert (
        "OVERSEERR_API_KEY: type it again, or remove it first; a stored key is not sent to a new address"
        in refused.text
    )
    other = post("/settings/OVERSEERR_URL", running, value="http://elsewhere.example:5055", key="another-key")
    assert "OVERSEERR_API_KEY is set in environment and is another one" in other.text
    shown = post("/settings/OVERSEERR_URL", running, value="http://elsewhere.example:5055", key=PLANTED)
    post("/settings/OVERSEERR_URL/save", running, draft=draft_in(shown))
    assert stored() == {"OVERSEERR_URL": "http://elsewhere.example:5055"}


def test_of_two_people_who_change_a_setting_the_second_is_told(post, stored):
    first, second = (post("/settings/DRY_RUN", value="true") for _ in range(2))

    post("/settings/DRY_RUN/save", draft=draft_in(first))
    late = post("/settings/DRY_RUN/save", draft=draft_in(second))
    assert late.status_code == 409
    assert "DRY_RUN was changed meanwhile" in late.text
    assert 'aria-invalid="true"' in late.text
    assert stored() == {"DRY_RUN": "true"}


def test_what_could_shut_people_out_is_not_changed_here(post, open_page, stored):
    refused = post("/settings/WEB_AUTH", value="none")

    assert refused.status_code == 422
    assert "it could shut you out of this page, or let others in" in open_page("/settings/WEB_AUTH").find(".drawer")[0]
    assert stored() == {}


def test_the_default_counts_again_after_the_value_is_removed(post, stored):
    shown = post("/settings/LOG_LEVEL", value="DEBUG")
    saved = post("/settings/LOG_LEVEL/save", draft=draft_in(shown))
    assert "not in use before the next restart" in saved.text
    assert "LOG_LEVEL: restart ListSync" in saved.text

    shown = post("/settings/LOG_LEVEL", unset="yes")
    assert "INFO</code> (default)" in shown.text
    done = post("/settings/LOG_LEVEL/save", draft=draft_in(shown))
    assert "LOG_LEVEL is removed and counts from the next restart." in done.text
    assert "LOG_LEVEL: restart ListSync" not in done.text
    assert stored() == {}


def test_a_value_with_which_no_daemon_would_start_is_refused(post, stored):
    answer = post("/settings/SYNC_INTERVAL", value="0")

    assert "with this value ListSync would sync once and end" in answer.text
    assert stored() == {}


def test_no_secret_is_on_any_page_in_any_answer_in_the_log_or_in_the_audit_log(
    start_service, open_page, caplog, monkeypatch
):
    # What goes to Discord ends here.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    caplog.set_level("DEBUG")
    names = [name for name in setting_names(available_providers().values()) if is_hidden(name)]
    planted = {name: f"{PLANTED}-{name.lower().replace('_', '-')}" for name in names}
    planted |= {
        "REDIS_URL": f"redis://:{PLANTED}@127.0.0.1:9/0",
        "NOTIFY_URLS": f"json://me:{PLANTED}@127.0.0.1:9",
        "DISCORD_WEBHOOK_URL": f"https://discord.com/api/webhooks/123456789012345678/{PLANTED}",
        "MQTT_URL": f"mqtt://me:{PLANTED}@127.0.0.1:9",
        "HEALTHCHECKS_URL": f"http://127.0.0.1:9/{PLANTED}",
        "OVERSEERR_URL": f"http://me:{PLANTED}@127.0.0.1:9",
        "FILE_LISTS": f"https://example.org/list.json?key={PLANTED}",
    }
    del planted["CONFIG_PASSPHRASE"], planted["API_TOKEN"]
    running = start_service(**planted)
    shown = open_page("/settings", running=running)
    assert shown.status == 200
    paths = (
        "/settings/OVERSEERR_URL",
        "/settings/FILE_LISTS",
        "/settings/REDIS_URL",
        "/settings/audit",
        "/api/settings",
    )
    texts = [running.get(path, headers=HTML).text for path in ("/settings", *paths)]
    texts += [running.post(f"/api/settings/{name}/test").text for name in ("OVERSEERR_URL", "REDIS_URL", "NOTIFY_URLS")]
    running.post("/settings/check", headers=HTML)
    wait_until(lambda: running.parts.desk.checkup.last.ended_at, "the check has ended")
    texts += [running.get("/settings/check", headers=HTML).text, running.get("/api/audit").text]
    # pytest also hears loggers that pass nothing on to the log, as that of Apprise.
    texts += [record.getMessage() for record in caplog.records if record.name != "apprise"]
    assert [text for text in texts if PLANTED in text] == []


def test_the_page_asks_the_database_for_little(open_page, count_statements):
    open_page("/settings")

    assert count_statements(lambda: open_page("/settings")) <= 6
    assert count_statements(lambda: open_page("/settings/audit")) <= 6
