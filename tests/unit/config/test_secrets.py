import os
import subprocess
import sys

import pytest

from list_sync.config.secrets import LARGEST_BYTES, read_secret_file

NAME = "OVERSEERR_API_KEY_FILE"


def refusal_of(path):
    with pytest.raises(ValueError, match=NAME) as refusal:
        read_secret_file(NAME, str(path))
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [b"abc123", b"abc123\n", b"abc123\r\n", b"\xef\xbb\xbfabc123\n", "abc123\n".encode("utf-16"), b"  abc123 "],
)
def test_a_secret_is_read_without_what_editors_add(tmp_path, content):
    file = tmp_path / "key"
    file.write_bytes(content)

    assert read_secret_file(NAME, str(file)) == "abc123"


def test_a_missing_file_is_named(tmp_path):
    assert f"there is no file {tmp_path / 'none'}" in refusal_of(tmp_path / "none")


def test_a_folder_in_place_of_a_file_is_explained(tmp_path):
    assert "docker makes a folder" in refusal_of(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_not_an_unset_secret(tmp_path, content):
    file = tmp_path / "key"
    file.write_bytes(content)

    assert "is empty" in refusal_of(file)


def test_a_file_too_large_for_a_secret_is_refused(tmp_path):
    file = tmp_path / "key"
    file.write_bytes(b"x" * (LARGEST_BYTES + 1))

    assert "larger than 64 KB" in refusal_of(file)


@pytest.mark.parametrize("content", [b"\xff\x00\x12", b"abc\0def", b"\xff\xfea"])
def test_a_binary_file_is_refused_without_showing_its_bytes(tmp_path, content):
    file = tmp_path / "key"
    file.write_bytes(content)

    assert "not a text file" in refusal_of(file)


def test_a_path_that_cannot_be_one_is_refused(tmp_path):
    file = tmp_path / "key"
    file.write_text("x")

    assert "cannot be read" in refusal_of(file / "below")
    assert "cannot be read" in refusal_of("\0")


def test_an_unreadable_file_is_explained_with_its_owner_and_ours(tmp_path):
    file = tmp_path / "key"
    file.write_text("hunter2")
    file.chmod(0o000)
    stranger = 65534 if os.getuid() == 0 else os.getuid()
    tmp_path.chmod(0o755)
    code = (
        "import sys; from list_sync.config.secrets import read_secret_file\n"
        "import os\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: read_secret_file('KEY_FILE', sys.argv[1])\n"
        "except ValueError as error: print(error)"
    )
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)

    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)

    assert f"belongs to user {os.getuid()} with mode 0000" in done.stdout
    assert f"runs as user {stranger}" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
