"""Loading custom providers: files in CONFIG_DIR/providers, and entry points of installed packages."""

import importlib.util
import logging
import os
import sys
import traceback
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType

from list_sync.browser.drivers import use_driver_folder
from list_sync.files.opening import open_file
from list_sync.providers import available_providers

logger = logging.getLogger(__name__)

ENTRY_POINTS = "list_sync.providers"
_MODULE_PREFIX = "list_sync_custom_"


def load_custom_providers(folder: Path | None, *, driver_folder: Path | None = None) -> tuple[str, ...]:
    """Load the providers in `folder` and those of installed packages; return the problems, one line each.

    A second call replaces the providers of the first. Files that begin with `_` or `test_` are not loaded. Files that
    mention SeleniumBase start browsers of their own, with the driver in `driver_folder`.
    """
    available_providers()
    try:
        files, closed = _provider_files(folder), ""
    except OSError as error:
        files, closed = [], f"CONFIG_DIR: {folder} cannot be read ({error.strerror}): its providers are not loaded"
    if any(_speaks_of_browsers(path) for path in files):
        use_driver_folder(driver_folder)
    problems = [closed, *(_load_file(path) for path in files)]
    problems += [_load_entry_point(entry) for entry in entry_points(group=ENTRY_POINTS)]
    return tuple(problem for problem in problems if problem)


def _provider_files(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    try:
        # Path.glob finds nothing in a folder that we may not enter, and raises no error.
        names = os.listdir(folder)  # noqa: PTH208
    except (FileNotFoundError, NotADirectoryError):
        return []
    # At the end, so that a file there can import its neighbours but never hides a library.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    wanted = (name for name in names if name.endswith(".py") and not name.startswith((".", "_", "test_")))
    return [folder / name for name in sorted(wanted)]


def _speaks_of_browsers(path: Path) -> bool:
    try:
        with open_file(path) as file:
            return b"seleniumbase" in file.read()
    except OSError:
        # Loading the file reports the problem.
        return False


def _load_file(path: Path) -> str:
    before = dict(available_providers())
    name = f"{_MODULE_PREFIX}{path.stem}"
    spec = importlib.util.spec_from_loader(name, _FreshLoader(name, str(path)))
    if spec is None:
        return f"{path.name} cannot be loaded"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        _FreshLoader(name, str(path)).exec_module(module)
    # The file is code of the user: it may raise anything, and one bad file must not stop the others.
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        logger.debug("%s could not be loaded", path.name, exc_info=True)
        return _problem(path, error)
    registered = [key for key, info in available_providers().items() if before.get(key) is not info]
    if not registered:
        return f'{path.name} registers no provider: put @register_provider("name") on its fetch function'
    logger.info("%s provides %s", path.name, ", ".join(registered))
    return ""


def _load_entry_point(entry: EntryPoint) -> str:
    try:
        entry.load()
    except (Exception, SystemExit) as error:
        logger.debug("entry point %s could not be loaded", entry.name, exc_info=True)
        return f"{entry.value} (entry point {entry.name}): {_words(error)}"
    return ""


class _FreshLoader(SourceFileLoader):
    """A loader that writes no bytecode, so that edits count at once and the folder may be read-only."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the compiled code of the file."""
        path = self.get_filename(fullname)
        with open_file(Path(path)) as file:
            return self.source_to_code(file.read(), path)


def _problem(path: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"{path.name} line {error.lineno}: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    place = f"{path.name} line {lines[-1]}" if lines else path.name
    return f"{place}: {_words(error)}"


def _words(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "seleniumbase":
        return "it needs seleniumbase: use the full image, or run `make browser` in a checkout"
    if isinstance(error, ModuleNotFoundError):
        return f"it needs the Python package {error.name}, which is not installed"
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
