import base64
import hashlib
import json
import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from list_sync.config import load_settings
from list_sync.config.encrypted import EncryptedStore, open_encrypted
from list_sync.config.moving import unseal_legacy
from list_sync.config.sealing import Header, KeyKind, parse_header, seal, unseal
from list_sync.errors import ConfigError, SecretsUnreadable, StorageError, WrongPassphrase
from tests.fakes.patience import PATIENCE_SECONDS

PASSPHRASE = "correct horse battery staple"
SECRET = "s3cr3t-of-the-test"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config.enc"


def mode_of(file):
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE, "pässwörd 密码"])
def test_what_is_stored_is_read_again_and_the_file_is_ours_alone(path, passphrase, caplog):
    store = open_encrypted(path, passphrase)
    assert (store.load().get("A"), store.names(), path.exists()) == (None, (), False)

    store.set({"B": SECRET, "A": "ü\n1"})
    store.set({"C": "x"})
    store.delete(["C", "never there"])

    again = open_encrypted(path, passphrase)
    assert (again.load(), again.names()) == ({"A": "ü\n1", "B": SECRET}, ("A", "B"))
    assert mode_of(path) == 0o600
    assert SECRET.encode() not in path.read_bytes()
    assert SECRET not in repr(again) + str(vars(again)["path"]) + caplog.text


def test_without_a_passphrase_a_random_key_is_made_once_and_told_of_once(path, caplog):
    open_encrypted(path, None).set({"A": "1"})
    open_encrypted(path, None).set({"A": "2"})

    key = path.with_name(".config_key")
    assert mode_of(key) == 0o600
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "keep both files together in backups" in caplog.text
    assert key.read_text().strip() not in caplog.text
    assert not list(path.parent.glob("*.new"))


def test_a_wrong_passphrase_is_named_and_nothing_is_overwritten(path):
    open_encrypted(path, PASSPHRASE).set({"A": SECRET})
    before = path.read_bytes()

    for passphrase, advice in (
        ("mistaken", "CONFIG_PASSPHRASE is not the passphrase"),
        (None, "set CONFIG_PASSPHRASE"),
    ):
        with pytest.raises(WrongPassphrase, match=advice) as refusal:
            open_encrypted(path, passphrase)
        assert "mistaken" not in str(refusal.value)
    store = EncryptedStore(path, "mistaken")
    for change in (lambda: store.set({"A": "2"}), lambda: store.delete(["A"])):
        with pytest.raises(WrongPassphrase):
            change()
    assert path.read_bytes() == before


def test_a_passphrase_that_is_set_later_seals_the_next_change(path):
    open_encrypted(path, None).set({"A": SECRET})

    later = open_encrypted(path, PASSPHRASE)
    assert later.load()["A"] == SECRET
    later.set({"B": "2"})

    path.with_name(".config_key").unlink()
    assert open_encrypted(path, PASSPHRASE).names() == ("A", "B")
    with pytest.raises(WrongPassphrase, match="set CONFIG_PASSPHRASE"):
        open_encrypted(path, None)


@pytest.mark.parametrize(
    ("key", "advice"),
    [(None, "is gone"), ("another key\n", "put back the one from the same backup"), ("\xff", "cannot be read")],
)
def test_a_key_file_that_is_gone_or_another_one_is_named_and_not_made_anew(path, key, advice):
    open_encrypted(path, None).set({"A": SECRET})
    key_file = path.with_name(".config_key")
    key_file.unlink()
    if key is not None:
        key_file.write_text(key)
    before = path.read_bytes()

    with pytest.raises(WrongPassphrase, match=advice) as refusal:
        open_encrypted(path, None)

    assert str(key_file) in str(refusal.value)
    assert path.read_bytes() == before
    assert key_file.exists() is (key is not None)


SEALED_KEY = Header.new(KeyKind.KEY_FILE)
SEALED = seal({"A": SECRET, "B": "ü"}, SEALED_KEY, SEALED_KEY.derive_key("key"))


def read(content, path):
    header = parse_header(content, path)
    return unseal(content, header.derive_key("key"), path, advice="another key")


@given(place=st.integers(0, len(SEALED) - 1), flip=st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500)
def test_any_changed_byte_is_an_error_and_never_garbage(path, place, flip):
    changed = bytearray(SEALED)
    changed[place] ^= flip

    with pytest.raises((SecretsUnreadable, WrongPassphrase)) as refusal:
        read(bytes(changed), path)

    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(length=st.integers(0, len(SEALED) - 1), more=st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_that_is_cut_off_or_has_something_else_after_is_an_error(path, length, more):
    for content in (SEALED[:length], SEALED[:length] + more, SEALED + more + b"x"):
        if content != SEALED:
            with pytest.raises((SecretsUnreadable, WrongPassphrase)):
                read(content, path)


@given(content=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_foreign_file_is_an_error_and_stays_as_it_is(path, content):
    path.write_bytes(content)

    with pytest.raises((SecretsUnreadable, WrongPassphrase)):
        open_encrypted(path, None).set({"A": "1"})

    assert path.read_bytes() == content


@given(values=st.dictionaries(st.text(max_size=20), st.text(st.characters(exclude_categories=["Cs"]), max_size=50)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sealed_comes_out_the_same(path, values):
    assert read(seal(values, SEALED_KEY, SEALED_KEY.derive_key("key")), path) == values


@pytest.mark.parametrize("costs", [(17, 8, 1), (20, 8, 16), (15, 9, 1), (10, 8, 5), (255, 255, 255), (0, 8, 1)])
def test_costs_beyond_those_of_any_file_of_ours_are_refused_before_they_are_paid(path, costs):
    header = Header(KeyKind.KEY_FILE, *costs, salt=b"s" * 16).to_bytes() + b"t" * 100
    path.write_bytes(header + hashlib.sha256(header).digest())

    with pytest.raises(SecretsUnreadable, match="more memory or time"):
        open_encrypted(path, None)


def test_a_folder_in_place_of_the_file_is_named(path):
    path.mkdir()

    with pytest.raises(SecretsUnreadable, match="is a folder"):
        open_encrypted(path, None)


def test_a_folder_that_cannot_be_written_is_a_named_error_and_can_still_be_read(path):
    open_encrypted(path, PASSPHRASE).set({"A": SECRET})
    script = (
        "import sys; from pathlib import Path; from list_sync.config.encrypted import open_encrypted\n"
        "from list_sync.errors import StorageError\n"
        "store = open_encrypted(Path(sys.argv[1]), sys.argv[2]); print(store.names())\n"
        "for change in (lambda: store.set({'A': '2'}), store.check_writable):\n"
        "    try: change()\n"
        "    except StorageError as error: print(error)\n"
    )
    without_roots_rights = ["setpriv", "--bounding-set=-dac_override"] if os.getuid() == 0 else []
    path.parent.chmod(0o500)
    command = [*without_roots_rights, sys.executable, "-c", script, str(path), PASSPHRASE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True)
    path.parent.chmod(0o700)

    names, *refusals = done.stdout.splitlines()
    assert names == "('A',)"
    assert len(refusals) == 2
    assert all("write access to" in refusal and "(DATA_DIR)" in refusal for refusal in refusals)


def store_one_after_the_other(path, prefix, count):
    store = open_encrypted(path, PASSPHRASE)
    for number in range(count):
        store.set({f"{prefix}{number}": "x"})


def test_two_processes_do_not_lose_each_others_changes(path):
    spawning = multiprocessing.get_context("spawn")
    processes = [
        spawning.Process(target=store_one_after_the_other, args=(path, prefix, 15)) for prefix in ("A", "B", "C")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_SECONDS)

    assert len(open_encrypted(path, PASSPHRASE).names()) == 45


def test_a_process_killed_at_any_moment_leaves_a_whole_file(path):
    store = open_encrypted(path, None)
    store.set({"A": "1"})
    script = (
        "import sys; from pathlib import Path; from list_sync.config.encrypted import open_encrypted\n"
        "store = open_encrypted(Path(sys.argv[1]), None); print('ready', flush=True)\n"
        "for number in range(10**6): store.set({'B': 'x' * (number % 5000)})\n"
    )
    for round_ in range(8):
        with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(0.01 + 0.013 * round_)
            process.send_signal(signal.SIGKILL)
        assert open_encrypted(path, None).load().get("A") == "1"
    store.set({"A": "2"})
    assert {file.name for file in path.parent.iterdir()} == {"config.enc", ".config_key", ".config.enc.lock"}


def test_the_lock_is_waited_for_and_then_named(path):
    first, second = (EncryptedStore(path, PASSPHRASE, lock_timeout_seconds=0.1) for _ in range(2))

    with first.locked(), pytest.raises(StorageError, match="in use by another ListSync"):
        second.set({"A": "1"})
    second.set({"A": "1"})

    assert first.names() == ("A",)


def legacy_file(path, password, values):
    key = base64.urlsafe_b64encode(password.encode().ljust(32)[:32])
    path.write_bytes(Fernet(key).encrypt(json.dumps(values).encode()))
    return path


@pytest.mark.parametrize("password", ["short", "x" * 32, "longer than thirty-two characters, cut off there", "ü"])
def test_a_store_of_0_6_is_read_with_its_password(path, password):
    values = {"overseerr_url": "http://a:5055", "api_key": "k", "requester_user_id": "3", "other": 1}
    legacy_file(path, password, values)

    content = path.read_bytes()
    assert unseal_legacy(content, password, path) == {
        "OVERSEERR_URL": "http://a:5055",
        "OVERSEERR_API_KEY": "k",
        "OVERSEERR_USER_ID": "3",
    }
    with pytest.raises(WrongPassphrase, match="another one"):
        unseal_legacy(content, "no" + password, path)
    with pytest.raises(SecretsUnreadable, match=r"0\.6\.x"):
        open_encrypted(path, password)


def test_a_store_of_0_6_that_holds_no_settings_is_named(path):
    legacy_file(path, "x", ["no object"])

    with pytest.raises(SecretsUnreadable, match="holds something other than settings"):
        unseal_legacy(path.read_bytes(), "x", path)


def test_settings_come_from_the_store_below_the_environment_and_dotenv(tmp_path):
    open_encrypted(tmp_path / "config.enc", PASSPHRASE).set(
        {"OVERSEERR_API_KEY": "stored", "TMDB_KEY": "stored", "OVERSEERR_URL": "http://stored"}
    )
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"DATA_DIR={tmp_path}\nTMDB_KEY=dotenv\nOVERSEERR_URL=http://dotenv\n")

    settings = load_settings(
        {"CONFIG_PASSPHRASE": PASSPHRASE, "OVERSEERR_URL": "http://env"}, providers={}, dotenv=dotenv
    )

    assert settings.household.overseerr_api_key.get_secret_value() == "stored"
    assert settings.household.credentials["TMDB_KEY"].get_secret_value() == "dotenv"
    assert settings.household.overseerr_url == "http://env"
    assert PASSPHRASE not in repr(settings) + str(settings)
    assert settings.warnings == ()


def test_a_store_that_does_not_open_is_one_problem_among_the_others(tmp_path):
    open_encrypted(tmp_path / "config.enc", PASSPHRASE).set({"TMDB_KEY": "stored"})
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("wrong\n")
    env = {"DATA_DIR": str(tmp_path), "CONFIG_PASSPHRASE_FILE": str(passphrase), "MAX_WORKERS": "many"}

    with pytest.raises(ConfigError) as refusal:
        load_settings(env, providers={}, dotenv=None)

    assert [problem.split(" ")[0] for problem in refusal.value.problems] == [f"{tmp_path}/config.enc", "MAX_WORKERS:"]
    passphrase.write_text(PASSPHRASE)
    env["MAX_WORKERS"] = "2"
    assert (
        load_settings(env, providers={}, dotenv=None).household.credentials["TMDB_KEY"].get_secret_value() == "stored"
    )


def test_a_bad_value_in_the_store_says_where_it_is(tmp_path):
    open_encrypted(tmp_path / "config.enc", None).set({"OVERSEERR_USER_ID": "joe"})

    with pytest.raises(ConfigError, match=r"OVERSEERR_USER_ID \(from config\.enc\)"):
        load_settings({"DATA_DIR": str(tmp_path)}, providers={}, dotenv=None)


def test_a_folder_that_cannot_be_named_is_left_to_its_own_setting():
    with pytest.raises(ConfigError, match="DATA_DIR"):
        load_settings({"DATA_DIR": "~nobody-of-this-name/data"}, providers={}, dotenv=None)
