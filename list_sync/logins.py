"""The log-ins of `list-sync login`: stored in config.enc, renewed in time and given to providers."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from list_sync.api.http.client import HttpClient
from list_sync.api.logins import plex as plex_login
from list_sync.api.logins import simkl as simkl_login
from list_sync.api.logins import trakt as trakt_login
from list_sync.api.logins.approval import Invitation, wait_for_approval
from list_sync.api.sources import trakt
from list_sync.config import Settings, has_secrets, open_secrets
from list_sync.errors import AuthenticationFailed, ServiceError, StorageError
from list_sync.model.households import HOME
from list_sync.model.moments import is_in_future, shown, utc_now

if TYPE_CHECKING:
    from list_sync.config.encrypted import EncryptedStore

logger = logging.getLogger(__name__)

# The name that each log-in is stored under. The identifier stays after a log-out: Plex recognises the device by it.
NAMES: Mapping[str, str] = {"plex": "PLEX_TOKEN", "simkl": "SIMKL_USER_TOKEN", "trakt": "TRAKT_LOGIN"}
PLEX_IDENTIFIER = "PLEX_CLIENT_IDENTIFIER"
# Trakt's tokens change with every renewal; this name of the log-in does not.
TRAKT_ACCOUNT = "TRAKT_ACCOUNT"
# While a service is down, not every list asks it for new tokens.
PAUSE_AFTER_FAILURE_SECONDS = 300.0

Show = Callable[[Invitation], None]
Wait = Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class TraktTokens:
    """A pair of stored tokens; the refresh token is empty if Trakt refused to renew the log-in."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime

    @classmethod
    def granted(cls, grant: trakt_login.TraktGrant, now: datetime) -> Self:
        """Return the tokens of a new grant."""
        return cls(grant.access_token, grant.refresh_token, now, now + timedelta(seconds=grant.expires_in))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the tokens that to_text wrote; raise AuthenticationFailed for any other text."""
        try:
            access_token, refresh_token, *times = (str(part) for part in json.loads(text))
            issued_at, expires_at = (datetime.fromtimestamp(float(seconds), UTC) for seconds in times)
        except (ValueError, TypeError, OverflowError, OSError):
            raise AuthenticationFailed("trakt", f"the stored log-in cannot be read: {trakt.LOGIN_COMMAND}") from None
        return cls(access_token, refresh_token, issued_at, expires_at)

    def to_text(self) -> str:
        """Return the tokens as one text."""
        times = (self.issued_at.timestamp(), self.expires_at.timestamp())
        return json.dumps([self.access_token, self.refresh_token, *times])

    def is_due(self, now: datetime) -> bool:
        """Return whether it is time to renew: with a third of its life left, there is time to try again.

        A token from a clock that was far ahead is due too, because its real end is not known.
        """
        is_ageing = now >= self.expires_at - (self.expires_at - self.issued_at) / 3
        return is_ageing or is_in_future(self.issued_at, now=now)


@dataclass(frozen=True, slots=True)
class Login:
    """One log-in for people; `expires_at` is None if the service does not state it."""

    service: str
    expires_at: datetime | None = None
    is_renewed: bool = True


@contextmanager
def open_logins(
    settings: Settings, *, stop: threading.Event | None = None, store: "EncryptedStore | None" = None
) -> Iterator["Logins"]:
    """Give the log-ins of the data folder, without opening its database; `store` is its config.enc, if that is open."""
    with ExitStack() as opened:

        def http_for(service: str) -> HttpClient:
            http = HttpClient(service, timeout_seconds=settings.process.http_timeout, stop=stop)
            return opened.enter_context(closing(http))

        yield Logins(settings, http_for=http_for, store=store)


class Logins:
    """The log-ins of one data folder, safe to share between threads; implements `list_sync.providers.Tokens`."""

    def __init__(
        self,
        settings: Settings,
        *,
        http_for: Callable[[str], HttpClient],
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        store: "EncryptedStore | None" = None,
    ) -> None:
        self.settings = settings
        self._http_for = http_for
        self._now = now
        self._clock = clock
        self._opened = store
        self._not_before = 0.0
        self._told = ""

    def find_credentials(self, names: Sequence[str]) -> dict[str, str]:
        """Return the credentials among `names` that a log-in has stored."""
        wanted = [name for name in names if name in NAMES.values()]
        known = self._load() if wanted else {}
        return {name: known[name] for name in wanted if name in known}

    def token(self, service: str) -> str | None:
        """Return a valid token, renewed if it is due; None without a log-in or after its end.

        Raise a ServiceError if the token has expired and cannot be renewed now.
        """
        tokens = self._find_tokens() if service == "trakt" else None
        if tokens is None or not tokens.is_due(self._now()):
            return tokens.access_token if tokens else None
        try:
            tokens = self._renewed(tokens)
        except (ServiceError, StorageError) as error:
            self._not_before = self._clock() + PAUSE_AFTER_FAILURE_SECONDS
            if self._now() >= tokens.expires_at:
                raise
            self._tell(f"trakt: the log-in could not be renewed, and is good until {shown(tokens.expires_at)}: {error}")
        return self._usable(tokens)

    def account(self, service: str) -> str:
        """Return a name of the log-in at Trakt that its renewals keep; "" without one."""
        return self._load().get(TRAKT_ACCOUNT, "") if service == "trakt" else ""

    def _usable(self, tokens: TraktTokens) -> str | None:
        if self._now() < tokens.expires_at:
            return tokens.access_token
        self._tell(f"trakt: the log-in has ended, lists are read without it: log in again with `{trakt.LOGIN_COMMAND}`")
        return None

    def _tell(self, message: str) -> None:
        if message != self._told:
            self._told = message
            logger.warning("%s", message)

    def _renewed(self, tokens: TraktTokens) -> TraktTokens:
        """Renew the tokens, unless another process has done so, and return them."""
        if not tokens.refresh_token or self._clock() < self._not_before:
            return tokens
        store = self._store
        with store.locked():
            current = self._find_tokens()
            if current is None or not current.refresh_token or not current.is_due(self._now()):
                return current or tokens
            # Trakt sends the new refresh token only once, so check first that it can be stored.
            store.check_writable()
            return self._renew(current, store)

    def _renew(self, tokens: TraktTokens, store: "EncryptedStore") -> TraktTokens:
        try:
            fresh = TraktTokens.granted(trakt_login.renew(self._trakt_app(), tokens.refresh_token), self._now())
        except AuthenticationFailed as error:
            # Another try would be refused too, and Trakt bans apps that are refused too often.
            fresh = TraktTokens(tokens.access_token, "", tokens.issued_at, tokens.expires_at)
            self._tell(f"{error}: log in again with `{trakt.LOGIN_COMMAND}`")
        store.set({NAMES["trakt"]: fresh.to_text()})
        return fresh

    def log_in(self, service: str, *, show: Show, wait: Wait) -> None:
        """Log in: `show` the user what to do, `wait` until it is done, and store the tokens.

        Raise AuthenticationFailed naming a missing setting, Refused if the user or the service says no.
        """
        flow = {"plex": self._log_in_to_plex, "simkl": self._log_in_to_simkl, "trakt": self._log_in_to_trakt}[service]
        # Before the user types a code, check that the tokens can be stored.
        self._store.check_writable()
        self._store.set(flow(show, wait))

    def _log_in_to_trakt(self, show: Show, wait: Wait) -> dict[str, str]:
        app = self._trakt_app()
        invitation = trakt_login.request_code(app)
        show(invitation)
        grant = wait_for_approval(
            lambda: trakt_login.ask_for_tokens(app, invitation), invitation, service="trakt", wait=wait
        )
        return {NAMES["trakt"]: TraktTokens.granted(grant, self._now()).to_text(), TRAKT_ACCOUNT: str(uuid4())}

    def _log_in_to_plex(self, show: Show, wait: Wait) -> dict[str, str]:
        identifier = self._load().get(PLEX_IDENTIFIER) or str(uuid4())
        base_url = self.settings.process.base_urls.get("plex", plex_login.LOGIN_URL)
        device = plex_login.PlexDevice(self._http_for("plex"), base_url, identifier)
        invitation = plex_login.request_pin(device)
        show(invitation)
        token = wait_for_approval(
            lambda: plex_login.ask_for_token(device, invitation), invitation, service="plex", wait=wait
        )
        return {NAMES["plex"]: token, PLEX_IDENTIFIER: identifier}

    def _log_in_to_simkl(self, show: Show, wait: Wait) -> dict[str, str]:
        client_id = self._require("simkl", simkl_login.CLIENT_ID, simkl_login.CLIENT_ID_ADVICE)
        base_url = self.settings.process.base_urls.get("simkl", simkl_login.BASE_URL)
        app = simkl_login.SimklApp(self._http_for("simkl"), base_url, client_id)
        invitation = simkl_login.request_pin(app)
        show(invitation)
        token = wait_for_approval(
            lambda: simkl_login.ask_for_token(app, invitation), invitation, service="simkl", wait=wait
        )
        return {NAMES["simkl"]: token}

    def remove(self, service: str) -> bool:
        """Delete a log-in; return whether there was one."""
        was_known = NAMES[service] in self._load()
        if was_known:
            self._store.delete([NAMES[service], *([TRAKT_ACCOUNT] if service == "trakt" else [])])
        return was_known

    def describe(self) -> tuple[Login, ...]:
        """Return every stored log-in."""
        known = self._load()
        logins = []
        for service in NAMES:
            tokens = self._find_tokens() if service == "trakt" else None
            if tokens is not None:
                logins.append(Login(service, tokens.expires_at, bool(tokens.refresh_token)))
            elif NAMES[service] in known:
                logins.append(Login(service))
        return tuple(logins)

    def _find_tokens(self) -> TraktTokens | None:
        text = self._load().get(NAMES["trakt"])
        return TraktTokens.from_text(text) if text else None

    def _trakt_app(self) -> trakt_login.TraktApp:
        client_id = self._require("trakt", trakt.CLIENT_ID, trakt.CLIENT_ID_ADVICE)
        client_secret = self._require("trakt", trakt.CLIENT_SECRET, "copy it from the page of the same app at Trakt")
        base_url = self.settings.process.base_urls.get("trakt", trakt.BASE_URL)
        return trakt_login.TraktApp(self._http_for("trakt"), base_url, client_id, client_secret)

    def _require(self, service: str, setting: str, advice: str) -> str:
        value = self.settings.household.credentials.get(setting)
        if value is None:
            raise AuthenticationFailed(service, f"{setting} is not set: {advice}")
        return value.get_secret_value()

    def _load(self) -> Mapping[str, str]:
        """Return the stored values; if there is no config.enc, create nothing and load no cryptography.

        The log-ins belong to the household of the environment: another one must not read its personal lists.
        """
        if self.settings.household.name != HOME:
            return {}
        return self._store.load() if self._opened or has_secrets(self.settings.process) else {}

    @property
    def _store(self) -> "EncryptedStore":
        if self._opened is None:
            self._opened = open_secrets(self.settings.process)
        return self._opened
