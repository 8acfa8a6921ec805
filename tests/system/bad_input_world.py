"""Sources and a server on loopback, and a session between them whose settings come from the environment."""

from list_sync import main
from list_sync.demo.sources.sample_sources import SourceEntry
from list_sync.model.report import SyncMode

BAD = {
    "imdb": "ls000000666",
    "mdblist": "joe/bad",
    "trakt": "joe/bad",
    "trakt_special": "popular:movies",
}
GOOD = {
    "imdb": "ls000000001",
    "mdblist": "joe/good",
    "trakt": "joe/good",
    "trakt_special": "trending:movies",
}
SETTINGS = {source: f"{source.upper()}_LISTS" for source in (*BAD, "file")}


def film(number):
    """Return the demo server's synthetic film of that number as a source states it."""
    return SourceEntry(f"Synthetic Film {number:06d}", "movie", None, f"tt9{number:07d}", 5_000_000 + number)


class Films:
    """Many synthetic films, each made when it is read."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, number):
        if number >= self.length:
            raise IndexError(number)
        return film(number)


class World:
    """Lists of four sources, two each, and files; what is set here is all that ListSync knows."""

    def __init__(self, folder, sources, server, monkeypatch):
        self.folder = folder
        self.sources = sources
        self.server = server
        self.monkeypatch = monkeypatch
        self.drop = folder / "data" / "drop"
        self.drop.mkdir(parents=True)
        self.expected = set()
        monkeypatch.chdir(folder)
        self.set(**sources.environment(), RETRY_ATTEMPTS=0, HTTP_TIMEOUT=60, MAX_WORKERS=8)
        self.set(OVERSEERR_URL=server.url, OVERSEERR_API_KEY=server.api_key)
        self.set(DATA_DIR=folder / "data", CONFIG_DIR=folder / "config", **dict.fromkeys(SETTINGS.values(), ""))

    def set(self, **settings):
        for name, value in settings.items():
            self.monkeypatch.setenv(name, str(value))

    def add_lists(self, ids, *, first, length=8, **options):
        """Give each source one list of its own titles."""
        for position, (source, list_id) in enumerate(ids.items()):
            numbers = range(first + 100 * position, first + 100 * position + length)
            self.sources.add_list(source, list_id, [film(number) for number in numbers], **options)
            self.expected.update(5_000_000 + number for number in numbers)

    def read(self, *lists):
        """Set which lists are read; each argument has list ids by source."""
        for source, setting in SETTINGS.items():
            self.set(**{setting: ",".join(ids[source] for ids in lists if source in ids)})

    def break_all(self, fault):
        for source, list_id in BAD.items():
            self.sources.fault(source, list_id, fault)

    def sync(self, **options):
        with main.open_session(main.prepare_settings()) as session:
            return session.sync(mode=SyncMode.MANUAL, **options)

    @property
    def requested(self):
        return sorted(row["tmdb_id"] for row in self.server.requests())


def result_of(report, source, list_id):
    """Return what became of one list."""
    return next(
        result for result in report.fetched if (result.source.provider, result.source.list_id) == (source, list_id)
    )


def assert_is_one_clear_line(reason, source, list_id, words):
    """Hold a reason to its promise: one line that names the setting but not the list, and says `words`."""
    assert reason == " ".join(reason.split())
    assert reason.isprintable()
    assert reason.endswith(f"({SETTINGS[source]})")
    assert words in reason
    assert f"{source}:{list_id}: " not in reason
    assert len(reason) <= 700
