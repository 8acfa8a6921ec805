import gzip
import io
import os
import shutil
import tarfile
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from list_sync.database.known_backups import (
    MANIFEST_NAME,
    Manifest,
    Member,
    find_backups,
    find_manifest,
    parse_manifest,
)
from list_sync.database.schema import SCHEMA_VERSION
from tests.builders import NOON


def a_manifest(**more):
    members = {"list_sync.db": Member(4096, "ab" * 32)}
    return Manifest(**{"made_at": NOON, "program": "1.0", "schema": SCHEMA_VERSION, "members": members, **more})


def write_archive(path, *contents):
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def ours(path, **more):
    return write_archive(path, (f"20261122_120000/{MANIFEST_NAME}", a_manifest(**more).to_bytes()))


def names(folder):
    return [backup.path.relative_to(folder).as_posix() for backup in find_backups(folder)]


def test_a_new_folder_has_no_backups(tmp_path):
    assert find_backups(tmp_path) == ()
    assert find_backups(tmp_path / "missing") == ()


def test_backups_come_newest_first_from_both_places_and_of_both_kinds(path):
    folder = path.parent
    ours(folder / "first.tar.gz", made_at=NOON)
    ours(folder / "backups" / "third.tgz", made_at=NOON + timedelta(hours=2))
    copy = shutil.copy(path, folder / "list_sync.db.backup.3")
    second = (NOON + timedelta(hours=1)).timestamp()
    os.utime(copy, (second, second))

    assert names(folder) == ["backups/third.tgz", "list_sync.db.backup.3", "first.tar.gz"]
    assert [backup.made_at for backup in find_backups(folder)][-1] == NOON


def test_what_this_version_cannot_restore_is_no_backup(path):
    folder = path.parent
    ours(folder / "newer.tar.gz", schema=SCHEMA_VERSION + 1)
    write_archive(folder / "somebody's.tar.gz", ("notes.txt", b"mine"))
    (folder / "text.tar.gz").write_text("no archive")
    (folder / "cut.tar.gz").write_bytes(ours(folder / "whole").read_bytes()[:40])
    (folder / "list_sync.db.backup.2").write_text("no database")
    (folder / "folder.tar.gz").mkdir()

    assert names(folder) == []


def test_looking_changes_nothing(path):
    shutil.copy(path, path.with_name("list_sync.db.backup.3"))
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}

    assert names(path.parent) == ["list_sync.db.backup.3"]
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_large_archive_is_read_no_further_than_its_manifest(tmp_path):
    whole = ours(tmp_path / "large.tar.gz").read_bytes()
    beginning = gzip.decompress(whole)[:2048]
    (tmp_path / "large.tar.gz").write_bytes(gzip.compress(beginning + os.urandom(1_000_000))[:-1000])

    assert names(tmp_path) == ["large.tar.gz"]


@given(
    st.builds(
        a_manifest,
        made_at=st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)),
        program=st.text(),
        schema=st.integers(),
        members=st.dictionaries(st.text(), st.builds(Member, st.integers(), st.text())),
    )
)
def test_a_manifest_says_what_was_written_into_it(manifest):
    assert parse_manifest(manifest.to_bytes()) == manifest


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 60_000, b'{"made_by": "list-sync", "form": 2}']
)
def test_other_texts_are_no_manifest(content):
    with pytest.raises(ValueError):  # noqa: PT011
        parse_manifest(content)


def test_any_file_may_be_asked_for_its_manifest(tmp_path):
    assert find_manifest(tmp_path) is None
    assert find_manifest(tmp_path / "missing") is None
    assert find_manifest(ours(tmp_path / "a.tar.gz")).made_at == datetime(2026, 11, 22, 12, tzinfo=UTC)
