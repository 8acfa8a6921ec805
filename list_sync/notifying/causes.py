"""Which causes there are after a run, and which of the earlier ones are over; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from list_sync.model.attention import Attention
from list_sync.model.exit_codes import FailureKind
from list_sync.model.masking import mask_address
from list_sync.model.notices import Cause, Topic, Verdict
from list_sync.model.report import SyncReport
from list_sync.model.routes import find_present
from list_sync.model.sources import AttemptOutcome, FetchState, ListKey
from list_sync.model.titles import counted
from list_sync.storage.lists import ListRecord
from list_sync.storage.source_faults import is_offline

PAUSE, BACKUP, BRAKE, RESET = "pause", "backup", "brake", "reset"
# There is one message then, and not one for each list.
_OFFLINE = Cause(
    "network",
    Topic.ATTENTION,
    "No source in the internet answers: look at the network of this machine. Lists stay as they were.",
    "Sources in the internet answer again.",
    "/lists",
)
_RUN, _LIST, _TERMS = "sync ", "list ", "terms"
# These neither went through nor failed.
_ENDED_EARLY = (FailureKind.STOPPED, FailureKind.BRAKE)
_OVER_OF_A_RUN = "Syncs go through again."


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known after a run; `names` are those of the lists that are set."""

    report: SyncReport
    attention: Attention
    lists: Sequence[ListRecord]
    expected: Mapping[ListKey, int | None]
    names: Mapping[ListKey, str]

    def find_causes(self) -> tuple[Cause, ...]:
        """Return what lasts."""
        report, attention = self.report, self.attention
        found = [_of_run(report), _of_brake(report, attention), _of_reset(attention), _of_terms(report)]
        is_without_network = is_offline(self.lists)
        found.append(_OFFLINE if is_without_network else None)
        for one in self.lists:
            if is_without_network and {route.outcome for route in find_present(one.routes)} == {AttemptOutcome.DOWN}:
                continue
            key = ListKey(one.list_type, one.list_id)
            name = self.names.get(key) or f"{one.list_type}:{mask_address(one.list_id)}"
            found.append(_of_list(one, self.expected.get(key), name))
        return tuple(filter(None, found))

    def judge(self, key: str) -> Verdict:
        """Return what the run says of a cause that is not there."""
        if key in (PAUSE, BACKUP):
            return Verdict.UNKNOWN
        if key.startswith(_LIST):
            if is_offline(self.lists):
                return Verdict.UNKNOWN
            return Verdict.OVER if key in {_key_of(one) for one in self.lists} else Verdict.GONE
        is_unknown = self.report.failure is FailureKind.STOPPED if key.startswith(_RUN) else self.report.error
        return Verdict.UNKNOWN if is_unknown and key not in (BRAKE, RESET) else Verdict.OVER


def find_cause_of_error(failure: FailureKind, error: str) -> Cause:
    """Return the cause that no sync goes through."""
    return Cause(f"{_RUN}{failure}", Topic.FAILED, f"The sync could not go through: {error}", _OVER_OF_A_RUN, "/runs")


def find_cause_of_pause(until: datetime) -> Cause:
    """Return the cause that syncs are paused."""
    return Cause(PAUSE, Topic.ATTENTION, f"Paused until {until:%Y-%m-%d %H:%M}: no sync starts.", "The pause is over.")


def find_cause_of_backup(trouble: str) -> Cause:
    """Return the cause that no backup can be made."""
    text = f"No backup could be made: {trouble}"
    return Cause(BACKUP, Topic.FAILED, text, "A backup was made again.", "/settings/backups")


def _of_run(report: SyncReport) -> Cause | None:
    if report.error is None or report.failure is None or report.failure in _ENDED_EARLY:
        return None
    return find_cause_of_error(report.failure, report.error)


def _of_brake(report: SyncReport, attention: Attention) -> Cause | None:
    if not attention.braked:
        return None
    told = report.error if report.failure is FailureKind.BRAKE and report.error else ""
    text = told or f"The brake holds {counted(attention.braked, 'title')} back."
    return Cause(BRAKE, Topic.ATTENTION, text, "The brake holds nothing back any more.", "/plan")


def _of_reset(attention: Attention) -> Cause | None:
    if not attention.vanished:
        return None
    text = (
        f"{counted(attention.vanished, 'request')} vanished from the server at once and are not sent again: "
        "list-sync accept-reset says what to do."
    )
    return Cause(RESET, Topic.ATTENTION, text, "The vanished requests are settled.")


def _of_terms(report: SyncReport) -> Cause | None:
    if not report.problems:
        return None
    more = f" ({len(report.problems) - 1} more)" if len(report.problems) > 1 else ""
    text = f"What a list asks for is not on the server: {report.problems[0]}{more}"
    return Cause(_TERMS, Topic.ATTENTION, text, "The server has what the lists ask for.", "/lists")


def _of_list(one: ListRecord, expected: int | None, name: str) -> Cause | None:
    """Return the cause of a list that was not read whole; what is merely unproven is none."""
    if one.state is FetchState.COMPLETE or (one.state is FetchState.PARTIAL and expected is None):
        return None
    entries = one.item_count + one.unsupported + one.not_understood
    counts = f", {entries} of {expected}" if one.state is FetchState.PARTIAL else ""
    text = f"The list {name} is {one.state}{counts}{f': {one.reason}' if one.reason else '.'}"
    return Cause(_key_of(one), Topic.ATTENTION, text, f"The list {name} is read whole again.", "/lists")


def _key_of(one: ListRecord) -> str:
    return f"{_LIST}{one.list_type}:{one.list_id}"
