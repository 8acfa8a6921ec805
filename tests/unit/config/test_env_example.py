import re
from pathlib import Path

import pytest

from list_sync.config import Settings, load_settings
from list_sync.config.settings import FIELDS
from list_sync.providers import available_providers, get_provider

EXAMPLE = (Path(__file__).parents[3] / ".env.example").read_text()
NAMES = set(re.findall(r"^#([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))


def own_providers():
    return {
        name: info
        for name, info in available_providers().items()
        if get_provider(name).routes[0].fetch.__module__.startswith("list_sync.")
    }


def uncommented(tmp_path):
    file = tmp_path / ".env"
    file.write_text(re.sub(r"^#(?=[A-Z0-9_]+=)", "", EXAMPLE, flags=re.MULTILINE))
    return file


def test_the_example_shows_every_setting():
    assert {name.upper() for name in FIELDS} <= NAMES


@pytest.mark.parametrize("name", sorted(own_providers()))
def test_the_example_shows_the_lists_and_credentials_of_every_provider(name):
    info = own_providers()[name]
    assert {info.lists_setting, *info.credentials} <= NAMES


def test_every_example_is_valid_and_every_shown_default_is_the_default(tmp_path):
    settings = load_settings({}, providers=own_providers(), dotenv=uncommented(tmp_path))

    assert settings.warnings == ()
    assert settings.household.sync_schedule == ("0 3 * * 1-5", "0 9 * * 0,6")
    no_defaults = {"overseerr_url", "sync_schedule", "redis_url", "cache_key", "lists", "credentials", "base_urls"}
    no_defaults |= {"api_token", "webhook_secret", "web_allowed_hosts", "trusted_proxies", "healthchecks_url"}
    no_defaults |= {"metrics_port", "web_base_path", "web_base_url", "web_password"}
    no_defaults |= {"web_auth_header", "web_auth_users", "web_frame_ancestors"}
    no_defaults |= {"oidc_issuer", "oidc_client_id", "oidc_client_secret", "oidc_allowed", "oidc_readers"}
    no_defaults |= {"notify_urls", "discord_webhook_url", "mqtt_url", "backup_schedule"}
    for part in ("process", "household", "web"):
        kind, default = getattr(settings, part), getattr(Settings(), part)
        assert kind.model_dump(exclude=no_defaults) == default.model_dump(exclude=no_defaults)


def test_every_list_of_the_example_is_spelled_as_its_provider_wants_it(tmp_path):
    settings = load_settings({}, providers=own_providers(), dotenv=uncommented(tmp_path))

    assert {source.provider for source in settings.household.lists} == set(own_providers())
    for source in settings.household.lists:
        get_provider(source.provider).check(source.list_id)


def test_the_example_as_it_is_sets_nothing(tmp_path):
    (tmp_path / ".env").write_text(EXAMPLE)

    assert load_settings({}, providers=own_providers(), dotenv=tmp_path / ".env") == Settings()
