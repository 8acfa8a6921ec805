"""What a right lists.yaml means: lists with their terms, and the policy of the household."""

from dataclasses import replace
from datetime import timedelta

import pytest

from list_sync.config.policy.reading import find_lists_file, read_policy
from list_sync.errors import ConfigError, NotOffered
from list_sync.fetching.reasons import describe_failure
from list_sync.model.filters import Filters, IfUnknown, NotOn, Range, Rating, RatingSource, Release, Released, Words
from list_sync.model.policy import Caps, HouseholdPolicy, PauseWhen
from list_sync.model.terms import (
    Again,
    Approval,
    Order,
    SeasonChoice,
    SeasonRule,
    ServerOptions,
    TagsMode,
    Terms,
    Withdrawal,
)
from list_sync.model.titles import MediaType, Quality
from list_sync.providers import available_providers, with_canonical_id
from tests.unit.config.policy.every_key import EVERY_KEY


@pytest.fixture
def read(tmp_path):
    def read_text(text, *, policy=None):
        path = tmp_path / "lists.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        return read_policy(path, providers=available_providers(), policy=policy or HouseholdPolicy())

    return read_text


@pytest.fixture
def every_key(read):
    return read(EVERY_KEY)


def terms_of(file, place=0):
    return file.lists[place].terms


def test_each_key_of_a_list_becomes_its_term(every_key):
    assert replace(terms_of(every_key), filters=None, server=None) == Terms(
        qualities=(Quality.HD, Quality.UHD),
        name="Best of 1994",
        requester="007",
        approval=Approval.KEY,
        priority=-3,
        seasons=SeasonRule(SeasonChoice.FIRST, first=2),
        max_seasons=5,
        limit=50,
        order=Order.ADDED,
        max_open=10,
        hold=timedelta(hours=36),
        again=Again.WHEN_READDED,
        withdraw=Withdrawal.PENDING,
        schedule="0 3 * * *; 0 9 * * 6",
        exclude_lists=("trakt:alice/seen", "trakt:bob/seen"),
    )


def test_filters_are_those_of_the_list_and_rule_by_rule_those_of_the_defaults(every_key):
    assert terms_of(every_key).filters == Filters(
        year=Range(least=1990),
        genres=Words(frozenset({"Drama"}), frozenset({"Horror"}), IfUnknown.REJECT),
        languages=Words(frozenset({"en", "no"})),
        countries=Words(frozenset({"NO", "US"})),
        runtime=Range(60, 150, IfUnknown.WAIT),
        rating=Rating(RatingSource.IMDB, 7.5, 500),
        released=Release(Released.DIGITAL, IfUnknown.REJECT),
        not_on=NotOn("DE", frozenset({"Netflix"})),
    )
    assert every_key.policy.defaults.filters == Filters(kind=MediaType.MOVIE, year=Range(least=1990))


def test_options_of_the_server_are_names_or_numbers(every_key):
    assert terms_of(every_key).server == ServerOptions(
        0, "HD-1080p", "/movies", ("kids", 3), TagsMode.REPLACE, ServerOptions(profile="Anime", tags=())
    )


def test_lists_that_are_off_are_kept_apart(every_key):
    assert [ref.name for ref in every_key.lists] == ["imdb:ls123456789", "jellyfin:favorites"]
    assert [ref.name for ref in every_key.disabled] == ["trakt:alice/seen"]


def test_what_concerns_all_lists_is_the_policy(every_key):
    policy = every_key.policy

    assert policy.caps == Caps(per_run=50)
    assert policy.pause_when == PauseWhen(50, 200_000_000_000, 2)
    assert not policy.brake
    assert policy.exclusions.titles == {(MediaType.MOVIE, 603), (MediaType.TV, 1399)}
    assert policy.exclusions.names == ("1917", "/^The Bachelor/")
    assert policy.exclusions.lists == ("imdb:top",)
    assert [ref.name for ref in policy.excluding] == ["imdb:top", "trakt:alice/seen", "trakt:bob/seen"]


def test_what_the_file_does_not_state_stays_as_it_was(read):
    before = HouseholdPolicy(defaults=Terms(7, (Quality.UHD,)), caps=Caps(5, 6, 7))

    file = read("caps: {per_day: 20}\nlists: [imdb:top]", policy=before)

    assert file.policy.defaults == terms_of(file) == before.defaults
    assert file.policy.caps == Caps(5, 20, 7)
    assert file.policy.brake
    assert file.stated == {"caps", "caps.per_day", "lists"}


def test_a_list_is_off_if_the_defaults_say_so_and_it_says_nothing(read):
    file = read("defaults: {enabled: off}\nlists: [imdb:top, {source: stevenlu:stevenlu, enabled: on}]")

    assert [ref.provider for ref in file.lists] == ["stevenlu"]


def test_none_and_any_take_away_what_the_defaults_state(read):
    file = read(
        "defaults: {limit: 3, hold: 2h, schedule: 6h, filters: {year: 1994, kind: tv, released: aired}}\n"
        "lists: [{source: 'imdb:top', limit: none, hold: none, schedule: none, "
        "filters: {year: none, kind: any, released: any}}]"
    )

    assert terms_of(file) == Terms(filters=Filters())


def test_a_list_that_the_defaults_exclude_does_not_exclude_itself(read):
    file = read("defaults: {exclude_lists: [trakt:a/seen]}\nlists: [trakt:a/seen, imdb:top]")

    assert [ref.terms.exclude_lists for ref in file.lists] == [(), ("trakt:a/seen",)]


@pytest.mark.parametrize(
    ("stated", "bounds"),
    [
        ('">=1990"', (1990, None)),
        ('"> 1990"', (1991, None)),
        ('"<=1990"', (None, 1990)),
        ('"<1990"', (None, 1989)),
        ("1990-1999", (1990, 1999)),
        ("1990..1999", (1990, 1999)),
        ("1994", (1994, 1994)),
        ("{min: 1990}", (1990, None)),
        ("{max: 1999}", (None, 1999)),
    ],
)
def test_a_range_is_written_as_people_write_it(read, stated, bounds):
    file = read(f"lists: [{{source: 'imdb:top', filters: {{year: {stated}}}}}]")

    assert terms_of(file).filters.year == Range(*bounds)


@pytest.mark.parametrize(
    ("stated", "rule"),
    [
        ("[1, 2]", SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset({1, 2}))),
        ("0", SeasonRule(SeasonChoice.NUMBERS, numbers=frozenset({0}))),
        ("first", SeasonRule(SeasonChoice.FIRST)),
        ("First: 3", SeasonRule(SeasonChoice.FIRST, first=3)),
        ("next", SeasonRule(SeasonChoice.NEXT)),
        ("future", SeasonRule(SeasonChoice.FUTURE)),
    ],
)
def test_seasons_are_words_or_numbers(read, stated, rule):
    file = read(f"lists:\n- source: imdb:top\n  seasons: '{stated}'".replace("'[", "[").replace("]'", "]"))

    assert terms_of(file).seasons == rule


def test_anchors_repeat_what_was_written_once(read):
    file = read("lists:\n- {source: 'imdb:top', filters: &f {year: 1994}}\n- {source: 'trakt:a/b', filters: *f}")

    assert terms_of(file, 0) == terms_of(file, 1)


def test_comments_do_not_change_the_fingerprint_and_values_do(read):
    one, same, other = (
        read(text).policy.fingerprint
        for text in ("lists: [imdb:top]", "lists:\n - imdb:top # x", "lists: [imdb:bottom]")
    )

    assert one == same != other


def test_windows_line_ends_and_a_byte_order_mark_are_read(read):
    file = read("\ufefflists:\r\n- imdb:top\r\n")

    assert [ref.name for ref in file.lists] == ["imdb:top"]
    assert file.warnings[0].endswith("lists.yaml:1:1: a byte order mark, which is not needed")


def test_a_list_that_is_also_an_exclusion_is_told(read):
    file = read("lists: [imdb:top]\nexclusions: [list: imdb:top]")

    assert file.warnings[0].endswith("1:9: imdb:top is a list and an exclusion, so nothing of it is requested")


def test_a_list_that_fails_is_told_with_the_file_that_states_it(read):
    (source,) = read("lists: [imdb:top]").lists

    assert describe_failure(source, NotOffered("not there")).endswith("(lists.yaml)")
    assert with_canonical_id(source).origin == "lists.yaml"
    assert replace(source, file="").origin == "IMDB_LISTS"


def test_the_file_is_found_by_its_name_alone(tmp_path):
    assert find_lists_file(tmp_path) is None
    (tmp_path / "lists.yml").touch()
    with pytest.raises(ConfigError, match=r"lists\.yml: rename it to lists\.yaml"):
        find_lists_file(tmp_path)
    (tmp_path / "lists.yaml").touch()
    with pytest.raises(ConfigError, match="are both there"):
        find_lists_file(tmp_path)
    (tmp_path / "lists.yml").unlink()
    assert find_lists_file(tmp_path) == tmp_path / "lists.yaml"
