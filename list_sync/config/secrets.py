"""The files that NAME_FILE settings name: secrets of Docker and Kubernetes."""

import codecs
import os
import stat
from pathlib import Path

from list_sync.files.opening import read_file

LARGEST_BYTES = 64 * 1024


def read_secret_file(name: str, path: str) -> str:
    """Return the stripped text of the file that the setting `name` names.

    Raise ValueError naming the setting, the file and the remedy: a secret that cannot be read must not be treated
    as "not set".
    """
    try:
        content = read_file(Path(path), LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise ValueError(f"{name}: there is no file {path}; create it, or mount it there") from None
    except IsADirectoryError:
        advice = "docker makes a folder where the file to mount was missing: create the file, then start again"
        raise ValueError(f"{name}: {path} is a folder, not a file; {advice}") from None
    except PermissionError:
        raise ValueError(f"{name}: {path} may not be read; {describe_owner(path)}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise ValueError(f"{name}: {path} cannot be read ({reason})") from None
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"{name}: {path} is larger than {LARGEST_BYTES // 1024} KB; it must hold only the value")
    text = decode(name, path, content).strip()
    if not text:
        content_wanted = "one list a line" if name.endswith("_LISTS_FILE") else "the value"
        raise ValueError(f"{name}: {path} is empty; write {content_wanted} into it")
    return text


def decode(name: str, path: str, content: bytes) -> str:
    """Return the text of the file without its byte order mark."""
    # Windows PowerShell 5 writes UTF-16 with a byte order mark for `echo … > file`.
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValueError(f"{name}: {path} is not a text file; write the value into it as UTF-8")
    return text


def describe_owner(path: str) -> str:
    """Say who owns a file, which user ListSync runs as, and which command makes the file readable."""
    user = os.getuid()
    try:
        status = Path(path).stat()
    except OSError:
        return f"one of its folders is closed to user {user}, who runs ListSync"
    mode = stat.S_IMODE(status.st_mode)
    return (
        f"it belongs to user {status.st_uid} with mode {mode:04o} and ListSync runs as user {user}: "
        f"chown {user} it, or chmod 0444 it"
    )
