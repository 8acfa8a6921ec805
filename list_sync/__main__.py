"""The entry point: `list-sync`, and `python -m list_sync`."""

import os
import signal
import sys


def main() -> int:
    """Run the command line of the process and return its exit code."""
    # A container runs this every 30 seconds, and reading the command line costs more than the check.
    if sys.argv[1:] == ["health"]:
        from list_sync.commands.failing import run_reported
        from list_sync.commands.health import check_health

        return run_reported(check_health)
    end_well_while_starting()
    from list_sync.cli import main as run_command_line

    return run_command_line()


def end_well_while_starting() -> None:
    """Let a SIGTERM end a daemon of the container at once until the daemon listens to signals itself.

    The entrypoint of the container blocks the signal, which would end the process with another exit code.
    """
    if signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))


if __name__ == "__main__":
    sys.exit(main())
