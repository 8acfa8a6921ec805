"""The door: people claim it once, log in, change its password; wrong tries wait, and everything is in the audit log."""

import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from list_sync.errors import ServiceError, StorageError, SyncCancelled
from list_sync.model.access import OIDC_LOG_IN, PERSON, Deed, LoginKind
from list_sync.model.servers import HOME
from list_sync.storage import sessions as stored
from list_sync.storage.audit import note_deed
from list_sync.web.entrance.claiming import drop_code, find_code, simplify
from list_sync.web.entrance.hosts import place_of
from list_sync.web.entrance.passwords import hash_password, is_password, is_same
from list_sync.web.entrance.rates import (
    FREE_LOGINS,
    FREE_LOGINS_OF_ALL,
    LOGIN_WAIT_SECONDS,
    Failures,
    tell_failure,
    too_many,
)
from list_sync.web.entrance.sessions import Opener, Sessions
from list_sync.web.parts import Parts
from list_sync.web.problems import Problem
from list_sync.web.sign_on.people import Person
from list_sync.web.sign_on.refusals import SignOnRefused

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
_STRANGER = "not logged in"
_ALL = "all addresses"
_CHANGED = "the password was chosen or changed in this moment: log in with the new one"
_CLAIMED = "the password was chosen already: log in, or `list-sync web claim --reset` if it is lost"


class Door:
    """Lets people in; one for the service, used on its loop."""

    def __init__(self, parts: Parts, owner_token: str | None) -> None:
        self.sessions = Sessions(parts, owner_token)
        self._parts = parts
        self._web = parts.settings.web
        self._owner_token = owner_token
        self._failures = Failures(free=FREE_LOGINS, first_wait=LOGIN_WAIT_SECONDS)
        self._failures_of_all = Failures(free=FREE_LOGINS_OF_ALL, first_wait=LOGIN_WAIT_SECONDS)
        # Hashing takes 32 MB and a quarter of a second: one at a time, and no thread of the routes.
        self._limiter = CapacityLimiter(1)
        # A slow issuer keeps the password from nothing.
        self._issuer_limiter = CapacityLimiter(2)

    @property
    def has_own_password(self) -> bool:
        """Return whether the password is one of the settings."""
        return self._web.web_password is not None

    @property
    def takes_password(self) -> bool:
        """Return whether a password opens the door."""
        return self._web.web_password_login

    @property
    def has_token(self) -> bool:
        """Return whether the token of the owner is known."""
        return self._owner_token is not None

    def is_claimable(self) -> bool:
        """Return whether the first person may choose the password. Raise StorageError."""
        if not self._web.is_claimable:
            return False
        with self._parts.store.reading() as connection:
            return stored.find_password(connection) is None

    def find_left(self, address: str) -> int:
        """Return how many wrong tries an address has before it must wait."""
        return self._failures.find_left(place_of(address))

    async def log_in(self, address: str, secret: str, *, stays: bool) -> str | None:
        """Return what the cookie of a new session holds, None for a wrong password or token; raise Problem."""
        opener = await self._try(address, "log in", partial(self._find_opener, secret))
        return None if opener is None else await self._begin(address, opener, "log in", stays=stays)

    async def confirm(self, address: str, secret: str) -> bool:
        """Return whether a text opens the door, for what asks for the password again; raise Problem."""
        return await self._try(address, "type the password again", partial(self._find_opener, secret)) is not None

    async def log_in_by_proxy(self, address: str, name: str) -> str:
        """Return the same for the name that a trusted proxy states, which must be in WEB_AUTH_USERS."""
        opener = Opener(name, LoginKind.PROXY, self._web.web_auth_header or "")
        return await self._begin(address, opener, "log in by proxy", stays=False)

    async def log_in_by_issuer(self, address: str, look: Callable[[], Person]) -> str:
        """Return the same for the person that an issuer names; raise SignOnRefused, ServiceError or Problem."""

        def find() -> tuple[Person, LoginKind]:
            person = look()
            return person, person.require_kind(self._web)

        try:
            found = await self._try(address, OIDC_LOG_IN, find, self._issuer_limiter)
        except SignOnRefused as refused:
            logger.warning("single sign-on: %s", refused.detail, extra={"news": object()})
            await self._tell_wrong(address, OIDC_LOG_IN)
            raise
        if found is None:
            raise Problem(HTTPStatus.CONFLICT, _CHANGED)
        person, kind = found
        opener = Opener(person.name, kind, self._web.sign_on_terms or "")
        target = f"{kind.value}, subject {person.subject}"
        return await self._begin(address, opener, OIDC_LOG_IN, stays=False, target=target)

    async def ask_issuer(self, ask: Callable[[], Result]) -> Result:
        """Return what the issuer answers, without holding up anything else."""
        return await to_thread.run_sync(ask, limiter=self._issuer_limiter)

    async def claim(self, address: str, code: str, password: str) -> str | None:
        """Store the first password and log in; None for a wrong code. Raise Problem if the door is claimed already."""
        if not await self._run(self.is_claimable):
            raise Problem(HTTPStatus.CONFLICT, _CLAIMED)
        if not await self._try(address, "claim", partial(self._is_code, code)):
            return None
        hashed = await self._run(partial(hash_password, password))
        store = partial(stored.claim, password_hash=hashed, at=self._parts.now())
        opener = Opener(PERSON, LoginKind.PASSWORD, hashed)
        token = await self._begin(address, opener, "claim", stays=False, first=store)
        await self._run(partial(drop_code, self._parts.folder))
        return token

    async def change_password(self, address: str, present: str, password: str) -> str | None:
        """Store another password, end every session and begin a new one; None if the present one is wrong."""
        opener = await self._try(address, "change the password", partial(self._find_opener, present))
        if opener is None:
            return None
        hashed = await self._run(partial(hash_password, password))
        change = partial(stored.change_password, password_hash=hashed, at=self._parts.now())
        opener = Opener(PERSON, LoginKind.PASSWORD, hashed)
        token = await self._begin(address, opener, "change the password", stays=False, first=change)
        self._parts.feed.look_again()
        return token

    async def end(self, token: str) -> None:
        """End a session; raise StorageError."""
        if token:
            await self._run(partial(self.sessions.end, token))
            self._parts.feed.look_again()

    async def _try(
        self,
        address: str,
        action: str,
        look: Callable[[], Result | None],
        limiter: CapacityLimiter | None = None,
    ) -> Result | None:
        """Return what `look` finds; nothing is a failure, which counts before it is known: many may come at once."""
        place = place_of(address)
        wait = max(self._failures.find_wait(place, ""), self._failures_of_all.find_wait(_ALL, place))
        if wait:
            raise too_many("too many wrong log-ins", wait)
        self._failures.note(place, "")
        self._failures_of_all.note(_ALL, "")
        try:
            found = await to_thread.run_sync(look, limiter=limiter or self._limiter)
        except (StorageError, ServiceError, SyncCancelled):
            self._take_back(place)
            raise
        if found:
            self._take_back(place)
            self._failures_of_all.note_right(_ALL, place)
            return found
        await self._tell_wrong(address, action)
        return None

    async def _tell_wrong(self, address: str, action: str) -> None:
        tell_failure("a wrong log-in", address)
        await self._run(partial(self._note_failure, address, action))

    def _take_back(self, place: str) -> None:
        self._failures.take_back(place)
        self._failures_of_all.take_back(_ALL)

    async def _begin(
        self,
        address: str,
        opener: Opener,
        action: str,
        *,
        stays: bool,
        first: Callable[..., bool] | None = None,
        target: str = "",
    ) -> str:
        """Store a new session with its line of the audit log, after `first` in one step; raise Problem."""
        token, session = self.sessions.make(opener, stays=stays)
        deed = Deed(self._parts.now(), opener.name, address, action, target or opener.kind.value, "done")

        def store() -> bool:
            with self._parts.store.writing() as connection:
                if first is not None and not first(connection):
                    return False
                chosen = stored.find_password(connection)
                if self.sessions.find_opener(opener.name, opener.kind, chosen) != opener:
                    return False
                stored.add_session(connection, session)
                note_deed(connection, HOME, deed)
            return True

        if not await self._run(store):
            raise Problem(HTTPStatus.CONFLICT, _CHANGED)
        return token

    def _note_failure(self, address: str, action: str) -> None:
        deed = Deed(self._parts.now(), _STRANGER, address, action, "", "refused")
        try:
            with self._parts.store.writing() as connection:
                note_deed(connection, HOME, deed)
        except StorageError as error:
            logger.warning("the audit log has no line about a failed log-in from %s: %s", address, error)

    def _find_opener(self, secret: str) -> Opener | None:
        """Return what a text opens; raise StorageError."""
        if self._owner_token is not None and is_same(secret.strip(), self._owner_token):
            return Opener(PERSON, LoginKind.TOKEN, self._owner_token)
        with self._parts.store.reading() as connection:
            chosen = stored.find_password(connection)
        opener = self.sessions.find_opener(PERSON, LoginKind.PASSWORD, chosen)
        # None also with WEB_PASSWORD_LOGIN=false.
        if opener is None:
            return None
        is_right = is_same(secret, opener.value) if self.has_own_password else is_password(secret, opener.value)
        return opener if is_right else None

    def _is_code(self, typed: str) -> bool:
        code = find_code(self._parts.folder)
        return code is not None and is_same(simplify(typed), simplify(code))

    async def _run(self, function: Callable[[], Result]) -> Result:
        return await to_thread.run_sync(function, limiter=self._limiter)
