"""Why a log-in at the issuer did not succeed, in the words of the log-in page."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """One reason; its value stands in the address of the log-in page."""

    DOWN = "down"
    ODD = "odd"
    CLIENT = "client"
    BROWSER = "browser"
    DENIED = "denied"
    CODE = "code"
    TOKEN = "token"  # noqa: S105 (a name)
    CLOCK = "clock"
    UNLISTED = "unlisted"
    WAIT = "wait"
    NO_END = "no-end"


WORDS: Mapping[Reason, tuple[str, str]] = {
    Reason.DOWN: ("The issuer does not answer", "Try again in a minute. The log of ListSync says more."),
    Reason.ODD: ("The issuer does not answer as expected", "The log of ListSync says what is wrong."),
    Reason.CLIENT: (
        "The issuer does not know this ListSync",
        "OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is not what is registered there.",
    ),
    Reason.BROWSER: (
        "This log-in was not begun in this browser",
        "Or it was begun more than ten minutes ago, or used already. Begin again here.",
    ),
    Reason.DENIED: ("The issuer did not log you in", "You stopped it there, or the issuer does not let you in here."),
    Reason.CODE: ("The issuer took the log-in back", "Its code is too old, or was used already. Begin again here."),
    Reason.TOKEN: (
        "What the issuer says cannot be trusted",
        "Its answer is not signed as it should be, or not meant for this log-in. The log of ListSync says more.",
    ),
    Reason.CLOCK: ("The clocks differ", "Compare the clock of this machine with the one of the issuer."),
    Reason.UNLISTED: (
        "You may not log in here",
        "The issuer knows you, but OIDC_ALLOWED and OIDC_READERS do not. The log of ListSync names you.",
    ),
    Reason.WAIT: ("Too many wrong log-ins", "Wait a minute, then try again."),
    Reason.NO_END: ("The issuer has no log-out for other programs", "Log out on its own pages."),
}


class SignOnRefused(Exception):
    """What a browser brought back from the issuer opens nothing; `detail` is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(detail)


def find_reason(text: str) -> Reason | None:
    """Return the reason that the address of the log-in page states, if it is one."""
    return Reason(text) if text in tuple(Reason) else None
