"""Lists in files of the drop folder or at an address: JSON, CSV, RSS or plain ids, recognised by their content."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from list_sync.api.saved_lists.entries import SERVICE
from list_sync.api.saved_lists.files import FOLDER, load_list, unpack
from list_sync.api.saved_lists.recognise import parse_list
from list_sync.errors import InvalidListId
from list_sync.files.opening import find_inside
from list_sync.footprint import alone, take_turn
from list_sync.model.sources import Page
from list_sync.providers import FetchContext, add_route, register_provider


def check(list_id: str) -> None:
    """Raise InvalidListId unless the name is an http(s) address or stays inside the drop folder."""
    name = list_id.strip()
    if is_address(name):
        return
    if "://" in name:
        raise InvalidListId("only http:// and https:// addresses can be read")
    if not name or "\0" in name or ".." in PurePosixPath(name).parts or ".." in PureWindowsPath(name).parts:
        raise InvalidListId(f"write the name of a file in {FOLDER}, or an http(s) address")


def canonical(list_id: str) -> str:
    """Return a name without `.` and `..` in its path, or an address with its host in lower case."""
    name = list_id.strip()
    if not is_address(name):
        return PurePosixPath(name).as_posix()
    scheme, _, rest = name.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    account, at, place = host.rpartition("@")
    return f"{scheme.lower()}://{account}{at}{place.lower()}{rest[len(host) :]}"


def is_there(list_id: str, folder: Path) -> bool:
    """Return whether the drop folder holds a file of that name, or the archive that the name begins with."""
    try:
        path = resolve(list_id.strip(), folder)
        return path.is_file() or any(parent.is_file() for parent in path.parents)
    except (InvalidListId, OSError, ValueError):
        return False


@register_provider(
    SERVICE,
    description="JSON, CSV, RSS or plain ids: the name of a file in DATA_DIR/drop, or an http(s) address",
    check=check,
    canonical=canonical,
    is_there=is_there,
    route="file",
    serves=lambda list_id: not is_address(list_id),
    is_cached=False,
    terms="your own files; for an address those of its owner",
    limits="32 MB a document",
    spellings=("my-films.csv", "https://example.org/list.json"),
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the only page of the file."""
    path = resolve(list_id.strip(), context.drop_folder)
    take_turn()
    yield replace(parse_list(load_list(path)), route="drop folder")


@add_route(SERVICE, "address", serves=lambda list_id: is_address(list_id))
def fetch_address(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the only page of the document at the address."""
    answer = context.http.get(list_id.strip())
    with alone():
        page = parse_list(unpack(answer.content, "list.zip"), charset=answer.charset)
    yield replace(page, route="address")


def is_address(name: str) -> bool:
    """Return whether a list id is an address rather than the name of a file."""
    return name.strip().lower().startswith(("http://", "https://"))


def resolve(name: str, folder: Path | None) -> Path:
    """Return the path of the file with links resolved; raise InvalidListId if it is outside `folder`."""
    if folder is None:
        raise InvalidListId("files cannot be read here, only http(s) addresses")
    path = find_inside(name, folder)
    if path is None:
        raise InvalidListId(f"outside {FOLDER}: put the file there and write its name")
    return path
