"""Data folders of ListSync 0.6.6, made from its documented schema, with the quirks that it left in them."""

import base64
import json
import os
import sqlite3
from contextlib import closing

from cryptography.fernet import Fernet

SCHEMA = """
CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT, list_type TEXT NOT NULL, list_id TEXT NOT NULL, list_url TEXT,
    item_count INTEGER DEFAULT 0, last_synced TIMESTAMP, poster_url TEXT, poster_cached_at TIMESTAMP,
    user_id TEXT DEFAULT "1", UNIQUE(list_type, list_id)
);
CREATE TABLE synced_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, media_type TEXT NOT NULL, year INTEGER, imdb_id TEXT,
    overseerr_id INTEGER, status TEXT, last_synced TIMESTAMP DEFAULT CURRENT_TIMESTAMP, poster_url TEXT,
    poster_cached_at TIMESTAMP, source_list_type TEXT, source_list_id TEXT, tmdb_id TEXT
);
CREATE TABLE item_lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT, item_id INTEGER NOT NULL, list_type TEXT NOT NULL, list_id TEXT NOT NULL,
    synced_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, UNIQUE(item_id, list_type, list_id),
    FOREIGN KEY (item_id) REFERENCES synced_items(id) ON DELETE CASCADE
);
CREATE TABLE sync_interval (id INTEGER PRIMARY KEY AUTOINCREMENT, interval_hours REAL NOT NULL);
CREATE TABLE sync_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT UNIQUE, sync_type TEXT, in_progress INTEGER DEFAULT 0,
    start_time TIMESTAMP, end_time TIMESTAMP, status TEXT, list_type TEXT, list_id TEXT, pid INTEGER,
    total_items INTEGER, items_requested INTEGER, items_skipped INTEGER, items_errors INTEGER, error_message TEXT
);
CREATE TABLE sync_items (id INTEGER PRIMARY KEY, session_id TEXT);
CREATE TABLE overseerr_users (id TEXT PRIMARY KEY, display_name TEXT, email TEXT, avatar TEXT, last_synced TIMESTAMP);
CREATE TABLE cached_images (id INTEGER PRIMARY KEY, image_url TEXT UNIQUE, image_data BLOB);
CREATE TABLE app_settings (
    key TEXT PRIMARY KEY, value TEXT, is_encrypted INTEGER DEFAULT 0, setting_type TEXT DEFAULT 'string',
    updated_at TIMESTAMP, created_at TIMESTAMP
);
CREATE TABLE setup_status (id INTEGER PRIMARY KEY, is_completed INTEGER, completed_at TIMESTAMP, setup_version TEXT);
"""
THEN = "2025-12-01 10:00:00"
SECRET_SETTINGS = ("overseerr_api_key", "trakt_client_id", "discord_webhook", "tmdb_key")


class FormerFolder:
    """A data folder of 0.6.6 that a test fills."""

    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.database = path / "list_sync.db"
        self.execute(SCHEMA)

    def execute(self, script):
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(script)

    def insert(self, table, *rows, or_ignore=False):
        with closing(sqlite3.connect(self.database)) as connection:
            for row in rows:
                names = ", ".join(row)
                places = ", ".join("?" * len(row))
                connection.execute(
                    f"INSERT {'OR IGNORE ' if or_ignore else ''}INTO {table} ({names}) VALUES ({places})",
                    list(row.values()),
                )
            connection.commit()
        return self

    def add_list(self, kind, list_id, user="1"):
        return self.insert("lists", {"list_type": kind, "list_id": list_id, "user_id": user, "last_synced": THEN})

    def add_title(self, title, number, status, kind="movie", **others):
        row = {"title": title, "media_type": kind, "overseerr_id": number, "status": status, "last_synced": THEN}
        return self.insert("synced_items", row | others)

    def add_run(self, session, status="completed", **others):
        row = {"session_id": session, "sync_type": "full", "start_time": THEN, "end_time": THEN, "status": status}
        return self.insert("sync_history", row | others)

    def add_settings(self, *, key=None, **values):
        """Store settings; the secret ones encrypted with a key, which is put into its file."""
        fernet = None
        if any(name in SECRET_SETTINGS for name in values):
            fernet = Fernet(key or Fernet.generate_key())
            if key is None:
                keyfile = self.path / ".encryption_key"
                keyfile.write_bytes(base64.urlsafe_b64encode(fernet._signing_key + fernet._encryption_key))
                keyfile.chmod(0o600)
        for name, value in values.items():
            is_secret = name in SECRET_SETTINGS
            text = fernet.encrypt(value.encode()).decode() if is_secret else value
            self.insert("app_settings", {"key": name, "value": text, "is_encrypted": int(is_secret)})
        return self

    def add_store(self, password, **values):
        """Write config.enc as 0.6 did: without salt, the key being the password padded with blanks."""
        key = base64.urlsafe_b64encode(password.encode().ljust(32)[:32])
        (self.path / "config.enc").write_bytes(Fernet(key).encrypt(json.dumps(values).encode()))
        return self

    def age(self, seconds=1_000_000):
        """Give all files the time of a program that was stopped long ago."""
        for one in self.path.rglob("*"):
            moment = one.stat().st_mtime - seconds
            os.utime(one, (moment, moment))
        return self

    def photograph(self):
        """Return content and time of every file, by which a change is seen."""
        files = (one for one in sorted(self.path.rglob("*")) if one.is_file())
        return {str(one.relative_to(self.path)): (one.read_bytes(), one.stat().st_mtime_ns) for one in files}
