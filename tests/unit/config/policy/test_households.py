"""The file of a further household: the keys of lists.yaml, its server, and where its secrets are."""

import pytest

from list_sync.config.policy.reading import read_household
from list_sync.errors import ConfigError
from list_sync.model.policy import HouseholdPolicy
from list_sync.providers import available_providers

SERVER = "server: {url: 'http://192.168.1.10:5056/api/v1', api_key: {env: ALICE_KEY}}\n"


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "alice.yaml"
        path.write_text(text, encoding="utf-8")
        return read_household(path, providers=available_providers(), policy=HouseholdPolicy())

    return read_text


def test_it_states_its_server_where_its_secrets_are_and_its_lists(read):
    form, file = read(SERVER + "credentials: {TMDB_KEY: {file: /run/secrets/tmdb}}\nlists: [imdb:top]")

    assert form.server.url == "http://192.168.1.10:5056"
    assert form.server.api_key.env == "ALICE_KEY"
    assert form.credentials["TMDB_KEY"].file == "/run/secrets/tmdb"
    assert [ref.name for ref in file.lists] == ["imdb:top"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lists: []", ("1:1: server is missing; for example server: {url: http://192.168.1.10:5056, "
         "api_key: {env: ALICE_API_KEY}}")),
        ("server: {url: 'ftp://x', api_key: {env: A}}", ("1:15: server.url: the address must begin with http:// or "
         "https://; for example http://192.168.1.10:5055")),
        ("server: {url: 'http://x', api_key: 0123456789abcdef}", ("1:27: server.api_key: a map belongs here; for "
         "example api_key: {env: ALICE_API_KEY}")),
        ("server: {url: 'http://x', api_key: {env: A, file: b}}", ("1:36: server.api_key: a secret is in one place; "
         "write env or file")),
        ("server: {url: 'http://x', api_key: {env: A B}}", ('1:42: server.api_key.env: "A B" is no name of an '
         "environment variable")),
        (SERVER + "credentials: {TMDB_KEYS: {env: X}}", "2:15: TMDB_KEYS is no credential; is it TMDB_KEY?"),
        (SERVER + "credentials: {TMDB_KEY: {evn: X}}", "2:26: evn is no key of credentials.TMDB_KEY; is it env?"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(read, text, told):
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert caught.value.problems[0].partition("alice.yaml:")[2] == told
