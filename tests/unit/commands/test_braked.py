"""What the commands say of titles that the brake holds, and how they are released."""

import json

import pytest

from list_sync.model.decisions import ItemStatus
from list_sync.model.waiting import HELD_BY_THE_BRAKE
from tests.builders import a_match
from tests.unit.commands.records import available, record, skipped


def test_status_says_how_many_titles_the_brake_holds_and_what_to_do(cli, store):
    record(store, *(skipped(a_match(number), ItemStatus.WAITING, HELD_BY_THE_BRAKE) for number in range(1, 4)))

    assert (
        "brake     holds 3 titles: if they are right, list-sync apply --pending requests them; else correct the list"
        in cli("status").lines
    )
    assert json.loads(cli("status", "--json").out)["braked"] == 3


def test_status_says_nothing_of_a_brake_that_holds_nothing(cli, store):
    record(store, available("Heat", 949))

    assert "brake" not in cli("status").out
    assert "braked" not in json.loads(cli("status", "--json").out)


@pytest.mark.parametrize("words", [(), ("plan.json", "--pending")], ids=["neither", "both"])
def test_apply_wants_a_file_or_what_is_pending(cli, words):
    answer = cli("apply", *words)

    assert answer.code == 2
    assert "name the file of a plan, or give --pending: one of both" in " ".join(answer.err.split())
