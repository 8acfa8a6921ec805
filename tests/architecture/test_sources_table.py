"""docs/sources.md says of every provider what the provider says of itself."""

import pytest

from list_sync.providers import get_provider
from tests.architecture.sources_table import BEGIN, END, PAGE, own_providers, replaced

NAMES = [provider.info.name for provider in own_providers()]


def test_the_table_is_the_one_that_the_providers_give():
    page = PAGE.read_text(encoding="utf-8")

    assert (page.count(BEGIN), page.count(END)) == (1, 1)
    assert page == replaced(page), "run make sources"


@pytest.mark.parametrize("name", NAMES)
def test_every_provider_states_its_spellings_limits_and_terms(name: str):
    provider = get_provider(name)

    assert len(provider.spellings) >= 2
    assert provider.limits
    assert provider.terms
    assert "|" not in provider.limits + provider.terms


@pytest.mark.parametrize("name", NAMES)
def test_every_spelling_that_is_shown_is_accepted(name: str):
    for spelling in get_provider(name).spellings:
        get_provider(name).check(spelling)
