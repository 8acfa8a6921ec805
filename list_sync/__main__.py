"""Makes `python -m list_sync` the same as `list-sync`."""

import sys

from list_sync.cli import main

if __name__ == "__main__":
    sys.exit(main())
