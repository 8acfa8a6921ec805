"""config.enc, the encrypted file of secrets: opened with a passphrase or with the random key in a file beside it.

Every change replaces the whole file, under a lock that all processes share.
"""

import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from list_sync.config.environment import KEY_NAME as KEY_NAME
from list_sync.config.environment import LARGEST_BYTES as LARGEST_BYTES
from list_sync.config.sealing import Header, KeyKind, parse_header, seal, unseal
from list_sync.config.secrets import describe_owner
from list_sync.errors import SecretsUnreadable, StorageError, WrongPassphrase
from list_sync.files.lock import FileLock
from list_sync.files.modes import SECRET_MODE, create_beside, make_folder, replace_file
from list_sync.files.opening import read_file

__all__ = ["EncryptedStore", "open_encrypted"]

logger = logging.getLogger(__name__)

# Longer than the exchange of a log-in with its service may take, which happens under the lock.
LOCK_TIMEOUT_SECONDS = 150.0


def open_encrypted(path: Path, passphrase: str | None) -> "EncryptedStore":
    """Return the store at `path`, which may not exist yet; without a passphrase, the key file beside it is used.

    Raise WrongPassphrase or SecretsUnreadable.
    """
    store = EncryptedStore(path, passphrase)
    store.load()
    return store


class EncryptedStore:
    """Names and values in an encrypted file; safe for threads, and every read sees the changes of other processes."""

    def __init__(
        self, path: Path, passphrase: str | None, *, lock_timeout_seconds: float = LOCK_TIMEOUT_SECONDS
    ) -> None:
        self.path = path
        self._lock_timeout_seconds = lock_timeout_seconds
        self._passphrase = passphrase or None
        self._threads = threading.RLock()
        self._depth = 0
        self._lock = FileLock(path.with_name(f".{path.name}.lock"), explain=self._unwritable)
        self._keys: dict[bytes, bytes] = {}

    def __repr__(self) -> str:
        return f"EncryptedStore({str(self.path)!r})"

    def names(self) -> tuple[str, ...]:
        """Return the names of all stored values."""
        return tuple(sorted(self.load()))

    def set(self, values: Mapping[str, str]) -> None:
        """Store all of the values, or none of them on failure."""
        with self.locked():
            self._save({**self.load(), **values}, self._header_to_write())

    def begin_anew(self, values: Mapping[str, str]) -> None:
        """Replace everything in the file by these values, even if the file cannot be opened."""
        with self.locked():
            self._save(values, self._new_header())

    def delete(self, names: Iterable[str]) -> None:
        """Remove values; ignore names that are not there."""
        gone = set(names)
        with self.locked():
            known = self.load()
            if gone & set(known):
                kept = {name: value for name, value in known.items() if name not in gone}
                self._save(kept, self._header_to_write())

    def load(self) -> dict[str, str]:
        """Return all names and values."""
        content = self.read()
        if content is None:
            return {}
        header = parse_header(content, self.path)
        return unseal(content, self._key(header), self.path, advice=self._advice(header.kind))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the store against changes by other threads and processes; raise StorageError if that fails."""
        with self._threads:
            self._depth += 1
            try:
                self._take_lock()
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._lock.release()

    def check_writable(self) -> None:
        """Raise StorageError if no change can be stored now; call this before you ask for a token that comes once."""
        with self.locked():
            temporary = None
            try:
                descriptor, temporary = create_beside(self.path, SECRET_MODE)
                # An empty file can be made on a full disk, too.
                with os.fdopen(descriptor, "wb") as file:
                    file.write(bytes(4096))
            except OSError as error:
                raise self._unwritable(error) from error
            finally:
                if temporary is not None:
                    temporary.unlink()

    def read(self) -> bytes | None:
        """Return the bytes of the file, None if there is none; raise SecretsUnreadable."""
        try:
            content = read_file(self.path, LARGEST_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except IsADirectoryError:
            raise SecretsUnreadable(f"{self.path} is a folder, not a file: remove it") from None
        except PermissionError:
            raise SecretsUnreadable(f"{self.path} may not be read; {describe_owner(str(self.path))}") from None
        except OSError as error:
            raise SecretsUnreadable(f"{self.path} cannot be read ({error.strerror})") from None
        if len(content) > LARGEST_BYTES:
            raise SecretsUnreadable(f"{self.path} is too large to be ListSync's: put the right file back")
        return content

    def _key(self, header: Header) -> bytes:
        known = header.to_bytes()
        if known not in self._keys:
            self._keys[known] = header.derive_key(self._secret(header.kind))
        return self._keys[known]

    def _secret(self, kind: KeyKind) -> str:
        if kind is KeyKind.KEY_FILE:
            return self._read_key_file()
        if self._passphrase is None:
            raise WrongPassphrase(f"{self.path} cannot be opened: set CONFIG_PASSPHRASE, with which it was made")
        return self._passphrase

    def _advice(self, kind: KeyKind) -> str:
        if kind is KeyKind.KEY_FILE:
            return f"{self._key_path} is not the key that it was made with: put back the one from the same backup"
        return "CONFIG_PASSPHRASE is not the passphrase that it was made with"

    @property
    def _key_path(self) -> Path:
        return self.path.with_name(KEY_NAME)

    def _read_key_file(self) -> str:
        try:
            return read_file(self._key_path, LARGEST_BYTES).decode("ascii").strip()
        except (FileNotFoundError, IsADirectoryError):
            advice = f"its key {self._key_path} is gone: put back the one from the same backup"
        except PermissionError:
            advice = f"{self._key_path} may not be read; {describe_owner(str(self._key_path))}"
        except (OSError, ValueError):
            advice = f"its key {self._key_path} cannot be read: put back the one from the same backup"
        raise WrongPassphrase(f"{self.path} cannot be opened: {advice}")

    def _save(self, values: Mapping[str, str], header: Header) -> None:
        self._put(seal(values, header, self._key(header)), self.path)

    def _header_to_write(self) -> Header:
        """Return the header of the file if it is sealed in the wanted way, else a new one."""
        content = self.read()
        if content is not None:
            header = parse_header(content, self.path)
            if header.kind is self._wanted_kind:
                return header
        return self._new_header()

    @property
    def _wanted_kind(self) -> KeyKind:
        return KeyKind.KEY_FILE if self._passphrase is None else KeyKind.PASSPHRASE

    def _new_header(self) -> Header:
        wanted = self._wanted_kind
        if wanted is KeyKind.KEY_FILE and not self._key_path.exists():
            self._put(f"{secrets.token_urlsafe(32)}\n".encode(), self._key_path)
            logger.warning(
                "CONFIG_PASSPHRASE is not set: %s is opened by the key in %s; keep both files together in backups",
                self.path,
                self._key_path,
            )
        return Header.new(wanted)

    def _put(self, content: bytes, path: Path) -> None:
        try:
            replace_file(path, content, SECRET_MODE)
        except OSError as error:
            raise self._unwritable(error) from error

    def _take_lock(self) -> None:
        try:
            make_folder(self.path.parent)
        except OSError as error:
            raise self._unwritable(error) from error
        if not self._lock.acquire(timeout_seconds=self._lock_timeout_seconds):
            raise StorageError(f"{self.path} is in use by another ListSync: wait for it, or end it")

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self.path} cannot be written ({error.strerror}): give the user that runs ListSync (uid {os.geteuid()})"
            f" write access to {self.path.parent} (DATA_DIR)"
        )
