"""Why titles wait: the causes that monitoring counts, told from the reasons that people read."""

from enum import StrEnum

from list_sync.model.titles import counted

RELEASE_THE_BRAKE = "list-sync apply --pending"
HELD_BY_THE_BRAKE = f"held by the brake, because its run wanted very many titles: {RELEASE_THE_BRAKE} requests it"
UNTIL_CORRECTED = "requested once that is corrected"
SNOOZED_UNTIL = "snoozed by you until "
FIRST_UNKNOWN = "which are its first"


class WaitingCause(StrEnum):
    """What a waiting title waits for.

    SERVER: until the server answers again. FACTS: until a fact is known that a filter asks for. EXCLUDED_LIST: until a
    list whose titles are left out can be read. TERMS: until the user corrects what the terms of a list name.
    NEW_SERVER: for its first look-up on another installation. BRAKE: until
    the user releases it, because a run wanted very many titles.
    """

    RUN_CAP = "run_cap"
    DAY_CAP = "day_cap"
    LIST_CAP = "list_cap"
    OPEN_CAP = "open_cap"
    HOLD = "hold"
    PAUSE = "pause"
    BRAKE = "brake"
    QUOTA = "quota"
    FACTS = "facts"
    EXCLUDED_LIST = "excluded_list"
    TERMS = "terms"
    SNOOZE = "snooze"
    LOST_ANSWER = "lost_answer"
    VANISHED = "vanished"
    TMDB = "tmdb"
    STOPPED = "stopped"
    NEW_SERVER = "new_server"
    SERVER = "server"


# Parts of the reasons, of which the first that fits decides.
_WORDS = {
    RELEASE_THE_BRAKE: WaitingCause.BRAKE,
    "the brake stopped the run": WaitingCause.STOPPED,
    SNOOZED_UNTIL: WaitingCause.SNOOZE,
    UNTIL_CORRECTED: WaitingCause.TERMS,
    "pause_when.": WaitingCause.PAUSE,
    "caps.per_run=": WaitingCause.RUN_CAP,
    "caps.per_requester=": WaitingCause.DAY_CAP,
    "caps.per_day=": WaitingCause.DAY_CAP,
    "max_new_per_day=": WaitingCause.LIST_CAP,
    "max_open=": WaitingCause.OPEN_CAP,
    ": it rests until ": WaitingCause.HOLD,
    "looked at again every few days": WaitingCause.FACTS,
    "could not read its ratings": WaitingCause.FACTS,
    FIRST_UNKNOWN: WaitingCause.FACTS,
    "whose titles are left out": WaitingCause.EXCLUDED_LIST,
    "MAX_REQUESTS_PER_RUN=": WaitingCause.RUN_CAP,
    "MAX_REQUESTS_PER_DAY=": WaitingCause.DAY_CAP,
    "the quota of user ": WaitingCause.QUOTA,
    "list-sync accept-reset": WaitingCause.VANISHED,
    "a request was sent and its answer lost": WaitingCause.LOST_ANSWER,
    "the server could not reach TMDB": WaitingCause.TMDB,
    "the server is another installation now": WaitingCause.NEW_SERVER,
    "ListSync was stopped": WaitingCause.STOPPED,
}


def find_essence(reason: str) -> str:
    """Return the reason of a title without when it goes and the numbers of the moment, which change in every run."""
    lasting = reason.partition("; its turn comes ")[0]
    return lasting.partition(": ")[0] if lasting.startswith("pause_when.") else lasting


def describe_braked(titles: int) -> str:
    """Say that the brake holds titles, and what to do."""
    return (
        f"holds {counted(titles, 'title')}: if they are right, {RELEASE_THE_BRAKE} requests them; else correct the list"
    )


def find_cause(reason: str) -> WaitingCause:
    """Return the cause in the reason of a waiting title; what is no other cause is the server's failure."""
    return next((cause for words, cause in _WORDS.items() if words in reason), WaitingCause.SERVER)
