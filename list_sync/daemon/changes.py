"""What follows from changed files: settings and providers are read again, and the lists concerned are synced."""

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from list_sync.api.saved_lists.entries import SERVICE
from list_sync.config.environment import DROP_FOLDER, PROVIDERS_FOLDER
from list_sync.config.list_settings import load_lists
from list_sync.config.policy.joining import (
    POLICY_NAMES,
    describe_changes,
    describe_joining,
    find_lists_of_environment,
    reread,
    with_lists_of_environment,
)
from list_sync.daemon.following import Configured as FollowingSettings
from list_sync.daemon.following import follow_settings
from list_sync.daemon.heartbeat import Heartbeat
from list_sync.daemon.watching import Watch, Watched
from list_sync.errors import ConfigError
from list_sync.model.names import lists_setting_of
from list_sync.model.report import SyncMode
from list_sync.model.runs import RunOrder
from list_sync.model.sources import SHOWN, ListRef
from list_sync.model.titles import counted
from list_sync.providers import available_providers
from list_sync.providers.custom import reload_custom_providers
from list_sync.sources import Sources

logger = logging.getLogger(__name__)

POLICY = "policy"
SETTINGS = "settings"


class Configured(FollowingSettings, Protocol):
    """A session, as changed files are applied to it."""

    @property
    def sources(self) -> Sources:
        """Return what reads the lists."""
        ...


class Files(Protocol):
    """What the loop checks and applies between syncs."""

    def check(self) -> bool:
        """Return whether there is something to apply."""
        ...

    def apply(self) -> None:
        """Apply what changed."""
        ...

    def apply_settings(self) -> None:
        """Go by changed settings; `apply` does what else follows from them."""
        ...

    def suspended(self) -> AbstractContextManager[None]:
        """Watch nothing during a sync."""
        ...


class FileChanges:
    """The changes of the files of lists, of providers and of the drop folder, and SIGHUP.

    The thread that watches the clock checks; the thread that runs the syncs applies. `claim_elsewhere` tells other
    households which files of the drop folder changed, and returns those that belong to their lists.
    """

    def __init__(
        self,
        session: Configured,
        heartbeat: Heartbeat,
        ask: Callable[[RunOrder], object],
        *,
        steady: Callable[[], float] = time.monotonic,
        on_lists: Callable[[], object] = lambda: None,
        claim_elsewhere: Callable[[Collection[str]], Collection[str]] = lambda _changed: (),
    ) -> None:
        self._session = session
        self._on_lists = on_lists
        self._claim_elsewhere = claim_elsewhere
        self._heartbeat = heartbeat
        self._ask = ask
        self._drop = session.settings.process.data_dir / DROP_FOLDER
        self._providers = session.settings.process.config_dir / PROVIDERS_FOLDER
        # A misspelt setting has a file, too, and no provider.
        known = available_providers()
        self._list_files = {name: path for name, path in session.settings.list_files.items() if name in known}
        self._troubles: dict[str, str] = {}
        self._is_hung_up = threading.Event()
        self._are_settings_new = threading.Event()
        self._lists_of_settings: tuple[ListRef, ...] | None = None
        self._policy_files = tuple(session.settings.process.config_dir / name for name in POLICY_NAMES)
        self._watch = Watch(
            lambda: Watched(self._drop, self._providers, (*self._list_files.values(), *self._policy_files)),
            steady=steady,
        )
        self._claims: Mapping[str, tuple[ListRef, ...]] | None = None
        self._unclaimed: set[str] = set()

    def hang_up(self) -> None:
        """Read everything again soon and ask for a sync, as after SIGHUP."""
        self._is_hung_up.set()

    def follow_settings(self) -> None:
        """Read the settings again soon, because config.enc changed."""
        self._are_settings_new.set()

    def check(self) -> bool:
        """Return whether there is something to apply."""
        return self._watch.check() or self._is_hung_up.is_set() or self._are_settings_new.is_set()

    def apply(self) -> None:
        """Read again what changed, and ask for a sync of the lists concerned, or of all after SIGHUP."""
        if self._claims is None:
            self._claims = self._session.sources.find_claims()
            self.tell_unclaimed()
        changed, everything = self._watch.take(), self._is_hung_up.is_set()
        self._is_hung_up.clear()
        self.apply_settings()
        new, self._lists_of_settings = self._lists_of_settings, None
        if not changed and not everything and new is None:
            return
        if everything:
            logger.info("SIGHUP: providers and files of lists are read again, and all lists are synced")
        lists = {
            *(new or ()),
            *self._reread_providers(changed, everything=everything),
            *self._reread_list_files(changed, everything=everything),
            *self._reread_policy(changed, everything=everything),
            *self._look_at_drop(changed, self._claims),
        }
        self._tell()
        self._on_lists()
        if everything:
            self._ask(RunOrder(mode=SyncMode.MANUAL))
        elif lists:
            self._ask(RunOrder(tuple(sorted(lists)), mode=SyncMode.FILE))

    def apply_settings(self) -> None:
        """Go by changed settings; `apply` does what else follows from them."""
        if self._are_settings_new.is_set():
            self._are_settings_new.clear()
            self._lists_of_settings = (*(self._lists_of_settings or ()), *self._reread_settings())

    def tell_unclaimed(self) -> None:
        """Say again which files of the drop folder belong to no list, because other households have other lists."""
        if self._claims is not None:
            self._unclaimed = set(self._find_unclaimed(self._claims))
            self._tell()

    def suspended(self) -> AbstractContextManager[None]:
        """Watch nothing during a sync."""
        return self._watch.suspended()

    def close(self) -> None:
        """End the watching."""
        self._watch.close()

    def _reread_settings(self) -> Iterator[ListRef]:
        """Go by changed settings; yield the lists that are new."""
        before = self._session.settings.household.lists
        self._note(SETTINGS, follow_settings(self._session))
        yield from (ref for ref in self._session.settings.household.lists if ref not in before)

    def _reread_providers(self, changed: Collection[Path], *, everything: bool) -> Iterator[ListRef]:
        """Load providers again; yield the lists of those that changed."""
        paths = [path for path in changed if self._providers in path.parents]
        if not paths and not (everything and self._providers.is_dir()):
            return
        names, problems = reload_custom_providers(self._providers, paths)
        self._note(PROVIDERS_FOLDER, problems)
        for name in sorted(names):
            logger.info("provider %s changed: its lists are read anew", name)
            # A provider that is new has lists that no setting was read for.
            self._reread_lists(name)
            yield from self._lists_of(name)

    def _reread_list_files(self, changed: Collection[Path], *, everything: bool) -> Iterator[ListRef]:
        """Read files of lists again; yield the lists that are new."""
        for name, path in list(self._list_files.items()):
            if everything or path in changed:
                before = self._lists_of(name)
                self._reread_lists(name)
                present = self._lists_of(name)
                new = [source for source in present if source not in before]
                gone = len(before) - (len(present) - len(new))
                if new or gone:
                    said = f"{counted(len(new), 'new list')}, {counted(gone, 'list')} not set any more"
                    logger.info("%s_FILE: %s changed: %s", lists_setting_of(name), path, said)
                yield from new

    def _reread_lists(self, name: str) -> None:
        """Read the setting of the lists of a provider again; if it cannot be read, its lists stay as they are."""
        try:
            setting = load_lists(available_providers()[name])
        except ConfigError as error:
            self._note(name, [f"{problem}; the lists stay as they were" for problem in error.problems])
            return
        self._note(name, ())
        for warning in setting.warnings:
            logger.warning("%s", warning)
        if setting.file is not None:
            self._list_files[name] = setting.file
        settings = self._session.settings
        others = (source for source in find_lists_of_environment(settings) if source.provider != name)
        lists = sorted((*others, *setting.lists), key=lambda source: source.provider)
        self._session.use(with_lists_of_environment(settings, lists))

    def _reread_policy(self, changed: Collection[Path], *, everything: bool) -> Iterator[ListRef]:
        """Read lists.yaml again; yield the lists that are new. If it is wrong or gone, the policy stays as it was.

        What is wrong may be mended by another file, such as a provider that was missing.
        """
        is_wrong = bool(self._troubles.get(POLICY))
        if not everything and not is_wrong and not any(path in changed for path in self._policy_files):
            return
        before = self._session.settings
        after, problems = reread(before, available_providers())
        self._note(POLICY, problems)
        if is_wrong and not problems:
            logger.info("%s is right again", self._policy_files[0])
        if problems or after == before:
            return
        self._session.use(after)
        logger.info("%s changed: %s", self._policy_files[0], describe_changes(before, after))
        said = set(describe_joining(before))
        for line in describe_joining(after):
            if line not in said:
                logger.info("%s", line)
        for warning in after.policy_file.warnings if after.policy_file else ():
            logger.warning("%s", warning)
        known = {ref.key for ref in before.household.lists}
        yield from (ref for ref in after.household.lists if ref.key not in known)

    def _lists_of(self, name: str) -> tuple[ListRef, ...]:
        return tuple(source for source in self._session.settings.household.lists if source.provider == name)

    def _look_at_drop(
        self, changed: Mapping[Path, bool], before: Mapping[str, tuple[ListRef, ...]]
    ) -> Iterator[ListRef]:
        """Name what changed in the drop folder; yield the lists that these files hold now or held before."""
        self._claims = present = self._session.sources.find_claims()
        inside = {path: is_there for path, is_there in changed.items() if self._drop in path.parents}
        files = {path.relative_to(self._drop).as_posix(): is_there for path, is_there in inside.items()}
        for name, is_there in files.items():
            sources = dict.fromkeys((*before.get(name, ()), *present.get(name, ())))
            if sources:
                what = "changed" if is_there else "is gone, and nothing is removed for it"
                logger.info("%s %s: syncing %s", shown([f"{DROP_FOLDER}/{name}"]), what, shown(map(str, sources)))
            yield from sources
        unclaimed = set(self._find_unclaimed(present, files))
        if new := sorted(unclaimed - self._unclaimed):
            logger.warning("%s", describe_unclaimed(new))
        self._unclaimed = unclaimed

    def _find_unclaimed(self, claims: Collection[str], changed: Collection[str] = ()) -> Iterator[str]:
        prefix, elsewhere = f"{self._drop}/", self._claim_elsewhere(changed)
        names = (path.removeprefix(prefix) for path in self._watch.files if path.startswith(prefix))
        return (name for name in names if name not in claims and name not in elsewhere)

    def _note(self, about: str, problems: Iterable[str]) -> None:
        """Log what is wrong with a file, unless that is known, and keep it until it is right again."""
        found = tuple(problems)
        text = "; ".join(found)
        if text != self._troubles.get(about):
            for problem in found:
                logger.warning("%s", problem)
        self._troubles[about] = text

    def _tell(self) -> None:
        trouble = "; ".join(filter(None, self._troubles.values()))
        self._heartbeat.tell_files(trouble, describe_unclaimed(sorted(self._unclaimed)))


def describe_unclaimed(names: Collection[str]) -> str:
    """Say which files of the drop folder belong to no list, "" if there are none."""
    if not names:
        return ""
    setting = lists_setting_of(SERVICE)
    verb, it = ("belongs", "it") if len(names) == 1 else ("belong", "them")
    return f"{shown(f'{DROP_FOLDER}/{name}' for name in names)} {verb} to no list: name {it} in {setting} to sync {it}"


def shown(names: Iterable[str]) -> str:
    """Return the first few names, with marks for bytes that are no UTF-8, and how many more there are."""
    every = list(names)
    first = (os.fsencode(name).decode("utf-8", "replace") for name in every[:SHOWN])
    more = len(every) - SHOWN
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
