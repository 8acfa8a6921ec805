"""What follows from a lists.yaml that changes while a daemon runs, in a session with real files."""

import logging

import pytest

from list_sync.config.policy.joining import read_joined
from list_sync.daemon.heartbeat import find_trouble
from list_sync.providers import available_providers
from tests.pipeline.test_changed_files import PROVIDER, Folder

BROKEN = "lists: [file:films.json]\ncaps: {per_rum: 5}\nbrake: maybe\n"


@pytest.fixture
def folder(tmp_path, open_session, clock, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "list_sync.daemon")
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path, open_session, clock, monkeypatch)
    folder.policy = tmp_path / "config" / "lists.yaml"
    yield folder
    folder.changes.close()


def begin(folder, text=None, **variables):
    """Start as a daemon does, with this text in lists.yaml."""
    if text is not None:
        folder.policy.write_text(text)
    folder.begin(**variables)
    folder.session.use(read_joined(folder.session.settings, available_providers()))


def replace_by_rename(path, text):
    beside = path.with_name(".lists.yaml.swp")
    beside.write_text(text)
    beside.rename(path)


def truncate_then_write(path, text):
    path.write_text("")
    path.write_text(text)


@pytest.mark.parametrize("write", [replace_by_rename, truncate_then_write])
def test_a_good_edit_holds_from_the_next_run_and_its_new_lists_are_synced_at_once(folder, caplog, write):
    begin(folder, "lists: [file:films.json]")

    write(folder.policy, "lists: [{source: file:films.json, priority: 3}, file:more.json]\ncaps: {per_run: 7}")

    assert folder.settle() == ["file:more.json"]
    assert folder.session.settings.policy.caps.per_run == 7
    told = f"{folder.policy} changed: 1 new list: file:more.json; other terms of file:films.json; other caps"
    assert caplog.messages.count(told) == 1
    assert folder.settle() == []


def test_a_file_that_appears_is_read_and_tells_what_it_replaces(folder, caplog):
    begin(folder, FILE_LISTS="films.json", MAX_REQUESTS_PER_DAY="10")

    folder.policy.write_text("lists: [file:more.json]\ncaps: {per_day: 20}")

    assert folder.settle() == ["file:more.json"]
    assert [ref.name for ref in folder.session.settings.household.lists] == ["file:more.json", "file:films.json"]
    assert "lists.yaml replaces MAX_REQUESTS_PER_DAY (10): 20" in caplog.messages


def test_a_broken_edit_keeps_the_policy_and_every_fault_is_told_once_until_it_is_mended(folder, caplog):
    begin(folder, "lists: [file:films.json]\ncaps: {per_run: 7}")
    before = folder.session.settings

    folder.policy.write_text(BROKEN)
    assert folder.settle() == []
    folder.policy.write_text(f"{BROKEN}\n")
    assert folder.settle() == []

    assert folder.session.settings is before
    assert "; ".join(line for line in caplog.messages if "lists.yaml:" in line) == find_trouble(folder.heartbeat)
    assert find_trouble(folder.heartbeat).startswith(f"the policy stays as it was: {folder.policy}:2:")
    assert f"{folder.policy}:3:" in find_trouble(folder.heartbeat)

    folder.policy.write_text("lists: [file:films.json]\ncaps: {per_run: 8}")
    assert folder.settle() == []
    assert folder.session.settings.policy.caps.per_run == 8
    assert find_trouble(folder.heartbeat) == ""


def test_a_file_that_is_gone_or_renamed_keeps_the_policy_and_is_told_until_it_is_back(folder, caplog):
    begin(folder, "lists: [file:films.json]")
    before = folder.session.settings

    folder.policy.unlink()
    assert folder.settle() == []
    assert folder.session.settings is before
    assert f"{folder.policy} is gone: put it back, or restart" in find_trouble(folder.heartbeat)

    folder.policy.with_suffix(".yml").write_text("lists: []")
    assert folder.settle() == []
    assert "lists.yml: rename it to lists.yaml" in find_trouble(folder.heartbeat)

    folder.policy.with_suffix(".yml").unlink()
    folder.policy.write_text("lists: [file:films.json]")
    assert folder.settle() == []
    assert find_trouble(folder.heartbeat) == ""
    assert caplog.messages[-1] == f"{folder.policy} is right again"


def test_a_list_whose_provider_was_missing_is_synced_once_the_provider_is_there(folder):
    begin(folder, "lists: [file:films.json]")
    folder.policy.write_text("lists: [file:films.json, mine_later:films]")
    assert folder.settle() == []
    assert "mine_later" in find_trouble(folder.heartbeat)

    (folder.providers / "later.py").write_text(PROVIDER.replace("mine", "mine_later"))
    (folder.providers / "_titles.py").write_text("TITLES = []")

    assert folder.settle() == ["mine_later:films"]
    assert find_trouble(folder.heartbeat) == ""


def test_other_lists_of_the_environment_keep_the_terms_of_the_file(folder, tmp_path):
    lists = tmp_path / "lists.txt"
    lists.write_text("films.json\n")
    begin(folder, "lists: [{source: file:films.json, priority: 3}]", FILE_LISTS_FILE=str(lists))

    lists.write_text("films.json\nmore.json\n")

    assert folder.settle() == ["file:more.json"]
    priorities = {ref.name: ref.terms.priority for ref in folder.session.settings.household.lists}
    assert priorities == {"file:films.json": 3, "file:more.json": 0}
