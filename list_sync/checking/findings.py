"""The results of a check, and the exit code that follows from them."""

from collections.abc import Iterable
from dataclasses import dataclass

from list_sync.model.exit_codes import ExitCode

# The result of a check is the first of these that a finding has.
GRAVEST = (ExitCode.CONFIGURATION, ExitCode.UNREACHABLE, ExitCode.REFUSED, ExitCode.FAILURES)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of the check; `code` is OK if there is nothing to fix."""

    text: str
    code: ExitCode = ExitCode.OK


def find_gravest(findings: Iterable[Finding]) -> ExitCode:
    """Return the exit code of a check."""
    codes = {finding.code for finding in findings}
    return next((code for code in GRAVEST if code in codes), ExitCode.OK)
