"""What lists.yaml says of caps, rests and the brake, in a session with a real file."""

import json

import pytest

from list_sync.config.policy.joining import read_joined
from list_sync.model.exit_codes import ExitCode
from list_sync.model.report import SyncMode
from list_sync.providers import available_providers
from tests.fakes.shelf import synthetic


@pytest.fixture
def household(tmp_path, open_session):
    """Return a household with two lists of files, as lists.yaml and the environment state it."""

    class Household:
        def state(self, text, **variables):
            (tmp_path / "config").mkdir(exist_ok=True)
            (tmp_path / "config" / "lists.yaml").write_text(text)
            self.session = open_session(CONFIG_DIR=str(tmp_path / "config"), **variables)
            self.session.use(read_joined(self.session.settings, available_providers()))

        def write(self, name, numbers):
            (tmp_path / "drop").mkdir(exist_ok=True)
            films = [{"media_type": "movie", "tmdb_id": synthetic(number).ids.tmdb} for number in numbers]
            (tmp_path / "drop" / name).write_text(json.dumps(films))

        def sync(self, **options):
            return self.session.sync(mode=SyncMode.MANUAL, fresh=True, **options)

    return Household()


def reasons(report):
    return {outcome.reason.partition(" is reached")[0] for outcome in report.outcomes if outcome.status == "waiting"}


def test_caps_of_the_file_and_of_a_list_hold_and_are_named_as_they_are_stated(household, demo):
    household.write("a.json", range(4))
    household.write("b.json", range(10, 14))
    household.state(
        "lists: [{source: file:a.json, name: A, max_new_per_day: 1}, file:b.json]\ncaps: {per_day: 3}",
        MAX_REQUESTS_PER_RUN="9",
    )

    report = household.sync()

    assert report.counts == {"requested": 3, "waiting": 5}
    assert reasons(report) == {"caps.per_day=3", "max_new_per_day=1 of A"}
    assert household.sync().calls.writes == 0


def test_a_cap_of_the_environment_beside_a_file_keeps_its_name(household):
    household.write("a.json", range(4))
    household.state("lists: [file:a.json]", MAX_REQUESTS_PER_RUN="2")

    report = household.sync()

    assert report.counts == {"requested": 2, "waiting": 2}
    assert reasons(report) == {"MAX_REQUESTS_PER_RUN=2"}


def test_the_brake_is_on_with_a_file_until_the_user_accepts(household, demo):
    household.state("lists: [file:a.json]")
    for count in range(1, 7):
        household.write("a.json", range(count))
        household.sync()
    household.write("a.json", range(100, 140))

    stopped = household.sync()

    assert (stopped.counts, stopped.calls.writes) == ({"waiting": 40}, 0)
    assert stopped.exit_code is ExitCode.FAILURES
    assert household.sync(accepts=True).counts == {"requested": 40}
