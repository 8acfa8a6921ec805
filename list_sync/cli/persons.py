"""The command about the data of a person."""

from list_sync import options
from list_sync.model.households import HOME


def forget(
    requester: options.Requester,
    dry_run: options.ForgetDryRun = False,
    offline: options.WithoutServer = False,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
    household: options.Household = HOME,
) -> int:
    """Remove what is stored of a person; requests stay as facts without the person, so that none is made twice."""
    from list_sync.commands.forget import forget as forget_person

    return forget_person(requester, is_trial=dry_run, offline=offline, yes=yes, as_json=as_json, household=household)
