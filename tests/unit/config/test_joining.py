"""What lists.yaml states counts, key by key; what it does not state comes from the environment."""

from datetime import UTC, datetime, timedelta

import pytest

from list_sync.config import load_settings
from list_sync.config.policy.joining import (
    describe_changes,
    describe_joining,
    has_policy_file,
    read_joined,
    reread,
    with_lists_of_environment,
)
from list_sync.config.rhythms import Rhythm
from list_sync.errors import ConfigError
from list_sync.model.policy import Caps
from list_sync.model.sources import ListRef
from list_sync.model.titles import Quality
from list_sync.providers import available_providers

PROVIDERS = available_providers()


@pytest.fixture
def joined(tmp_path):
    def read(text, **variables):
        (tmp_path / "lists.yaml").write_text(text)
        settings = load_settings({"CONFIG_DIR": str(tmp_path), **variables}, providers=PROVIDERS, dotenv=None)
        return read_joined(settings, PROVIDERS)

    return read


def named(settings):
    return [ref.name for ref in settings.household.lists]


def test_without_a_file_the_settings_stay_as_they_are(tmp_path):
    settings = load_settings({"CONFIG_DIR": str(tmp_path), "IMDB_LISTS": "top"}, providers=PROVIDERS, dotenv=None)

    assert not has_policy_file(tmp_path)
    assert read_joined(settings, PROVIDERS) is settings
    assert list(describe_joining(settings)) == []


def test_what_the_file_states_counts_and_each_replaced_setting_is_told_once(joined):
    settings = joined(
        """
        defaults: {quality: both, requester: alice, schedule: 6h}
        caps: {per_run: 50, per_day: 20}
        lists: [imdb:top]
        """,
        OVERSEERR_4K="true",
        OVERSEERR_USER_ID="3",
        SYNC_INTERVAL="12",
        MAX_REQUESTS_PER_RUN="5",
        MAX_REQUESTS_PER_DAY="10",
    )

    assert settings.policy.caps == Caps(per_run=50, per_day=20, per_requester=0)
    assert settings.policy.defaults.qualities == (Quality.HD, Quality.UHD)
    assert settings.policy.defaults.requester == "alice"
    assert settings.household.rhythms == {"": Rhythm(6.0)}
    assert list(describe_joining(settings)) == [
        "lists.yaml replaces MAX_REQUESTS_PER_RUN (5): 50",
        "lists.yaml replaces MAX_REQUESTS_PER_DAY (10): 20",
        "lists.yaml replaces OVERSEERR_4K (true): hd and 4k",
        "lists.yaml replaces OVERSEERR_USER_ID (3): alice",
        "lists.yaml replaces SYNC_INTERVAL (12): every 6 hours",
    ]


def test_what_the_file_does_not_state_comes_from_the_environment_and_nothing_is_told(joined):
    settings = joined(
        "caps: {per_run: 5}\ndefaults: {quality: 4k}\nlists: [imdb:top]",
        OVERSEERR_4K="true",
        OVERSEERR_USER_ID="3",
        SYNC_SCHEDULE="0 3 * * *",
        MAX_REQUESTS_PER_RUN="5",
        MAX_REQUESTS_PER_DAY="10",
    )

    assert settings.policy.caps == Caps(per_run=5, per_requester=10)
    assert settings.policy.defaults.requester_id == 3
    assert settings.policy.defaults.qualities == (Quality.UHD,)
    assert settings.household.rhythms == {"": Rhythm(24.0, ("0 3 * * *",))}
    assert list(describe_joining(settings)) == []


def test_lists_of_the_environment_go_on_beside_the_file_with_its_defaults(joined):
    settings = joined(
        """
        defaults: {priority: 2}
        lists:
          - {source: imdb:top, priority: 5}
          - {source: imdb:boxoffice, enabled: off}
        """,
        IMDB_LISTS="boxoffice,https://www.imdb.com/chart/top,ls123456789",
        TRAKT_LISTS="joe/films",
    )

    priorities = {ref.name: ref.terms.priority for ref in settings.household.lists}
    assert priorities == {"imdb:top": 5, "imdb:ls123456789": 2, "trakt:joe/films": 2}
    assert list(describe_joining(settings)) == [
        "lists.yaml states the terms of imdb:top, which IMDB_LISTS names, too",
        "lists.yaml switches off imdb:boxoffice, which IMDB_LISTS names",
    ]


def test_a_list_has_a_schedule_of_its_own_only_if_it_differs_from_that_of_the_household(joined):
    settings = joined(
        """
        defaults: {schedule: 0 3 * * *}
        lists:
          - {source: imdb:top, schedule: 30m}
          - {source: imdb:boxoffice, schedule: 0 3 * * *}
          - {source: imdb:moviemeter}
        """,
        SYNC_INTERVAL="0",
    )

    assert [ref.terms.schedule for ref in settings.household.lists] == ["30m", "", ""]
    assert settings.household.rhythms == {"": Rhythm(0.0, ("0 3 * * *",)), "30m": Rhythm(0.5)}
    assert settings.household.describe_rhythm() == "0 3 * * *, 1 list by its own schedule"
    assert settings.is_daemon


def test_other_lists_of_the_environment_are_joined_with_the_same_file(joined):
    settings = joined("lists: [{source: imdb:top, priority: 5}]\ndefaults: {schedule: 6h}", IMDB_LISTS="boxoffice")
    changed = with_lists_of_environment(settings, [ListRef("imdb", "moviemeter"), ListRef("imdb", "top")])

    assert named(changed) == ["imdb:top", "imdb:moviemeter"]
    assert changed.household.lists[0].terms.priority == 5
    assert changed.household.rhythms == settings.household.rhythms
    assert changed.policy.defaults == settings.policy.defaults


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("lists: [{source: imdb:top, priority: 1}]", {}),
        ("lists: [imdb:top]\ncaps: {per_run: 5}", {}),
        ("lists: [imdb:top]\nexclusions: [{movie: 603}]", {}),
        ("lists: [imdb:top]", {"IMDB_LISTS": "boxoffice"}),
        ("lists: [imdb:top]", {"OVERSEERR_4K": "true"}),
        ("lists: [imdb:top]", {"MAX_REQUESTS_PER_DAY": "3"}),
    ],
)
def test_the_fingerprint_changes_with_every_change_of_lists_or_terms(joined, text, variables):
    before = joined("lists: [imdb:top]").policy.fingerprint

    assert joined("# the same\nlists:\n  - imdb:top\n").policy.fingerprint == before
    assert joined(text, **variables).policy.fingerprint != before


def test_a_good_edit_is_said_in_one_line(joined):
    before = joined("lists: [imdb:top, imdb:boxoffice]\ncaps: {per_run: 5}")
    after = joined("lists: [{source: imdb:top, quality: 4k}, imdb:moviemeter]\ncaps: {per_run: 6}")

    assert describe_changes(before, before) == "nothing that counts"
    assert describe_changes(before, after) == (
        "1 new list: imdb:moviemeter; 1 list not set any more; other terms of imdb:top; other caps"
    )


def test_another_default_schedule_is_said(joined):
    before = joined("lists: [imdb:top]\ndefaults: {schedule: 6h}")

    assert describe_changes(before, joined("lists: [imdb:top]\ndefaults: {schedule: 3h}")) == "other schedule"


def test_a_broken_edit_or_a_file_that_is_gone_leaves_the_policy_as_it_was(joined, tmp_path):
    before = joined("lists: [imdb:top]")
    (tmp_path / "lists.yaml").write_text("lists: [imdb:top]\ncaps: {per_rum: 5}\nbrake: maybe\n")
    after, problems = reread(before, PROVIDERS)

    assert after is before
    assert [text.removeprefix("the policy stays as it was: ").split(": ")[0] for text in problems] == [
        f"{tmp_path}/lists.yaml:2:8",
        f"{tmp_path}/lists.yaml:3:8",
    ]
    (tmp_path / "lists.yaml").unlink()
    after, problems = reread(before, PROVIDERS)
    assert after is before
    assert problems == (
        f"the policy stays as it was: {tmp_path}/lists.yaml is gone: put it back, or restart to go on without it",
    )


def test_a_wrong_file_is_an_error_that_names_every_fault(joined):
    with pytest.raises(ConfigError) as refusal:
        joined("lists: [imdb:nonsense, {source: imdb:top, schedule: 5x}]")

    assert len(refusal.value.problems) == 2


def test_a_run_of_all_lists_of_a_schedule_lets_the_others_rest_and_any_other_run_of_some_lists_does_not(joined):
    settings = joined("lists: [imdb:top, imdb:boxoffice, {source: imdb:moviemeter, schedule: 6h}]")
    top, boxoffice, moviemeter = settings.household.lists
    find = settings.household.find_resting

    assert find([moviemeter]) == {top.key, boxoffice.key}
    assert find([boxoffice, top]) == {moviemeter.key}
    assert find([top]) == find([top, moviemeter]) == find([ListRef("imdb", "toptv")]) == find([]) == frozenset()


def test_the_longest_and_the_shortest_time_between_two_syncs_are_those_of_all_schedules(joined):
    now, zone = datetime(2026, 11, 27, 12, tzinfo=UTC), UTC
    household = joined(
        """
        defaults: {schedule: 0 3 * * 1-5}
        lists: [imdb:top, {source: imdb:boxoffice, schedule: 36h}, {source: imdb:moviemeter, schedule: 0 6-8 * * *}]
        """
    ).household

    assert household.longest_interval(now, zone) == timedelta(hours=22)
    assert household.shortest_interval(now, zone) == timedelta(hours=1)
