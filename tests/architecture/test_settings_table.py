"""docs/settings.md and the page of the settings say the same of every setting."""

from list_sync.config.described import GROUPS, describe_settings
from list_sync.config.settings import setting_names
from list_sync.providers import available_providers
from tests.architecture.settings_table import BEGIN, END, PAGE, replaced


def test_the_table_is_the_one_of_the_descriptions():
    page = PAGE.read_text(encoding="utf-8")

    assert (page.count(BEGIN), page.count(END)) == (1, 1)
    assert page == replaced(page), "describe the setting in list_sync/config/settings.toml, then run make settings"


def test_every_setting_is_described_once_and_in_a_group():
    providers = available_providers().values()
    described = describe_settings(providers)

    assert sorted(described) == sorted(setting_names(providers))
    assert {one.group for one in described.values()} <= set(GROUPS)
    assert all(one.summary and "](" not in one.plain_text for one in described.values())


def test_the_key_of_an_address_is_a_setting():
    described = describe_settings(available_providers().values())

    assert {one.key for one in described.values() if one.key} <= set(described)
