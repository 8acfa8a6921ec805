import pytest

from list_sync.errors import (
    AnswerLost,
    AuthenticationFailed,
    ConfigError,
    FolderInUse,
    InvalidListId,
    Refused,
    ServiceUnavailable,
    StorageError,
    SyncCancelled,
)
from list_sync.model.decisions import ItemStatus
from list_sync.model.exit_codes import ExitCode, FailureKind
from list_sync.model.sources import FetchState
from tests.builders import a_match, a_result
from tests.unit.commands.records import a_report, requested, skipped


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (InvalidListId("x"), 2),
        (ServiceUnavailable("overseerr", "down"), 3),
        (AnswerLost("overseerr", "lost"), 3),
        (AuthenticationFailed("overseerr", "key"), 4),
        (Refused("overseerr", "no"), 4),
        (FolderInUse("x"), 4),
        (StorageError("x"), 1),
        (SyncCancelled("x"), 130),
    ],
)
def test_each_error_ends_a_command_with_its_code(error, code):
    assert FailureKind.of(error).exit_code == code


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (a_report(), 0),
        (a_report(requested()), 0),
        (a_report(fetched=(a_result(state=FetchState.FAILED, reason="gone"),)), 1),
        (a_report(skipped(a_match(), ItemStatus.ERROR, "no answer")), 1),
        (a_report(error="down", failure=FailureKind.UNREACHABLE), 3),
        (a_report(error="key", failure=FailureKind.REFUSED), 4),
        (a_report(error="stopped", failure=FailureKind.STOPPED), 130),
        (a_report(error="disk", failure=FailureKind.STORAGE), 1),
    ],
)
def test_each_report_ends_a_command_with_its_code(report, code):
    assert report.exit_code == code


def test_the_codes_are_the_documented_ones():
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 130]
