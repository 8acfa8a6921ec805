import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from list_sync.config import HouseholdSettings, ProcessSettings, find_config_dir, load_env_config, load_settings
from list_sync.config.settings import FIELDS
from list_sync.errors import ConfigError
from list_sync.model.sources import ListRef, ProviderInfo

PROVIDERS = {
    "imdb": ProviderInfo("imdb", "IMDB_LISTS"),
    "trakt": ProviderInfo("trakt", "TRAKT_LISTS", credentials=("TRAKT_CLIENT_ID",)),
    "trakt_special": ProviderInfo("trakt_special", "TRAKT_SPECIAL_LISTS", credentials=("TRAKT_CLIENT_ID",)),
    "mdblist": ProviderInfo("mdblist", "MDBLIST_LISTS", credentials=("MDBLIST_API_KEY",)),
}


def load(env=None, dotenv=None, **variables):
    return load_settings({**(env or {}), **variables}, providers=PROVIDERS, dotenv=dotenv)


def problems_of(**variables):
    with pytest.raises(ConfigError) as refusal:
        load(**variables)
    assert all("\n" not in problem for problem in refusal.value.problems)
    return refusal.value.problems


def test_without_any_variable_the_documented_defaults_hold():
    settings = load()

    assert settings.household.overseerr_url is None
    assert settings.household.overseerr_api_key is None
    assert (settings.household.overseerr_user_id, settings.household.overseerr_4k, settings.process.automated_mode) == (
        1,
        False,
        True,
    )
    assert (settings.household.sync_interval, settings.household.sync_schedule) == (24.0, ())
    assert (settings.process.max_workers, settings.process.http_timeout, settings.process.retry_attempts) == (
        5,
        30.0,
        3,
    )
    assert (settings.process.cache_ttl, settings.household.trakt_special_items_limit) == (1800, 20)
    assert (
        settings.household.max_requests_per_run,
        settings.household.max_requests_per_day,
        settings.household.dry_run,
    ) == (0, 0, False)
    assert (settings.process.data_dir, settings.process.config_dir) == (Path("data"), Path("config"))
    assert (settings.process.log_level, settings.process.log_format, settings.process.tz) == ("INFO", "text", "UTC")
    assert (settings.household.lists, settings.warnings) == ((), ())


def test_a_full_environment_is_read():
    settings = load(
        OVERSEERR_URL="https://host/overseerr/",
        OVERSEERR_API_KEY="abc",
        OVERSEERR_USER_ID="7",
        OVERSEERR_4K="TRUE",
        AUTOMATED_MODE="false",
        SYNC_INTERVAL='"0.5"',
        SYNC_SCHEDULE="0 3 * * *; 0 9 * * 0",
        IMDB_LISTS="ls123456789,top",
        TRAKT_SPECIAL_LISTS="trending:movies",
        TRAKT_CLIENT_ID="client",
        TMDB_KEY="tmdb",
        IMDB_BASE_URL="http://localhost:9/imdb/",
        TZ="Europe/Berlin",
        LOG_FORMAT="json",
    )

    assert settings.household.overseerr_url == "https://host/overseerr"
    assert settings.household.overseerr_api_key == SecretStr("abc")
    assert (settings.household.overseerr_user_id, settings.household.overseerr_4k, settings.process.automated_mode) == (
        7,
        True,
        False,
    )
    assert settings.household.sync_interval == 0.5
    assert settings.household.sync_schedule == ("0 3 * * *", "0 9 * * 0")
    assert settings.household.lists == (
        ListRef("imdb", "ls123456789"),
        ListRef("imdb", "top"),
        ListRef("trakt_special", "trending:movies"),
    )
    assert settings.household.credentials == {"TRAKT_CLIENT_ID": SecretStr("client"), "TMDB_KEY": SecretStr("tmdb")}
    assert settings.process.base_urls == {"imdb": "http://localhost:9/imdb"}
    assert str(settings.process.zone) == "Europe/Berlin"


def test_every_problem_is_reported_together_and_names_its_variable():
    problems = problems_of(
        OVERSEERR_URL="overseerr:5055",
        OVERSEERR_API_KEY="two words",
        OVERSEERR_USER_ID="abc",
        OVERSEERR_4K="maybe",
        SYNC_INTERVAL="1,5",
        SYNC_SCHEDULE="daily",
        TRAKT_CLIENT_ID="two words",
        TRAKT_SPECIAL_ITEMS_LIMIT="0",
        MAX_WORKERS="many",
        HTTP_TIMEOUT="0",
        RETRY_ATTEMPTS="-1",
        CACHE_TTL="x",
        MAX_REQUESTS_PER_DAY="1.5",
        IMDB_BASE_URL="nowhere",
        LOG_LEVEL="loud",
        TZ="Mars/Olympus",
        MDBLIST_API_KEY_FILE="/nowhere/key",
    )

    assert {problem.split(":")[0] for problem in problems} == {
        "OVERSEERR_URL",
        "OVERSEERR_API_KEY",
        "OVERSEERR_USER_ID",
        "OVERSEERR_4K",
        "SYNC_INTERVAL",
        "SYNC_SCHEDULE",
        "TRAKT_CLIENT_ID",
        "TRAKT_SPECIAL_ITEMS_LIMIT",
        "MAX_WORKERS",
        "HTTP_TIMEOUT",
        "RETRY_ATTEMPTS",
        "CACHE_TTL",
        "MAX_REQUESTS_PER_DAY",
        "IMDB_BASE_URL",
        "LOG_LEVEL",
        "TZ",
        "MDBLIST_API_KEY_FILE",
    }


def test_a_secret_is_in_no_message_and_no_repr():
    secret = "hunter2"
    settings = load(
        OVERSEERR_URL=f"http://me:{secret}@host",
        OVERSEERR_API_KEY=secret,
        TMDB_KEY=secret,
        IMDB_BASE_URL=f"http://a:{secret}@b",
    )

    assert secret not in repr(settings)
    assert secret not in str(settings)
    with pytest.raises(ConfigError) as refusal:
        load(
            OVERSEERR_URL=f"me:{secret}@host",
            OVERSEERR_API_KEY=f"{secret} {secret}",
            TMDB_KEY=f"{secret}\n",
            TRAKT_CLIENT_ID=f"{secret}\u2026",
            OVERSEERR_USER_ID=f"{secret}-this-is-a-key-in-the-wrong-place",
        )
    assert secret not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("blank", ["", "  ", '""', "' '"])
def test_a_blank_value_counts_as_not_set(tmp_path, blank):
    dotenv = tmp_path / ".env"
    dotenv.write_text("SYNC_INTERVAL=6\n")
    key = tmp_path / "key"
    key.write_text("from-file\n")

    settings = load(
        dotenv=dotenv, SYNC_INTERVAL=blank, OVERSEERR_API_KEY=blank, OVERSEERR_API_KEY_FILE=str(key), TZ=blank
    )

    assert settings.household.sync_interval == 6
    assert settings.household.overseerr_api_key == SecretStr("from-file")
    assert settings.process.tz == "UTC"
    assert settings.warnings == ()


def test_a_value_wins_over_its_file_with_a_warning(tmp_path):
    settings = load(OVERSEERR_API_KEY="here", OVERSEERR_API_KEY_FILE=str(tmp_path / "missing"))

    assert settings.household.overseerr_api_key == SecretStr("here")
    assert settings.warnings == (
        "OVERSEERR_API_KEY and OVERSEERR_API_KEY_FILE are both set; OVERSEERR_API_KEY is used",
    )


def test_the_environment_wins_over_dotenv_and_its_file_does_too(tmp_path):
    key = tmp_path / "key"
    key.write_text("from-file\n")
    dotenv = tmp_path / ".env"
    dotenv.write_text("OVERSEERR_API_KEY=from-dotenv\nSYNC_INTERVAL=6\nIMDB_LISTS=top\n")

    settings = load(dotenv=dotenv, OVERSEERR_API_KEY_FILE=str(key), SYNC_INTERVAL="3")

    assert settings.household.overseerr_api_key == SecretStr("from-file")
    assert settings.household.sync_interval == 3
    assert settings.household.lists == (ListRef("imdb", "top"),)


def test_dotenv_may_point_at_files_and_have_a_byte_order_mark(tmp_path):
    key = tmp_path / "key"
    key.write_text("from-file\n")
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"\ufeffSYNC_INTERVAL='0.5'  # half an hour\nexport OVERSEERR_API_KEY_FILE={key}\nTZ\n")

    settings = load(dotenv=dotenv)

    assert settings.household.sync_interval == 0.5
    assert settings.household.overseerr_api_key == SecretStr("from-file")


def test_a_line_of_dotenv_that_cannot_be_read_is_a_warning_that_names_it(tmp_path, caplog):
    dotenv = tmp_path / ".env"
    dotenv.write_text("SYNC_INTERVAL=6\n= what\nMAX_WORKERS=2\n")

    settings = load(dotenv=dotenv)

    assert (settings.household.sync_interval, settings.process.max_workers) == (6, 2)
    assert settings.warnings == (f"{dotenv}, line 2: this is not NAME=value; it is not read",)
    assert caplog.records == []


def test_a_dotenv_that_is_a_folder_or_no_text_is_named(tmp_path):
    assert "is a folder" in load(dotenv=tmp_path).warnings[0]
    (tmp_path / ".env").write_bytes(b"A=\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(dotenv=tmp_path / ".env")


def test_a_problem_in_a_secret_file_names_where_the_value_came_from(tmp_path):
    file = tmp_path / "interval"
    file.write_text("often\n")

    assert problems_of(SYNC_INTERVAL_FILE=str(file))[0].startswith("SYNC_INTERVAL (from SYNC_INTERVAL_FILE): ")


def test_a_file_may_hold_one_list_on_each_line(tmp_path):
    file = tmp_path / "lists"
    file.write_text("ls1\nls2\n\ntop\n")

    assert [ref.list_id for ref in load(IMDB_LISTS_FILE=str(file)).household.lists] == ["ls1", "ls2", "top"]


def test_the_switch_of_0_6_works_and_is_named_once():
    settings = load(AUTO_SYNC="false")

    assert settings.process.automated_mode is False
    assert settings.warnings == ("AUTO_SYNC: it is called AUTOMATED_MODE now",)


def test_the_new_name_wins_over_the_one_of_0_6():
    assert load(AUTO_SYNC="false", AUTOMATED_MODE="true").process.automated_mode is True


def test_a_wrong_value_under_an_old_name_says_where_it_came_from():
    assert problems_of(AUTO_SYNC="perhaps")[0].startswith("AUTOMATED_MODE (from AUTO_SYNC): ")


def test_other_names_of_0_6_give_one_warning_each():
    warnings = load(DISCORD_WEBHOOK="https://example.invalid/secret", LISTSYNC_BATCH_SIZE="3").warnings

    assert [warning.split(":")[0] for warning in warnings] == ["DISCORD_WEBHOOK", "LISTSYNC_BATCH_SIZE"]
    assert "secret" not in "".join(warnings)


@pytest.mark.parametrize("name", ["ALL_IMDB", "TV_IMDB", "IMDB_OLD", "SHOPPING", "DB"])
def test_another_name_that_ends_so_is_a_note(name: str):
    warning = f"{name}_LISTS: there is no provider {name.lower()}; correct the name, or remove the setting"

    for settings in (load(**{f"{name}_LISTS": "top"}), load(**{f"{name}_LISTS_FILE": "/lists.txt"})):
        assert (settings.warnings, settings.household.lists) == ((warning,), ())


@pytest.mark.parametrize("name", ["IMBD", "IMD", "IMDBS", "IMDP", "LMDB"])
def test_the_lists_of_a_misspelt_name_are_lists_that_cannot_be_read(name: str):
    settings = load(**{f"{name}_LISTS": "top,ls123456789"})

    assert [str(ref) for ref in settings.household.lists] == [f"{name.lower()}:top", f"{name.lower()}:ls123456789"]
    assert settings.warnings == ()


def test_settings_of_later_parts_are_accepted_without_complaint():
    settings = load(
        WEB_PORT="5000", REDIS_URL="redis://x", SELENIUM_POOL_SIZE="3", NOTIFY_URLS="json://x", LISTS="a", WARNINGS="b"
    )

    assert settings.warnings == ()
    assert settings.household.lists == ()


def test_the_folder_of_custom_providers_is_known_before_and_in_spite_of_other_settings(tmp_path):
    (tmp_path / ".env").write_text("CONFIG_DIR=/etc/list-sync\n")

    assert find_config_dir({"SYNC_INTERVAL": "x"}, dotenv=tmp_path / ".env") == Path("/etc/list-sync")
    assert find_config_dir({}, dotenv=None) == ProcessSettings().config_dir


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load().household.dry_run = True


def test_settings_built_in_code_read_no_environment(monkeypatch):
    monkeypatch.setenv("SYNC_INTERVAL", "nonsense")

    assert HouseholdSettings(sync_interval=2, lists=(ListRef("imdb", "top"),)).sync_interval == 2


def test_a_value_that_is_not_utf8_is_refused():
    assert "not UTF-8" in problems_of(IMDB_LISTS=os.fsdecode(b"ls1\xff"))[0]


@pytest.mark.parametrize("text", ["0.0001", "0.0166", ".001", "0.000000001"])
def test_a_sync_more_often_than_every_minute_is_refused_with_the_form(text):
    assert problems_of(SYNC_INTERVAL=text) == (
        f'SYNC_INTERVAL: "{text}" is too short; write at least one minute: 0.0167, or 0 for one sync',
    )


@pytest.mark.parametrize(("text", "hours"), [("0", 0), ("0.0", 0), ("0.0167", 0.0167), ("0.016667", 0.016667)])
def test_a_minute_is_enough_and_0_is_one_sync(text, hours):
    assert load(SYNC_INTERVAL=text).household.sync_interval == hours


NAMES = [name.upper() for name in FIELDS] + [
    "IMDB_LISTS",
    "TRAKT_CLIENT_ID",
    "IMDB_BASE_URL",
    "AUTO_SYNC",
]
texts = st.text(alphabet=st.characters(exclude_characters="\0"), max_size=30)


@given(st.dictionaries(st.sampled_from(NAMES), texts))
def test_any_environment_is_settings_or_one_line_for_each_problem(env):
    problems = ()
    try:
        assert 0 <= load(env).household.sync_interval <= 8760
    except ConfigError as error:
        problems = error.problems

    assert all("\n" not in problem for problem in problems)
    assert {problem.split(":")[0].split(" ")[0] for problem in problems} <= set(NAMES)


def clear_environment(monkeypatch, folder):
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.startswith(("OVERSEERR_", "SYNC_", "AUTO", "TZ", "LOG_")):
            monkeypatch.delenv(name)


def test_the_public_view_unpacks_into_plain_values(tmp_path, monkeypatch):
    clear_environment(monkeypatch, tmp_path)
    (tmp_path / "key").write_text("abc\n")
    monkeypatch.setenv("OVERSEERR_URL", "https://host/overseerr/")
    monkeypatch.setenv("OVERSEERR_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("OVERSEERR_4K", "true")
    monkeypatch.setenv("MYSERVICE_LISTS", "x")

    url, key, user, interval, automated, is_4k = load_env_config()

    assert (url, key, user, interval, automated, is_4k) == ("https://host/overseerr", "abc", 1, 24.0, True, True)
    assert [type(value) for value in (url, key, user, interval, automated, is_4k)] == [str, str, int, float, bool, bool]


def test_the_public_view_of_an_empty_environment_lacks_only_url_and_key(tmp_path, monkeypatch):
    clear_environment(monkeypatch, tmp_path)

    assert load_env_config() == (None, None, 1, 24.0, True, False)


def test_the_public_view_refuses_a_user_id_that_is_no_number(tmp_path, monkeypatch):
    clear_environment(monkeypatch, tmp_path)
    monkeypatch.setenv("OVERSEERR_USER_ID", "abc")

    with pytest.raises(ConfigError, match='OVERSEERR_USER_ID: "abc" is not a whole number'):
        load_env_config()
