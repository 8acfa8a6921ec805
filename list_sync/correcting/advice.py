"""What would change the state of a title, said in one sentence."""

import shlex

from list_sync.correcting.keys import keys_to_pin
from list_sync.model.decisions import ItemStatus
from list_sync.model.rules import OwnRule
from list_sync.model.waiting import RELEASE_THE_BRAKE, SNOOZED_UNTIL
from list_sync.storage.title_search import TitleRecord

_BY_STATE = {
    ItemStatus.REQUESTED: "nothing to do: it is requested, and what follows is decided on the server",
    ItemStatus.ALREADY_REQUESTED: "nothing to do: it is requested, and what follows is decided on the server",
    ItemStatus.ALREADY_AVAILABLE: "nothing to do: the server has it",
    ItemStatus.WOULD_REQUEST: "a sync that is no dry run requests it",
    ItemStatus.BLOCKLISTED: "take it off the blocklist of the server; the next sync then requests it",
    ItemStatus.DELETED: "request it on the server yourself, if you want it back",
    ItemStatus.DECLINED: "approve its request on the server, if you want it after all",
    ItemStatus.UNSUPPORTED: "each sync looks again: it is requested when the server or TMDB has what is missing",
    ItemStatus.REQUEST_FAILED: "settle the cause on the server; the next sync looks again",
    ItemStatus.ERROR: "nothing to do: the next sync tries again",
    ItemStatus.FILTERED: "change or remove that rule in lists.yaml; the next sync decides anew",
}


# The commands of an advice, in the words of the page of the title.
_ON_PAGE = {
    ItemStatus.NEEDS_REVIEW: "say which title it is: Review it",
    ItemStatus.NOT_FOUND: "it is searched for again after a day or more; Pin to another title says what it is",
}


def advise_on_page(record: TitleRecord) -> str:
    """Return the same for a page, where buttons do what commands do."""
    if record.status in _ON_PAGE:
        return _ON_PAGE[record.status]
    told = advise(record)
    if "list-sync snooze" in told:
        return "End the snooze"
    if "list-sync ban" in told:
        return "Take back the ban"
    if "list-sync pin" in told:
        return "Pin it to itself below, and the next sync asks again"
    if RELEASE_THE_BRAKE in told:
        return "the plan shows what the brake holds, and requests it, if so many new titles are right"
    return "the overview settles it" if "accept-reset" in told else told


def advise(record: TitleRecord) -> str:
    """Return what would change the state of a title."""
    key = shlex.quote(keys_to_pin(record)[0])
    if record.status is ItemStatus.NEEDS_REVIEW:
        return f"say which title it is: list-sync review, or list-sync pin {key} TMDB"
    if record.status is ItemStatus.NOT_FOUND:
        return f"it is searched for again after a day or more; list-sync pin {key} TMDB says what it is"
    if record.status is ItemStatus.EXCLUDED:
        return _advise_excluded(record, key)
    if record.status is ItemStatus.WAITING:
        return _advise_waiting(record, key)
    if record.status is ItemStatus.DECLINED and "pin it" in record.reason and record.media_type is not None:
        return f"list-sync pin {key} tmdb:{record.media_type.value}:{record.tmdb_id} lets the next sync ask again"
    if record.status is ItemStatus.DECLINED and "left all lists" in record.reason:
        return "put it on a list again; the next sync then requests it as a new one"
    if record.status is ItemStatus.FILTERED and "looked at again then" in record.reason:
        return "nothing to do: it is looked at again on that day"
    return _BY_STATE[record.status]


def _advise_waiting(record: TitleRecord, key: str) -> str:
    if "accept-reset" in record.reason:
        return "list-sync accept-reset settles it"
    if RELEASE_THE_BRAKE in record.reason:
        return f"{RELEASE_THE_BRAKE} requests it, if so many new titles are right"
    if record.reason.startswith(SNOOZED_UNTIL):
        return f"list-sync snooze {key} --off ends the snooze"
    return "nothing to do: each sync looks again, and requests it when the reason is gone"


def _advise_excluded(record: TitleRecord, key: str) -> str:
    if record.reason.startswith("excluded in "):
        return (
            f"take it off the import exclusions of {record.reason.rpartition(' ')[2]}; the next sync then requests it"
        )
    rules = record.explanation.rules if record.explanation else ()
    if any(not rule.passed and rule.rule != OwnRule.BAN.words for rule in rules):
        return "remove that exclusion from lists.yaml; the next sync decides anew"
    return f"list-sync ban {key} --remove takes the ban back"
