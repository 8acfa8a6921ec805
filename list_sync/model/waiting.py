"""Why titles wait: the causes that monitoring counts, told from the reasons that people read."""

from enum import StrEnum


class WaitingCause(StrEnum):
    """What a waiting title waits for.

    SERVER: until the server answers again. NEW_SERVER: for its first look-up on another installation.
    """

    RUN_CAP = "run_cap"
    DAY_CAP = "day_cap"
    QUOTA = "quota"
    LOST_ANSWER = "lost_answer"
    VANISHED = "vanished"
    TMDB = "tmdb"
    STOPPED = "stopped"
    NEW_SERVER = "new_server"
    SERVER = "server"


# Parts of the reasons, of which the first that fits decides.
_WORDS = {
    "MAX_REQUESTS_PER_RUN=": WaitingCause.RUN_CAP,
    "MAX_REQUESTS_PER_DAY=": WaitingCause.DAY_CAP,
    "the quota of user ": WaitingCause.QUOTA,
    "list-sync accept-reset": WaitingCause.VANISHED,
    "a request was sent and its answer lost": WaitingCause.LOST_ANSWER,
    "the server could not reach TMDB": WaitingCause.TMDB,
    "the server is another installation now": WaitingCause.NEW_SERVER,
    "ListSync was stopped": WaitingCause.STOPPED,
}


def find_cause(reason: str) -> WaitingCause:
    """Return the cause in the reason of a waiting title; what is no other cause is the server's failure."""
    return next((cause for words, cause in _WORDS.items() if words in reason), WaitingCause.SERVER)
