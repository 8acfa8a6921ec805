"""The commands about plans: what a sync would do, doing it, and taking it back."""

import typer

from list_sync import options
from list_sync.model.households import HOME

LOOKS_BACK = "90d"


def plan(
    file: options.PlanOutput = None,
    check: options.CheckPlan = False,
    only: options.Lists = None,
    config: options.OtherPolicy = None,
    since: options.Since = None,
    lists_file: options.InsteadOf = None,
    as_markdown: options.AsMarkdown = False,
    as_json: options.AsJson = False,
    household: options.Household = HOME,
) -> int:
    """Show what a sync would do, list by list, and save it for `apply`; nothing is changed on the server."""
    if config is not None:
        if file or check or only or lists_file or as_markdown:
            raise typer.BadParameter("--config looks back and plans nothing: use it with --since and --json only")
        from list_sync.commands.replay import replay_policy

        return replay_policy(config, since or LOOKS_BACK, as_json=as_json, household=household)
    if since is not None:
        raise typer.BadParameter("--since looks back: use it with --config, which names the other policy")
    if as_json and as_markdown:
        raise typer.BadParameter("give --json or --markdown: one of both is printed")
    from list_sync.commands.plan import Form
    from list_sync.commands.plan import plan as make

    form = Form.JSON if as_json else Form.MARKDOWN if as_markdown else Form.TEXT
    return make(file=file, check=check, lists=only or (), form=form, lists_file=lists_file, household=household)


def apply(
    file: options.PlanFile = None,
    pending: options.Pending = False,
    lists_file: options.InsteadOf = None,
    as_json: options.AsJson = False,
    household: options.Household = HOME,
) -> int:
    """Request what a saved plan says and still holds, or what the brake held; say of each other line what changed."""
    from list_sync.commands.apply import apply as carry_out
    from list_sync.commands.apply import apply_pending

    if (file is None) is not pending:
        raise typer.BadParameter("name the file of a plan, or give --pending: one of both")
    if lists_file and pending:
        raise typer.BadParameter("--lists-file is for the file of a plan, not for --pending")
    return (
        apply_pending(as_json=as_json, household=household)
        if file is None
        else carry_out(file, as_json=as_json, lists_file=lists_file, household=household)
    )


def undo(
    run: options.UndoneRun,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
    household: options.Household = HOME,
) -> int:
    """Withdraw the requests of a run that nothing else wants, after an exact preview."""
    from list_sync.commands.undo import undo as take_back

    return take_back(run, yes=yes, as_json=as_json, household=household)
