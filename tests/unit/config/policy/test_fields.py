"""The terms of a list as fields of a form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from list_sync.config.policy.documents import parse_document
from list_sync.config.policy.editing import merge
from list_sync.config.policy.fields import find_fields, read_changes, show_stated
from list_sync.config.policy.forms import ListForm, ListsForm
from tests.unit.config.policy.every_key import EVERY_KEY

ENTRY = {
    "source": "imdb:top",
    "quality": "Both",
    "seasons": ["1", "2"],
    "filters": {"year": {"min": "1990", "max": "1999", "unknown": "wait"}, "genres": ["Drama"], "rating": {"min": "7"}},
    "server": {"tags": [], "profile": "HD-1080p"},
}


def change(**typed):
    texts = show_stated(ENTRY) | {name.replace("__", "."): text for name, text in typed.items()}
    return read_changes(ENTRY, texts)


def test_every_key_of_a_list_has_a_field():
    shown = {field.path[0] for field in find_fields()}

    assert shown == ListForm.model_fields.keys() - {"source", "enabled"}
    assert all(field.hint for field in find_fields())


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({}, {}),
        ({"limit": " 20 "}, {"limit": "20"}),
        ({"quality": ""}, {"quality": None}),
        ({"seasons": "[0]"}, {"seasons": ["0"]}),
        ({"seasons": "1,2, 3"}, {"seasons": ["1", "2", "3"]}),
        ({"seasons": "first:2"}, {"seasons": "first:2"}),
        ({"filters__genres__any": "Drama\r\n\r\n War "}, {"filters": {"genres": ["Drama", "War"]}}),
        ({"filters__genres__any": "none"}, {"filters": {"genres": "none"}}),
        ({"filters__genres__unknown": "wait"}, {"filters": {"genres": {"any": ["Drama"], "unknown": "wait"}}}),
        ({"filters__year__unknown": ""}, {"filters": {"year": "1990-1999"}}),
        ({"filters__rating__votes": "500"}, {"filters": {"rating": {"votes": "500"}}}),
        ({"filters__rating__min": ""}, {"filters": {"rating": {"min": None}}}),
        ({"server__anime__profile": "Anime"}, {"server": {"anime": {"profile": "Anime"}}}),
    ],
)
def test_only_what_was_typed_changes(typed, wanted):
    assert change(**typed) == wanted


def test_a_range_of_two_numbers_is_replaced_as_a_whole():
    wanted = change(filters__year__range=">=1980")

    assert merge(ENTRY, wanted)["filters"]["year"] == {"range": ">=1980", "unknown": "wait"}


def test_a_file_with_every_key_can_be_shown_and_sent_back_without_a_change():
    entry = parse_document(EVERY_KEY)[0].plain()["lists"][0]
    shown = show_stated(entry)

    assert read_changes(entry, shown) == {}
    assert all(shown[key] for key in entry.keys() & shown.keys())


@settings(max_examples=25)
@given(st.dictionaries(st.sampled_from([field.name for field in find_fields()]), st.text(max_size=20)))
def test_any_text_that_is_typed_is_understood_and_sent_again_as_the_same(typed):
    after = merge(ENTRY, read_changes(ENTRY, show_stated(ENTRY) | typed))

    assert read_changes(after, show_stated(after)) == {}


def test_what_the_file_states_for_all_lists_has_fields_too():
    stated = parse_document(EVERY_KEY)[0].plain()
    shown = show_stated(stated, ListsForm)

    assert read_changes(stated, shown, ListsForm) == {}
    assert {name.partition(".")[0] for name in shown} == ListsForm.model_fields.keys() - {"lists"}
    typed = {"caps.per_day": "9", "defaults.filters.kind": "", "brake": "on", "exclusions": "movie: 603\ntitle: A: B"}
    assert read_changes(stated, shown | typed, ListsForm) == {
        "caps": {"per_day": "9"},
        "defaults": {"filters": {"kind": None}},
        "brake": "on",
        "exclusions": [{"movie": "603"}, {"title": "A: B"}],
    }
