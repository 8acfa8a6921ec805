"""Lists in files of the drop folder or at an address: JSON, CSV or plain ids, recognised by what is in them."""

import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from list_sync.api.exports.entries import SERVICE
from list_sync.api.exports.recognise import parse_list
from list_sync.errors import InvalidListId, Refused, ResourceNotFound, UnexpectedResponse
from list_sync.model.sources import Page
from list_sync.providers import FetchContext, register_provider

MAX_BYTES = 32 * 1024 * 1024
_FOLDER = "the drop folder (DATA_DIR/drop)"


def check(list_id: str) -> None:
    """Raise InvalidListId unless the name is an http(s) address or stays inside the drop folder."""
    name = list_id.strip()
    if is_address(name):
        return
    if "://" in name:
        raise InvalidListId("only http:// and https:// addresses can be read")
    if not name or "\0" in name or ".." in PurePosixPath(name).parts or ".." in PureWindowsPath(name).parts:
        raise InvalidListId(f"write the name of a file in {_FOLDER}, or an http(s) address")


@register_provider(
    SERVICE,
    description="JSON, CSV or plain ids: the name of a file in DATA_DIR/drop, or an http(s) address",
    check=check,
)
def fetch(list_id: str, *, context: FetchContext) -> Iterator[Page]:
    """Yield the one page that the file or the document at the address holds."""
    name = list_id.strip()
    if is_address(name):
        content, route = context.http.get(name).content, "address"
    else:
        content, route = load_file(resolve(name, context.drop_folder)), "drop folder"
    page = parse_list(content)
    yield Page(page.items, total=page.total, unsupported=page.unsupported, route=route)


def is_address(name: str) -> bool:
    """Tell whether a list id is an address rather than the name of a file."""
    return name.lower().startswith(("http://", "https://"))


def resolve(name: str, folder: Path | None) -> Path:
    """Return where the file is; raise InvalidListId for one outside `folder`, links followed."""
    if folder is None:
        raise InvalidListId("files cannot be read here, only http(s) addresses")
    try:
        root = folder.resolve()
        path = (root / name).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidListId(f"not the name of a file in {_FOLDER}") from error
    if path == root or not path.is_relative_to(root):
        raise InvalidListId(f"outside {_FOLDER}: put the file there and write its name")
    return path


def load_file(path: Path) -> bytes:
    """Return the bytes of a file; raise the named error for one that is missing, unreadable or too large."""
    try:
        # Opening a pipe would wait for ever, so the kind comes first.
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidListId(f'"{path.name}" is not a file: write the name of one file')
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ResourceNotFound(SERVICE, f"not found: put the file into {_FOLDER}, or correct its name") from error
    except PermissionError as error:
        raise Refused(SERVICE, "the file may not be read: make it readable for the user that runs ListSync") from error
    except OSError as error:
        raise UnexpectedResponse(SERVICE, f"the file cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UnexpectedResponse(SERVICE, "the file is larger than 32 MB: split it into several lists")
    return content
