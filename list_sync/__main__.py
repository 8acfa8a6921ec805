"""The entry point: `list-sync`, and `python -m list_sync`."""

import sys


def main() -> int:
    """Run the command line of the process and return its exit code."""
    # A container runs this every 30 seconds, and reading the command line costs more than the check.
    if sys.argv[1:] == ["health"]:
        from list_sync.commands.failing import run_reported
        from list_sync.commands.health import check_health

        return run_reported(check_health)
    from list_sync.cli import main as run_command_line

    return run_command_line()


if __name__ == "__main__":
    sys.exit(main())
