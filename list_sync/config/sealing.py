"""The bytes of config.enc: a header with salt and costs, a Fernet token, and a checksum."""

import base64
import hashlib
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from list_sync.errors import SecretsUnreadable, WrongPassphrase

MAGIC = b"ListSync secrets"
VERSION = 1
SALT_BYTES = 16
CHECKSUM_BYTES = hashlib.sha256().digest_size
_HEADER = struct.Struct(f">{len(MAGIC)}sBBBBB{SALT_BYTES}s")
# Every token of Fernet begins so, its version and the high half of its time being what they are until the year 2106.
_LEGACY_START = b"gAAAAA"
# The header counts before the key is known, so anyone can write one. 64 MB and half a second leave room above ours.
_MOST_LOG_COST, _MOST_BLOCKS, _MOST_LANES = 16, 8, 4


class KeyKind(IntEnum):
    """How a file was sealed: with a passphrase of the user, or with the random key in the file beside it."""

    PASSPHRASE = 1
    KEY_FILE = 2


# The OWASP advice for passphrases (32 MB, a sixth of a second); a random key needs no stretching.
_COSTS = {KeyKind.PASSPHRASE: (15, 8, 3), KeyKind.KEY_FILE: (10, 8, 1)}


@dataclass(frozen=True, slots=True)
class Header:
    """The values that make the key together with the secret; scrypt takes all of them as salt."""

    kind: KeyKind
    log_cost: int
    blocks: int
    lanes: int
    salt: bytes

    @classmethod
    def new(cls, kind: KeyKind) -> Self:
        """Return a header with the current costs and a new salt."""
        return cls(kind, *_COSTS[kind], os.urandom(SALT_BYTES))

    def to_bytes(self) -> bytes:
        """Return the header as bytes of the file."""
        return _HEADER.pack(MAGIC, VERSION, self.kind, self.log_cost, self.blocks, self.lanes, self.salt)

    def derive_key(self, secret: str) -> bytes:
        """Return the key made from a passphrase or from the content of the key file."""
        kdf = Scrypt(salt=self.to_bytes(), length=32, n=2**self.log_cost, r=self.blocks, p=self.lanes)
        return kdf.derive(secret.encode())


def is_legacy(content: bytes) -> bool:
    """Return whether a file is the config.enc of ListSync 0.6.x."""
    return content.startswith(_LEGACY_START)


def parse_header(content: bytes, path: Path) -> Header:
    """Return the header of a file; raise SecretsUnreadable if the file is damaged or not ours."""
    if is_legacy(content):
        raise SecretsUnreadable(
            f"{path} was made by ListSync 0.6.x: run `list-sync import`, which takes it over with all that is in the"
            " folder; if no list_sync.db of 0.6 is there, run `list-sync config encrypt`"
        )
    if not content.startswith(MAGIC[: len(content)]):
        raise SecretsUnreadable(f"{path} is no file of ListSync's: move it away, or put the right one back")
    body, checksum = content[:-CHECKSUM_BYTES], content[-CHECKSUM_BYTES:]
    if len(body) < _HEADER.size or hashlib.sha256(body).digest() != checksum:
        raise SecretsUnreadable(f"{path} is damaged (cut off, or changed): put a copy of it back")
    _, version, kind, log_cost, blocks, lanes, salt = _HEADER.unpack(body[: _HEADER.size])
    costs = (0 < log_cost <= _MOST_LOG_COST, 0 < blocks <= _MOST_BLOCKS, 0 < lanes <= _MOST_LANES)
    if version != VERSION or kind not in tuple(KeyKind):
        raise SecretsUnreadable(f"{path} was made by another version of ListSync (form {version}): use that one")
    if not all(costs):
        raise SecretsUnreadable(f"{path} asks for more memory or time than a file of ListSync's: put a copy of it back")
    return Header(KeyKind(kind), log_cost, blocks, lanes, salt)


def seal(values: Mapping[str, str], header: Header, key: bytes) -> bytes:
    """Return the bytes of a file that holds the values."""
    plain = json.dumps(dict(sorted(values.items())), ensure_ascii=True).encode()
    # Raw bytes, because several base64 texts stand for the same bytes.
    token = base64.urlsafe_b64decode(_fernet(key).encrypt(plain))
    body = header.to_bytes() + token
    return body + hashlib.sha256(body).digest()


def unseal(content: bytes, key: bytes, path: Path, *, advice: str) -> dict[str, str]:
    """Return the values of a file that parse_header has passed; raise WrongPassphrase with `advice` for another key."""
    token = base64.urlsafe_b64encode(content[_HEADER.size : -CHECKSUM_BYTES])
    try:
        values = json.loads(_fernet(key).decrypt(token))
    except InvalidToken:
        raise WrongPassphrase(f"{path} cannot be opened: {advice}") from None
    except ValueError:
        values = None
    return expect_texts(values, path)


def expect_texts(values: object, path: Path) -> dict[str, str]:
    """Return the decrypted names and texts; raise SecretsUnreadable for anything else."""
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise SecretsUnreadable(f"{path} holds something other than settings: put a copy of it back")
    return values


def _fernet(key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(key))
