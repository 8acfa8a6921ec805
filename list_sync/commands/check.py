"""`check`: prints what is right with settings, folders, server and sources, and what to fix."""

from list_sync.checking import find_gravest, look_at_everything
from list_sync.commands.json_output import print_json
from list_sync.commands.printing import say
from list_sync.logins import open_logins
from list_sync.model.exit_codes import ExitCode
from list_sync.model.households import HOME
from list_sync.preparation import prepare_settings


def check(*, offline: bool, as_json: bool = False, household: str = HOME) -> ExitCode:
    """Print one line for each result, and what to fix; with `offline`, use no network."""
    findings = []
    opening = None
    if not offline:
        # Imported here, because a check without network opens no session.
        from list_sync.main import open_session

        opening = open_session
    for finding in look_at_everything(prepare_settings(household), open_logins=open_logins, open_session=opening):
        if not as_json:
            say(f"{'ok ' if finding.code is ExitCode.OK else 'fix'}  {finding.text}")
        findings.append(finding)
    if as_json:
        shown = [{"ok": finding.code is ExitCode.OK, "text": finding.text} for finding in findings]
        print_json({"findings": shown, "exit_code": find_gravest(findings)})
    return find_gravest(findings)
