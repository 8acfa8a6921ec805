"""`backup`: writes all data that cannot be created again into one file, also while ListSync runs."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from list_sync.backups.archive import write_archive
from list_sync.commands.data_folder import SMALL_FILES, find_data_dir, find_dotenv
from list_sync.commands.printing import complain, say
from list_sync.config import StateFolder
from list_sync.config.encrypted import KEY_NAME
from list_sync.config.environment import SECRETS_NAME
from list_sync.config.folders import find_known_folder
from list_sync.database.known_backups import BACKUPS_FOLDER
from list_sync.errors import ConfigError, StorageError
from list_sync.files.opening import open_file
from list_sync.files.written import give_to_owner_of
from list_sync.model.report import ExitCode
from list_sync.version import __version__

ENDINGS = (".tar.gz", ".tgz")


def back_up(text: str) -> ExitCode:
    """Write the archive and print its contents; raise ConfigError for an unsuitable name, else StorageError."""
    target = Path(text).expanduser()
    data_dir, _ = find_data_dir()
    folder = find_known_folder(data_dir) or StateFolder(data_dir)
    require_good_name(target, folder)
    if not folder.database.is_file():
        raise StorageError(f"there is no database in {folder.path} (DATA_DIR), so there is nothing to back up")
    if target.absolute().parent == (folder.path / BACKUPS_FOLDER).absolute():
        # If this fails, writing into the folder fails too, and that error is reported.
        with suppress(OSError):
            target.parent.mkdir()
            give_to_owner_of(folder.path, target.parent)
    others = dict(read_small_files(data_dir))
    manifest = write_archive(
        target, database=folder.database, others=others, program=__version__, made_at=datetime.now(UTC)
    )
    names = ", ".join([f"{folder.database.name} (schema {manifest.schema})", *others])
    without = "" if find_dotenv() else "; .env is not here, keep a copy of it yourself"
    say(f"{target}: {names}; {shown_size(target.stat().st_size)}{without}")
    return ExitCode.OK


def require_good_name(target: Path, folder: StateFolder) -> None:
    """Raise ConfigError for a name that is not that of an archive, or that another file of ours has."""
    if target.is_dir():
        raise ConfigError(f"{target} is a folder: name a file in it, as in {target / 'list-sync.tar.gz'}")
    if not target.name.endswith(ENDINGS):
        instead = folder.path / f"{target.name.partition('.')[0] or 'list-sync'}.tar.gz"
        raise ConfigError(f"{target}: a backup is called FILE.tar.gz, as in {instead}")


def read_small_files(data_dir: Path) -> list[tuple[str, bytes]]:
    """Return the existing files beside the database; print a warning for a file that cannot be read."""
    # The key is read after config.enc, because it is created before config.enc.
    places = [data_dir / SECRETS_NAME, data_dir / KEY_NAME, find_dotenv()]
    found = []
    for path in places:
        if path is None:
            continue
        try:
            with open_file(path) as file:
                content = file.read(SMALL_FILES[path.name] + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            complain(f"warning: {path} cannot be read ({error.strerror}) and is not in the backup")
            continue
        if len(content) > SMALL_FILES[path.name]:
            complain(f"warning: {path} is too large to be a file of ListSync and is not in the backup")
            continue
        found.append((path.name, content))
    return found


def shown_size(size: int) -> str:
    """Return a size in KB or MB."""
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{max(1, round(size / 1024))} KB"
