"""Settings that providers declare: keys, addresses of servers and names are checked as what they are."""

import pytest
from pydantic import SecretStr

from list_sync.config import load_settings
from list_sync.errors import ConfigError
from list_sync.model.sources import ProviderInfo

NAMES = ("JELLYFIN_URL", "JELLYFIN_API_KEY", "JELLYFIN_USER")
PROVIDERS = {"jellyfin": ProviderInfo("jellyfin", "JELLYFIN_LISTS", credentials=NAMES)}


def load(**env: str):
    return load_settings(env, providers=PROVIDERS, dotenv=None)


def test_the_address_of_a_server_loses_its_last_slash_and_keeps_its_path():
    credentials = load(JELLYFIN_URL="http://nas:8096/jellyfin/", JELLYFIN_USER="Mary Ann").household.credentials

    assert credentials["JELLYFIN_URL"] == SecretStr("http://nas:8096/jellyfin")
    assert credentials["JELLYFIN_USER"] == SecretStr("Mary Ann")


@pytest.mark.parametrize("address", ["nas:8096", "ftp://nas", "http://", "http://nas:port"])
def test_what_is_no_address_is_named_with_an_example(address: str):
    with pytest.raises(ConfigError, match=r"JELLYFIN_URL: .*for example http://") as caught:
        load(JELLYFIN_URL=address)
    assert len(caught.value.problems) == 1


def test_a_setting_that_is_also_a_credential_has_one_problem():
    providers = {"discover": ProviderInfo("discover", "DISCOVER_LISTS", credentials=("OVERSEERR_URL",))}

    with pytest.raises(ConfigError) as caught:
        load_settings({"OVERSEERR_URL": "nas:5055"}, providers=providers, dotenv=None)
    assert len(caught.value.problems) == 1
