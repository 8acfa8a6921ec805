"""docs/sources.md says of every provider what the provider says of itself."""

from list_sync.providers import get_provider
from tests.architecture.sources_table import PAGE, marks_of, own_providers, replaced

NAMES = [provider.info.name for provider in own_providers()]


def test_the_facts_are_those_that_the_providers_give():
    page = PAGE.read_text(encoding="utf-8")

    for name in NAMES:
        assert [page.count(mark) for mark in marks_of(name)] == [1, 1], name
    assert page == replaced(page), "run make sources"


def test_every_provider_states_its_spellings_limits_and_terms():
    for name in NAMES:
        provider = get_provider(name)
        assert len(provider.spellings) >= 2, name
        assert provider.limits, name
        assert provider.terms, name
        assert "|" not in provider.limits + provider.terms, name


def test_every_spelling_that_is_shown_is_accepted():
    for name in NAMES:
        for spelling in get_provider(name).spellings:
            get_provider(name).check(spelling)


def test_every_source_says_what_it_takes():
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")

    for name in NAMES:
        (section,) = (one for one in sections if marks_of(name)[0] in one)
        assert "\n* **What it takes**: " in section, name
