"""What the tests of exchanges do in processes of their own."""

from pathlib import Path

from list_sync.files.exchange import exchanging, settle

OLD = {"list_sync.db": "old", "list_sync.db-wal": "old log", "config.enc": "old", ".config_key": "old"}
NEW = {"list_sync.db": "new", "config.enc": "new"}


def lay_out(folder, files):
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content)


def put(arguments):
    """Exchange the old files for the new ones."""
    folder = Path(arguments[0])
    with exchanging(folder) as exchange:
        lay_out(exchange.new, NEW)
        exchange.commit(outgoing=["config.enc", ".config_key"], aside="before")


def open_folder(arguments):
    """Do what whoever opens the folder does first."""
    settle(Path(arguments[0]))
