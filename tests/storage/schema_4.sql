CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE list_copies (
	list_type TEXT NOT NULL, 
	list_id TEXT NOT NULL, 
	copied_at TEXT NOT NULL, 
	doubt TEXT, 
	content BLOB NOT NULL, 
	PRIMARY KEY (list_type, list_id)
);
CREATE TABLE list_backoffs (
	list_type TEXT NOT NULL, 
	list_id TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	until TEXT NOT NULL, 
	stamp TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (list_type, list_id)
);
CREATE TABLE cached_answers (
	"key" TEXT NOT NULL, 
	expires_at TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	applied_at TEXT DEFAULT CURRENT_TIMESTAMP, 
	PRIMARY KEY (version)
);
CREATE TABLE lists (
	list_type TEXT NOT NULL, 
	list_id TEXT NOT NULL, 
	item_count INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	route TEXT NOT NULL, 
	reason TEXT, 
	fetched_at TEXT, 
	last_synced TEXT, 
	complete_at TEXT, 
	run_id INTEGER NOT NULL, 
	attempts JSON, 
	copied_at TEXT, 
	backoff_until TEXT, 
	unsupported INTEGER DEFAULT 0 NOT NULL, 
	unsupported_kinds JSON, 
	not_understood INTEGER DEFAULT 0 NOT NULL, 
	first_not_understood JSON, 
	PRIMARY KEY (list_type, list_id)
);
CREATE TABLE synced_items (
	id INTEGER NOT NULL, 
	item_key TEXT NOT NULL, 
	title TEXT NOT NULL, 
	media_type TEXT, 
	year INTEGER, 
	imdb_id TEXT, 
	tvdb_id INTEGER, 
	overseerr_id INTEGER, 
	is_4k BOOLEAN NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	method TEXT, 
	last_synced TEXT NOT NULL, 
	first_seen TEXT NOT NULL, 
	provider_source TEXT, 
	run_id INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (item_key)
);
CREATE INDEX idx_synced_items_status ON synced_items (status);
CREATE INDEX idx_synced_items_imdb_id ON synced_items (imdb_id);
CREATE INDEX idx_synced_items_last_synced ON synced_items (last_synced);
CREATE INDEX idx_synced_items_overseerr_id ON synced_items (overseerr_id);
CREATE TABLE resolutions (
	"key" TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	tmdb_id INTEGER NOT NULL, 
	method TEXT NOT NULL, 
	resolved_at TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE pins (
	"key" TEXT NOT NULL, 
	media_type TEXT, 
	tmdb_id INTEGER, 
	pinned_at TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE unresolved_titles (
	"key" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	candidates TEXT NOT NULL, 
	looked_up_at TEXT NOT NULL, 
	clean_runs INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE provider_memory (
	provider TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (provider, "key")
);
CREATE TABLE missing_numbers (
	media_type TEXT NOT NULL, 
	tmdb_id INTEGER NOT NULL, 
	seen_at TEXT NOT NULL, 
	clean_runs INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (media_type, tmdb_id)
);
CREATE TABLE known_media (
	server TEXT NOT NULL, 
	media_type TEXT NOT NULL, 
	tmdb_id INTEGER NOT NULL, 
	availability INTEGER NOT NULL, 
	availability_4k INTEGER NOT NULL, 
	seasons TEXT NOT NULL, 
	seasons_4k TEXT NOT NULL, 
	requests TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	media_rows INTEGER DEFAULT 1 NOT NULL, 
	PRIMARY KEY (server, media_type, tmdb_id)
);
CREATE TABLE known_shows (
	server TEXT NOT NULL, 
	tmdb_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	year INTEGER, 
	imdb_id TEXT, 
	tvdb_id INTEGER, 
	season_numbers TEXT NOT NULL, 
	checked_at TEXT NOT NULL, 
	status TEXT, 
	next_episode_on TEXT, 
	tried_at TEXT, 
	PRIMARY KEY (server, tmdb_id)
);
CREATE TABLE server_fingerprints (
	server TEXT NOT NULL, 
	requests INTEGER NOT NULL, 
	pending INTEGER NOT NULL, 
	declined INTEGER NOT NULL, 
	media INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	read_at TEXT NOT NULL, 
	full_read_at TEXT, 
	next_place INTEGER NOT NULL, 
	unread_since TEXT, 
	PRIMARY KEY (server)
);
CREATE TABLE sent_requests (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	server TEXT NOT NULL, 
	run_id INTEGER NOT NULL, 
	media_type TEXT NOT NULL, 
	tmdb_id INTEGER NOT NULL, 
	is_4k BOOLEAN NOT NULL, 
	seasons TEXT NOT NULL, 
	requester_id INTEGER, 
	sent_at TEXT NOT NULL, 
	state TEXT NOT NULL, 
	request_id INTEGER, 
	answer TEXT NOT NULL, 
	settled_at TEXT
);
CREATE INDEX idx_sent_requests_server_state ON sent_requests (server, state);
CREATE TABLE sync_history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sync_started TEXT NOT NULL, 
	sync_completed TEXT, 
	items_processed INTEGER DEFAULT 0 NOT NULL, 
	items_requested INTEGER DEFAULT 0 NOT NULL, 
	items_skipped INTEGER DEFAULT 0 NOT NULL, 
	items_errored INTEGER DEFAULT 0 NOT NULL, 
	sync_mode TEXT NOT NULL, 
	status TEXT NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	error TEXT, 
	reads INTEGER DEFAULT 0 NOT NULL, 
	writes INTEGER DEFAULT 0 NOT NULL, 
	lists_total INTEGER DEFAULT 0 NOT NULL, 
	lists_failed INTEGER DEFAULT 0 NOT NULL, 
	counts JSON
);
CREATE TABLE triggers (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	asked_at TEXT NOT NULL, 
	lists JSON NOT NULL, 
	dry_run BOOLEAN NOT NULL, 
	mode TEXT NOT NULL, 
	taken_at TEXT, 
	run_id INTEGER, 
	finished_at TEXT, 
	exit_code INTEGER
);
CREATE TABLE item_lists (
	item_id INTEGER NOT NULL, 
	list_type TEXT NOT NULL, 
	list_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	PRIMARY KEY (item_id, list_type, list_id), 
	FOREIGN KEY(item_id) REFERENCES synced_items (id) ON DELETE CASCADE
);
CREATE INDEX idx_item_lists_list ON item_lists (list_type, list_id);
CREATE TABLE item_events (
	id INTEGER NOT NULL, 
	item_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	method TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(item_id) REFERENCES synced_items (id) ON DELETE CASCADE
);
CREATE INDEX idx_item_events_item ON item_events (item_id);
CREATE TABLE review_candidates (
	item_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	media_type TEXT NOT NULL, 
	tmdb_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	original_title TEXT NOT NULL, 
	year INTEGER, 
	popularity FLOAT NOT NULL, 
	PRIMARY KEY (item_id, position), 
	FOREIGN KEY(item_id) REFERENCES synced_items (id) ON DELETE CASCADE
);
CREATE TABLE run_lists (
	run_id INTEGER NOT NULL, 
	list_type TEXT NOT NULL, 
	list_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	route TEXT NOT NULL, 
	items INTEGER NOT NULL, 
	unsupported INTEGER NOT NULL, 
	expected INTEGER, 
	reason TEXT, 
	attempts JSON, 
	copied_at TEXT, 
	backoff_until TEXT, 
	unsupported_kinds JSON, 
	not_understood INTEGER DEFAULT 0 NOT NULL, 
	first_not_understood JSON, 
	PRIMARY KEY (run_id, list_type, list_id), 
	FOREIGN KEY(run_id) REFERENCES sync_history (id) ON DELETE CASCADE
);
