"""Loading custom providers: files in CONFIG_DIR/providers, and entry points of installed packages."""

import importlib
import importlib.util
import logging
import os
import re
import sys
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from importlib.machinery import SourceFileLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import CodeType
from typing import Any

from list_sync.config.environment import Environment
from list_sync.config.outdated import find_own_names
from list_sync.errors import InvalidListId, ListSyncError, UnexpectedResponse, is_shortage, reason_of
from list_sync.files.opening import open_file
from list_sync.log import hide_keys
from list_sync.model.sources import ListRef, Page
from list_sync.providers import (
    FetchContext,
    Provider,
    Route,
    add_route,
    available_providers,
    get_provider,
    register_provider,
)

logger = logging.getLogger(__name__)

ENTRY_POINTS = "list_sync.providers"
_MODULE_PREFIX = "list_sync_custom_"
_IMPORTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
_REGISTERED = re.compile(rb"register_provider\(\s*['\"]([^'\"]+)")
# The providers that were not loaded, and why.
_refusals: dict[str, str] = {}
# The file of each provider that comes from one.
_origins: dict[str, Path] = {}
# The parts of a context that another process does not get.
_NOT_GIVEN = frozenset({"browser", "memory", "tokens", "on_page"})
_BROWSER_LIBRARIES = frozenset({b"seleniumbase", b"selenium", b"playwright"})


def load_custom_providers(folder: Path | None) -> tuple[str, ...]:
    """Load the providers in `folder` and those of installed packages; return the problems, one line each.

    A second call replaces the providers of the first. Files that begin with `_` or `test_` are not loaded. Providers
    whose file imports SeleniumBase, Selenium or Playwright start browsers of their own: each of their lists is read in
    a process of its own (docs/decisions/030-a-providers-own-browser-has-a-process.md).
    """
    available_providers()
    try:
        files, closed = _provider_files(folder), ""
    except OSError as error:
        files, closed = [], f"CONFIG_DIR: {folder} cannot be read ({error.strerror}): its providers are not loaded"
    problems = [closed]
    if closed:
        _refuse_lists(find_own_names(Environment.open(), available_providers().values()), closed)
    for path in files:
        problems.append(_load_file(path))
        _refuse_lists(_names_in(path), problems[-1])
    for entry in entry_points(group=ENTRY_POINTS):
        problems.append(_load_entry_point(entry))
        _refuse_lists((entry.name,), problems[-1])
    return tuple(problem for problem in problems if problem)


def reload_custom_providers(folder: Path, changed: Collection[Path]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Load the providers in `folder` again; return the names of those whose code changed, and the problems.

    Of a file that cannot be loaded now, the providers stay as they are; those of a file that is gone fail.
    """
    before, known = dict(_origins), available_providers()
    for name, module in list(sys.modules.items()):
        # The neighbours that providers import.
        if folder in Path(getattr(module, "__file__", None) or "").parents:
            del sys.modules[name]
    importlib.invalidate_caches()
    problems = [*load_custom_providers(folder)]
    for name, path in before.items():
        if path.parent == folder and not os.path.lexists(path):
            problems.append(f"{path.name} is gone from {folder}: put it back, or remove the lists of {name}")
            del _origins[name]
            _refusals[name] = problems[-1]
            _refuse_lists((name,), problems[-1])
    is_shared = not {*before.values(), *_origins.values()}.issuperset(changed)
    concerned = (name for name, path in (before | _origins).items() if is_shared or path in changed)
    present = available_providers()
    return frozenset(name for name in concerned if present[name] is not known.get(name)), tuple(problems)


def find_untold(problems: tuple[str, ...], lists: Iterable[ListRef]) -> tuple[str, ...]:
    """Return the problems that are not the failure of any of these lists."""
    told = {_refusals.get(source.provider) for source in lists}
    return tuple(problem for problem in problems if problem not in told)


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
    for key in registered:
        _refusals.pop(key, None)
        _origins[key] = path
    # Not at INFO: the form of the log is known only after the providers are loaded.
    logger.debug("%s provides %s", path.name, ", ".join(registered))
    if _starts_browsers(path):
        # The process has another working folder.
        _move_apart(registered, str(path.resolve()), path.resolve().parent)
    return ""


def _names_in(path: Path) -> tuple[str, ...]:
    """Return the names of the providers that a file registers, or its own if it cannot be seen."""
    try:
        with open_file(path) as file:
            names = _REGISTERED.findall(file.read())
    except OSError:
        names = []
    return tuple(name.decode("utf-8", "replace") for name in names) or (path.stem,)


def _refuse_lists(names: tuple[str, ...], problem: str) -> None:
    """Make every list of providers that were not loaded a failed list with that reason."""
    for name in names if problem else ():
        known = available_providers().get(name.lower())
        if known is None or name.lower() in _refusals:

            def refuse(_list_id: str) -> None:
                raise InvalidListId(problem)

            refuse.__module__ = f"{_MODULE_PREFIX}{name}"
            with suppress(ValueError):
                register_provider(name, check=refuse)(refuse)
                _refusals[name.lower()] = problem


def _load_entry_point(entry: EntryPoint) -> str:
    before = dict(available_providers())
    try:
        entry.load()
    except (Exception, SystemExit) as error:
        logger.debug("entry point %s could not be loaded", entry.name, exc_info=True)
        return f"{entry.value} (entry point {entry.name}): {_words(error)}"
    registered = [key for key, info in available_providers().items() if before.get(key) is not info]
    path = Path(getattr(sys.modules[entry.module], "__file__", None) or "")
    if _starts_browsers(path):
        _move_apart(registered, entry.module, path.parent)
    return ""


def _starts_browsers(path: Path) -> bool:
    """Return whether a file, or a neighbour that it imports, imports a library for browsers."""
    imported = _imported(path)
    neighbours = (path.with_name(f"{name.decode()}.py") for name in imported)
    return any(names & _BROWSER_LIBRARIES for names in (imported, *map(_imported, neighbours)))


def _imported(path: Path) -> frozenset[bytes]:
    try:
        with open_file(path) as file:
            return frozenset(_IMPORTED.findall(file.read()))
    except OSError:
        return frozenset()


def _move_apart(names: list[str], origin: str, folder: Path) -> None:
    for name in names:
        provider = get_provider(name)
        for route in provider.routes:
            apart = _Apart(provider, route, origin, str(folder))
            add_route(name, route.name, needs=route.needs, serves=route.serves, is_cached=route.is_cached)(apart)


class _Apart:
    """Reads a list by a route of a custom provider in a process of its own."""

    def __init__(self, provider: Provider, route: Route, origin: str, folder: str) -> None:
        self.__module__ = route.fetch.__module__
        self._provider = provider
        self._route = route
        self._origin = origin
        self._folder = folder

    def __call__(self, list_id: str, *, context: FetchContext) -> Iterator[Page]:
        """Yield the pages; a script without a pool of browsers reads them in its own process."""
        name = self._provider.info.name
        if context.browser is None:
            yield from self._provider.pages(list_id, context, route=self._route)
            return
        given = {one.name: getattr(context, one.name) for one in fields(context) if one.name not in _NOT_GIVEN}
        call = (self._origin, name, self._route.name, list_id, given)
        function = f"{read_in_this_process.__module__}:{read_in_this_process.__name__}"
        yield from context.browser.run_apart(name, function, call, folders=(self._folder,))


def read_in_this_process(
    origin: str, name: str, route_name: str, list_id: str, given: Mapping[str, Any]
) -> Iterator[Page]:
    """Yield the pages of a list of the provider in `origin`, a file or a module; raise only ListSyncErrors."""
    try:
        if origin.endswith(".py"):
            _load_file(Path(origin))
        else:
            importlib.import_module(origin)
        provider = get_provider(name)
        route = next(route for route in provider.routes if route.name == route_name)
        yield from provider.pages(list_id, FetchContext(**given), route=route)
    except ListSyncError:
        raise
    except (Exception, SystemExit) as error:
        raise UnexpectedResponse(name, reason_of(error) if is_shortage(error) else _place_of(error)) from error


def _place_of(error: BaseException) -> str:
    """Return the kind of an error and where it was raised; its message may hold an address with a key."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name} line {frame.lineno}"


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
    return hide_keys(" ".join(f"{type(error).__name__}: {error}"[:1000].split()))[:300]
