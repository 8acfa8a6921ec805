"""Settings of the door: what a wrong one says, and what is only allowed together."""

import pytest

from list_sync.config import load_settings
from list_sync.errors import ConfigError

PROXY = {"WEB_AUTH_HEADER": "Remote-User", "WEB_AUTH_USERS": "alice", "TRUSTED_PROXIES": "172.18.0.2"}


def load(**environment):
    return load_settings(environment, providers={}, dotenv=None)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WEB_PASSWORD", "too short", "at least 10 characters"),
        ("WEB_PASSWORD", "a pass\tword", "control character"),
        ("WEB_BASE_URL", "listsync.example.com", "must begin with http:// or https://"),
        ("WEB_BASE_URL", "https://joe:secret@x.example", "holds a name or a password"),
        ("WEB_BASE_URL", "https://x.example/?a=1", "must end before any ?"),
        ("WEB_FRAME_ANCESTORS", "*", "no address of a page"),
        ("WEB_FRAME_ANCESTORS", "homeassistant.local", "no address of a page"),
        ("WEB_FRAME_ANCESTORS", "https://x.example;script-src *", "no address of a page"),
        ("WEB_FRAME_ANCESTORS", "https://x.example/path", "no address of a page"),
        ("WEB_FRAME_ANCESTORS", "https://x.example:99999", "no address of a page"),
        ("WEB_AUTH_HEADER", "Remote User", "no header that names a user"),
        ("WEB_AUTH_HEADER", "Authorization", "no header that names a user"),
        ("WEB_AUTH_HEADER", "X-Forwarded-For", "no header that names a user"),
    ],
)
def test_a_wrong_value_names_its_setting_and_never_a_secret(name, value, words):
    with pytest.raises(ConfigError) as raised:
        load(**PROXY | {name: value})

    (problem,) = raised.value.problems
    assert problem.startswith(f"{name}: ")
    assert words in problem
    assert "secret" not in problem
    assert name != "WEB_PASSWORD" or value not in problem


ISSUER = {
    "OIDC_ISSUER": "https://auth.example.com",
    "OIDC_CLIENT_ID": "listsync",
    "OIDC_ALLOWED": "alice@example.com",
    "WEB_BASE_URL": "https://x.example",
    "TRUSTED_PROXIES": "172.18.0.2",
}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("OIDC_ISSUER", "auth.example.com", "must begin with http:// or https://"),
        ("OIDC_ISSUER", "https://joe:hidden@auth.example.com", "holds a name or a password"),
        ("OIDC_ISSUER", "https://auth.example.com/?a=1", "must end before any ?"),
        ("OIDC_ISSUER", "file:///etc/passwd", "must begin with http:// or https://"),
        ("OIDC_CLIENT_ID", "list sync", "holds a blank"),
        ("OIDC_CLIENT_SECRET", "a hidden one", "holds a blank"),
        ("OIDC_ALLOWED", "group:", "is no person"),
        ("OIDC_ALLOWED", "*@example.com", "is no person"),
        ("OIDC_ALLOWED", "groups:media", "write group:NAME"),
        ("OIDC_READERS", "alice@example.com, *", "is no person"),
        ("WEB_PASSWORD_LOGIN", "maybe", "true or false"),
    ],
)
def test_a_wrong_value_of_single_sign_on_names_its_setting(name, value, words):
    with pytest.raises(ConfigError) as raised:
        load(**ISSUER | {name: value})

    (problem,) = raised.value.problems
    assert problem.startswith(f"{name}: ")
    assert words in problem
    assert "hidden" not in problem


def test_single_sign_on_needs_its_name_and_an_address_to_come_back_to():
    with pytest.raises(ConfigError) as raised:
        load(OIDC_ISSUER=ISSUER["OIDC_ISSUER"])

    (problem,) = raised.value.problems
    assert problem.startswith("OIDC_ISSUER: single sign-on needs")
    assert problem.endswith("set OIDC_CLIENT_ID and WEB_BASE_URL")


def test_the_password_is_switched_off_only_where_another_log_in_is():
    assert not load(**ISSUER, WEB_PASSWORD_LOGIN="false").web.web_password_login
    assert not load(**PROXY, WEB_PASSWORD_LOGIN="false").web.web_password_login
    with pytest.raises(ConfigError, match="WEB_PASSWORD_LOGIN: without the password there is no log-in for people"):
        load(WEB_PASSWORD_LOGIN="false")


def test_the_issuer_is_kept_as_it_is_written_and_its_secret_hidden(tmp_path):
    (tmp_path / "secret").write_text("secret-of-the-client\n")
    slashed = {"OIDC_ISSUER": "https://auth.example.com/application/o/listsync/"}

    web = load(**ISSUER | slashed, OIDC_CLIENT_SECRET_FILE=str(tmp_path / "secret")).web

    assert web.oidc_issuer == slashed["OIDC_ISSUER"]
    assert web.oidc_client_secret.get_secret_value() == "secret-of-the-client"
    assert "secret-of-the-client" not in repr(web)
    assert web.sign_on_return == "https://x.example/login/oidc/callback"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (ISSUER, []),
        (ISSUER | {"OIDC_ALLOWED": ""}, ["no person may log in by it"]),
        (ISSUER | {"OIDC_ISSUER": "http://auth.lan"}, ["OIDC_ISSUER is not https"]),
        ({"OIDC_READERS": "alice"}, ["OIDC_READERS without OIDC_ISSUER"]),
    ],
)
def test_what_should_be_known_of_single_sign_on_is_a_warning(settings, words):
    warnings = load(**settings).warnings

    assert len(warnings) == len(words)
    assert all(word in one for word, one in zip(words, warnings, strict=True))


@pytest.mark.parametrize("missing", [("TRUSTED_PROXIES",), ("WEB_AUTH_USERS",), ("TRUSTED_PROXIES", "WEB_AUTH_USERS")])
def test_a_header_that_everybody_could_send_is_an_error_that_names_what_is_missing(missing):
    with pytest.raises(ConfigError) as raised:
        load(**{name: value for name, value in PROXY.items() if name not in missing})

    (problem,) = raised.value.problems
    assert problem.startswith("WEB_AUTH_HEADER: the header is believed only from a proxy")
    assert problem.endswith(f"set {' and '.join(missing)}")


def test_a_wrong_network_is_one_problem_and_not_two():
    with pytest.raises(ConfigError) as raised:
        load(**PROXY | {"TRUSTED_PROXIES": "proxy"})

    assert [problem.partition(":")[0] for problem in raised.value.problems] == ["TRUSTED_PROXIES"]


def test_what_the_settings_of_the_door_become():
    web = load(
        **PROXY | {"WEB_AUTH_USERS": " alice, Bob Ä ,alice"},
        WEB_BASE_URL="https://Sync.example.com/listsync/",
        WEB_BASE_PATH="/listsync",
        WEB_FRAME_ANCESTORS="self, http://homeassistant.local:8123 https://*.example.com http://[fd00::7]:8123",
    ).web

    assert web.web_auth_users == ("alice", "Bob Ä")
    assert web.web_auth_header == "remote-user"
    assert web.web_base_url == "https://Sync.example.com/listsync"
    assert (web.is_https, web.host_names) == (True, ("sync.example.com",))
    assert web.web_frame_ancestors == (
        "'self'",
        "http://homeassistant.local:8123",
        "https://*.example.com",
        "http://[fd00::7]:8123",
    )
    assert web.find_warnings() == ()


def test_https_without_a_proxy_and_a_path_that_differs_are_warnings():
    warnings = load(WEB_BASE_URL="https://x.example/sync").warnings

    assert any("WEB_BASE_URL is https, but TRUSTED_PROXIES names no proxy" in one for one in warnings)
    assert any("WEB_BASE_PATH=/sync" in one for one in warnings)


def test_the_password_may_be_in_a_file(tmp_path):
    (tmp_path / "password").write_text("correct horse battery\n")

    web = load(WEB_PASSWORD_FILE=str(tmp_path / "password")).web

    assert web.web_password.get_secret_value() == "correct horse battery"
    assert "battery" not in repr(web)
