"""`demo`: the whole program with a bundled server and sample sources."""

from list_sync import log
from list_sync.commands.printing import say
from list_sync.commands.run import stay
from list_sync.commands.sync import sync_and_print
from list_sync.demo.trial import demo_running


def demo(*, once: bool, as_json: bool) -> int:
    """Sync the sample lists once and print every title, or sync them again about every minute until Ctrl-C."""
    with demo_running() as settings:
        if once or as_json:
            return sync_and_print(settings, as_json=as_json, everything=True)
        log.configure_logging(settings.process.log_level, settings.process.log_format, zone=settings.process.zone)
        address, folder = settings.household.overseerr_url, settings.process.data_dir
        say(f"a demo server at {address} and sample lists; Ctrl-C ends it, {folder} keeps it all")
        say(f"in {folder}, from another terminal, all commands work with it: list-sync status, plan, why, review")
        while (code := stay(settings)) is None:
            # Another demo of this folder ended.
            pass
        return code
