import gzip
import io
import shutil
import tarfile
import threading
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from list_sync.backups.archive import write_archive
from list_sync.backups.unpacking import Wanted, unpack
from list_sync.database.known_backups import MANIFEST_NAME, Manifest, Member
from list_sync.database.store import open_store
from list_sync.errors import StorageError
from tests.builders import NOON

WANTED = Wanted("list_sync.db", {"config.enc": 1000, ".config_key": 100, ".env": 100})
SQLITE = b"SQLite format 3\0"


def pack(path, *members, mode="w:gz", **more):
    with tarfile.open(path, mode, **more) as archive:
        for name, content in members:
            member = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = member.size or len(content or b"")
            archive.addfile(member, io.BytesIO(content) if content is not None else None)
    return path


def special(name, kind, linkname="", size=0):
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, linkname, size
    return member


def take(source, folder, wanted=WANTED):
    """Unpack into a new folder; return its files."""
    folder = folder / f"new-{len(list(folder.iterdir()))}"
    folder.mkdir()
    unpack(source, folder, wanted)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def message_of(source, folder, wanted=WANTED):
    with pytest.raises(StorageError) as caught:
        take(source, folder, wanted)
    assert str(source) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def archive(path, tmp_path):
    others = {"config.enc": b"sealed", ".config_key": b"key", ".env": b"A=1"}
    write_archive(tmp_path / "a.tar.gz", database=path, others=others, program="1.0", made_at=NOON)
    return tmp_path / "a.tar.gz"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    database = folder / "list_sync.db"
    open_store(database).close()
    write_archive(folder / "a.tar.gz", database=database, others={".env": b"A=1"}, program="1.0", made_at=NOON)
    return folder / "a.tar.gz"


def test_an_archive_of_ours_gives_back_what_was_put_in(archive, path, tmp_path):
    found = take(archive, tmp_path)

    assert found.keys() == {"list_sync.db", "config.enc", ".config_key", ".env"}
    assert found["config.enc"] == b"sealed"
    assert found["list_sync.db"].startswith(SQLITE)


def test_the_archive_of_the_guide_is_taken(tmp_path):
    source = pack(
        tmp_path / "g.tar.gz",
        (special("20261122_120000", tarfile.DIRTYPE), None),
        ("20261122_120000/list_sync.db", b"database"),
        ("20261122_120000/config.enc", b"sealed"),
        ("20261122_120000/notes.txt", b"mine"),
    )

    assert take(source, tmp_path) == {"list_sync.db": b"database", "config.enc": b"sealed"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("prefix", ["", "./", "data/", "./data/"])
def test_a_data_folder_that_was_packed_as_it_is_gives_its_own_database(tmp_path, prefix, form):
    source = pack(
        tmp_path / "d.tar.gz",
        (f"{prefix}demo/list_sync.db", b"of the demo"),
        (f"{prefix}list_sync.db", b"database"),
        (f"{prefix}list_sync.db-wal", b"log"),
        (f"{prefix}{'ü' * 60}/{'x' * 90}.json", b"[]"),
        format=form,
    )

    assert take(source, tmp_path) == {"list_sync.db": b"database", "list_sync.db-wal": b"log"}


def test_a_bare_database_is_taken_with_its_log_and_nothing_of_its_folder_is_changed(tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    for name, content in {"db.pre": SQLITE, "db.pre-wal": b"log", "db.pre-shm": b"shared", "other": b""}.items():
        (folder / name).write_bytes(content)

    assert take(folder / "db.pre", tmp_path) == {"list_sync.db": SQLITE, "list_sync.db-wal": b"log"}
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize("content", [b"", b"x", b"PK\3\4", b"SQLite format 3", b"\x1f"])
def test_what_is_neither_is_no_backup(tmp_path, content):
    source = tmp_path / "file"
    source.write_bytes(content)

    assert message_of(source, tmp_path) == (
        f"{source} is not a backup: neither a .tar.gz of `list-sync backup` nor a database"
    )


@pytest.mark.parametrize(
    ("member", "finding"),
    [
        (("/etc/list_sync.db", b"x"), "leads out of its folder"),
        (("../list_sync.db", b"x"), "leads out of its folder"),
        (("a/../../config.enc", b"x"), "leads out of its folder"),
        ((special("config.enc", tarfile.SYMTYPE, "/etc/passwd"), None), "is a link or not a plain file"),
        ((special("config.enc", tarfile.LNKTYPE, "list_sync.db"), None), "is a link or not a plain file"),
        ((special("list_sync.db", tarfile.CHRTYPE), None), "is a link or not a plain file"),
        ((special("pipe", tarfile.FIFOTYPE), None), "is a link or not a plain file"),
        ((special("odd", b"Z"), None), "is a link or not a plain file"),
        (("list_sync.db", b"again"), "holds list_sync.db twice"),
        (("./list_sync.db", b"again"), "holds ./list_sync.db twice"),
        (("config.enc", b"x" * 1001), "config.enc in it is larger than such a file can be"),
        (("list-sync-backup.json", b"{}"), "list-sync-backup.json in it cannot be read"),
    ],
)
def test_a_member_that_could_do_harm_is_refused(tmp_path, member, finding):
    source = pack(tmp_path / "a.tar.gz", ("list_sync.db", b"database"), member)

    assert finding in message_of(source, tmp_path)


def test_an_archive_without_a_database_and_one_with_two_are_refused(tmp_path):
    none = pack(tmp_path / "none.tar.gz", ("config.enc", b"x"), ("a/b/list_sync.db", b"too deep"))
    two = pack(tmp_path / "two.tar.gz", ("a/list_sync.db", b"x"), ("b/list_sync.db", b"x"))

    assert "there is no list_sync.db in it" in message_of(none, tmp_path)
    assert "holds several databases" in message_of(two, tmp_path)


def test_too_many_members_are_not_counted_to_the_end(tmp_path):
    source = pack(tmp_path / "a.tar.gz", *((f"{number}", b"") for number in range(10_002)))

    assert "holds more than 10,000 files" in message_of(source, tmp_path)


def test_a_small_archive_that_grows_without_end_is_not_unpacked(tmp_path):
    wanted = Wanted("list_sync.db", {}, total=20 * 1024**2)
    wide = pack(tmp_path / "wide.tar.gz", ("list_sync.db", b"x"), ("zeros", bytes(30 * 1024**2)))
    tail = tmp_path / "tail.tar.gz"
    with gzip.open(pack(tmp_path / "x", ("list_sync.db", b"x"))) as packed:
        tail.write_bytes(gzip.compress(packed.read() + bytes(30 * 1024**2)))

    assert "it would grow beyond" in message_of(wide, tmp_path, wanted)
    assert "is damaged" in message_of(tail, tmp_path, wanted)


def test_a_header_as_large_as_the_memory_is_not_read(tmp_path):
    size = 4 * 1024**2
    words = f"{size} comment=".encode()
    source = tmp_path / "a.tar.gz"
    with gzip.open(source, "wb") as packed:
        packed.write(special("x", tarfile.XHDTYPE, size=size).tobuf())
        packed.write(words + b"x" * (size - len(words) - 1) + b"\n")
        packed.write(special("list_sync.db", tarfile.REGTYPE).tobuf() + bytes(1024))
    with tarfile.open(source) as readable:
        assert readable.getnames() == ["list_sync.db"]

    assert "is damaged" in message_of(source, tmp_path)


SPARSE = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}


def a_map_of_holes():
    """Return the headers of a file whose map of holes never ends."""
    member = tarfile.TarInfo("x")
    member.pax_headers = SPARSE
    return member.tobuf(tarfile.PAX_FORMAT) + b"900000000\n" + b"1\n" * 1_500_000


def a_chain_of_holes():
    """Return the headers of a file in the older form, each of which says that another one follows."""
    first = bytearray(special("x", tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT))
    first[482] = 1
    first[148:156] = b"%06o\0 " % tarfile.calc_chksums(bytes(first))[0]
    further = b"%011o\0" % 8 * 42 + b"\1" + bytes(7)
    return bytes(first) + further * 6_000


def a_long_number():
    """Return a header whose digits take hours with the expression that Python 3.11.7 has for them."""
    digits = b"1" * 500_000
    return special("x", tarfile.XHDTYPE, size=len(digits)).tobuf() + digits + bytes(-len(digits) % 512)


@pytest.mark.parametrize("build", [a_map_of_holes, a_chain_of_holes, a_long_number])
def test_headers_that_take_memory_or_time_without_end_are_not_read_to_their_end(tmp_path, build):
    source = tmp_path / "a.tar.gz"
    with gzip.open(source, "wb") as packed:
        packed.write(build())
        packed.write(special("list_sync.db", tarfile.REGTYPE).tobuf() + bytes(1024))
    tracemalloc.start()
    try:
        message = message_of(source, tmp_path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert "is damaged" in message
    assert most < 12_000_000


def test_a_chain_of_headers_does_not_exhaust_the_stack(tmp_path):
    source = tmp_path / "a.tar.gz"
    with gzip.open(source, "wb") as packed:
        packed.write(special("x", tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT) * 5_000)

    assert "is damaged" in message_of(source, tmp_path)


@pytest.mark.parametrize("size", [-512, -1024, -(2**40)])
def test_sizes_below_zero_do_not_lead_round_in_a_circle(tmp_path, size):
    source = tmp_path / "a.tar.gz"
    with gzip.open(source, "wb") as packed:
        packed.write(special("list_sync.db", tarfile.REGTYPE).tobuf())
        for _ in range(4):
            packed.write(special("other", tarfile.REGTYPE, size=size).tobuf(tarfile.GNU_FORMAT))

    assert "is damaged" in message_of(source, tmp_path)


def test_a_file_in_a_folder_may_be_as_large_as_one_in_an_archive(tmp_path):
    source = tmp_path / "backup"
    source.mkdir()
    (source / "list_sync.db").write_bytes(SQLITE)
    (source / "config.enc").write_bytes(bytes(1001))

    assert "config.enc is not restored: it is larger than such a file can be" in message_of(source, tmp_path)


def test_a_database_for_which_there_is_no_room_is_not_unpacked(tmp_path):
    source = tmp_path / "list_sync.db"
    with source.open("wb") as file:
        file.write(SQLITE)
        file.truncate(shutil.disk_usage(tmp_path).free + 2**30)

    assert "MB are free: free some space" in message_of(source, tmp_path)


def test_a_file_that_is_missing_is_told_of(tmp_path):
    assert "cannot be read (No such file or directory)" in message_of(tmp_path / "missing", tmp_path)


def test_every_flipped_byte_is_noticed_or_makes_no_difference(tmp_path):
    empty = Member(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    manifest = Manifest(NOON, "1.0", 3, {"list_sync.db": empty}).to_bytes()
    whole = pack(tmp_path / "whole.tar.gz", (f"20/{MANIFEST_NAME}", manifest), ("20/list_sync.db", b"")).read_bytes()
    harmless = []
    for place in range(len(whole)):
        for mask in (0x01, 0x10, 0xFF):
            flipped = bytearray(whole)
            flipped[place] ^= mask
            source = tmp_path / "flipped.tar.gz"
            source.write_bytes(flipped)
            try:
                found = take_again(source, tmp_path)
            except StorageError:
                continue
            assert found == {"list_sync.db": b""}
            harmless.append(place)
    assert len(harmless) < 60, "the header of gzip has a time and a file name, its last byte unused bits"


def names_in(folder):
    return {path.name for path in folder.iterdir()}


def take_again(source, folder):
    place = folder / "again"
    place.mkdir(exist_ok=True)
    for path in place.iterdir():
        path.unlink()
    unpack(source, place, WANTED)
    return {path.name: path.read_bytes() for path in place.iterdir()}


@given(st.data())
def test_a_damaged_archive_is_noticed_or_gives_the_same_files(small, tmp_path_factory, data):
    folder = tmp_path_factory.getbasetemp()
    whole = small.read_bytes()
    content = data.draw(damages(whole))
    source = folder / f"damaged-{threading.get_ident()}.tar.gz"
    source.write_bytes(content)

    try:
        found = take_again(source, folder)
    except StorageError:
        return
    assert found == take_again(small, folder)


def damages(whole):
    places = st.integers(0, len(whole) - 1)
    flips = st.builds(
        lambda place, mask: whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :],
        places,
        st.integers(1, 255),
    )
    cuts = places.map(lambda place: whole[:place])
    gaps = st.builds(lambda one, two: whole[: min(one, two)] + whole[max(one, two) :], places, places)
    tails = st.binary(min_size=1, max_size=100).map(lambda tail: whole + tail)
    return st.one_of(flips, cuts, gaps, tails)


names = st.one_of(
    st.sampled_from(
        ["list_sync.db", "a/list_sync.db", "/list_sync.db", "../x", "config.enc", ".", "", "list_sync.db/"]
    ),
    st.text(max_size=120),
)
kinds = st.sampled_from([bytes([byte]) for byte in b"0\x00123456789xgLKSVZ"])
members = st.builds(
    special, names, kinds, st.text(max_size=10), st.one_of(st.integers(-(2**40), 2**40), st.integers(0, 2000))
)


@given(
    st.lists(st.tuples(members, st.binary(max_size=1500)), max_size=5),
    st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    st.booleans(),
)
@example([(special("list_sync.db", b"0", size=5), b"12345")], tarfile.GNU_FORMAT, True)
def test_no_archive_whatever_writes_anything_but_the_files_that_are_wanted(tmp_path_factory, content, form, ended):
    folder = tmp_path_factory.mktemp("hostile")
    source = folder / "hostile.tar.gz"
    with gzip.open(source, "wb", compresslevel=1) as packed:
        for member, text in content:
            try:
                header = member.tobuf(form, errors="surrogateescape")
            except (ValueError, OverflowError, UnicodeError):
                continue
            packed.write(header + text + bytes(-len(text) % 512))
        packed.write(bytes(1024 if ended else 0))
    place = folder / "place"
    place.mkdir()

    try:
        unpack(source, place, WANTED)
    except StorageError:
        found = names_in(place)
    else:
        found = names_in(place)
        assert "list_sync.db" in found
    assert found <= {"list_sync.db", "list_sync.db-wal", "config.enc", ".config_key", ".env", "list-sync-backup.json"}
    assert names_in(folder) == {"hostile.tar.gz", "place"}
    assert all((place / name).is_file() and not (place / name).is_symlink() for name in found)
