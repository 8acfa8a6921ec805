"""Our side of a random life: lists with their terms, the policy, the process, and what is known of all this."""

import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

from list_sync.correcting.pins import ban, pin_keys, take_back
from list_sync.correcting.snoozing import snooze
from list_sync.demo.server.database.state import OWNER_ID
from list_sync.demo.server.dialects import Dialect
from list_sync.demo.server.users.permissions import Permission
from list_sync.errors import (
    AuthenticationFailed,
    Blocked,
    InvalidListId,
    ResourceNotFound,
    ServiceUnavailable,
    UnexpectedResponse,
)
from list_sync.model.decisions import Policy
from list_sync.model.policy import Caps, Exclusions, HouseholdPolicy, PauseWhen
from list_sync.model.sources import ListRef
from list_sync.model.titles import MediaType
from tests.fakes.shelf import SHELVES, Bench, Cut
from tests.fakes.wishes import HARD, PLAIN, SHOW_WISHES
from tests.life.acting import action
from tests.life.look import QUALITY_OF, Look, key_of, seasons_of
from tests.life.terms import QUALITIES, added, build_terms, draw_quality, draw_terms
from tests.life.world import BEGINNING

LISTS = ("first", "second", "third")
SEEN = "seen"
# Of an entry with the id of a person, only its name counts once the list is read.
WISHES = (*PLAIN, *SHOW_WISHES, *(wish for wish in HARD if not (wish.item.ids.imdb or "").startswith("nm")))
FAILURES = {
    "down": ServiceUnavailable("shelf", "is down"),
    "gone": ResourceNotFound("shelf", "gone"),
    "challenge": Blocked("shelf", "a challenge page"),
    "web page": UnexpectedResponse("shelf", "HTML instead of JSON"),
    "key refused": AuthenticationFailed("shelf", "the key was refused"),
    "mistake": RuntimeError("a mistake in a provider"),
    "cut": None,
}
MAY_4K = Permission.REQUEST | Permission.REQUEST_4K
CAPS = (0, 0, 1, 2, 3)
_BY_ITEM = {wish.item: wish for wish in WISHES}


def of(*values):
    """Return a draw of one of some values."""
    return lambda dice: dice.choice(values)


def number(dice):
    """Draw a number that stands for something that is there at that moment."""
    return dice.randrange(1000)


def draw_wish(dice):
    """Draw a wish by its place: a film, a show or a hard case, each as often as the others."""
    pool = dice.choice((range(len(PLAIN)), range(len(PLAIN), len(PLAIN) + len(SHOW_WISHES)), range(len(WISHES))))
    return dice.choice(pool)


def some_wishes(least, most):
    """Return a draw of several wishes."""
    return lambda dice: [draw_wish(dice) for _ in range(dice.randint(least, most))]


def draw_rules(dice):
    """Draw the policy of all lists."""
    return {
        "caps": [dice.choice(CAPS) for _ in range(3)],
        "pending": dice.choice((None, None, None, 1, 4)),
        "movies": [draw_wish(dice)] if dice.random() < 0.3 else [],
        "names": dice.choice(([], [], ["/0000[0-3]$/"], ["Friends"])),
        "seen": dice.random() < 0.3,
        "brake": dice.random() < 0.8,
    }


NO_RULES = {"caps": [0, 0, 0], "pending": None, "movies": [], "names": [], "seen": False, "brake": False}


class Household:
    """One household: its lists, one server, one database, and what happens to them."""

    def __init__(self, world):
        self.world = world
        self.process = ExitStack()
        self.results = Counter()

    @action(
        dialect=of(*(dialect.value for dialect in Dialect)), has_file=of(True, True, False), asker=of("owner", "bob")
    )
    def move_in(self, dialect, has_file, asker):
        self.world.now = BEGINNING
        self.server = self.world.servers[dialect]
        self.server.reset()
        self.server.faults.post_seconds = 0
        self.server.faults.roll_dice_anew(1)
        self.users = {
            "owner": OWNER_ID,
            "alice": self.server.add_user("alice", MAY_4K, movie_quota=3, tv_quota=8),
            "bob": self.server.add_user("bob", MAY_4K),
            "carol": self.server.add_user("carol"),
        }
        self.has_file = has_file
        self.folder = tempfile.TemporaryDirectory()
        self.bench = Bench(
            Path(self.folder.name), self.server, clock=lambda: self.now, client_options={"retry_attempts": 1}
        )
        self.lists = {name: [] for name in (*LISTS, SEEN)}
        own = {"requester": asker, "withdraw": "pending"} if has_file and asker == "bob" else {}
        self.terms = {name: dict(own) for name in LISTS}
        self.disabled, self.failing, self.rules, self.backups = set(), {}, NO_RULES, []
        self.forget_everything()
        self.start_process()

    def close(self):
        self.process.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @property
    def now(self):
        return self.world.now

    # What happens to lists.

    @action(5, name=of(*LISTS, *LISTS, SEEN), gained=some_wishes(1, 6), is_dated=of(False, False, True))
    def list_gains(self, name, gained, is_dated):
        at = self.now if is_dated else None
        for place in gained:
            self.lists[name].append((place, at))
            self.note_gained(name, WISHES[place].title)

    @action(2, name=of(*LISTS, SEEN), which=number, count=of(1, 1, 4))
    def list_loses(self, name, which, count):
        for _ in range(count):
            if self.lists[name]:
                place, _ = self.lists[name].pop(which % len(self.lists[name]))
                self.removed.add((name, WISHES[place].title))

    @action(2, name=of(*LISTS), which=number, is_dated=of(False, True))
    def list_regains(self, name, which, is_dated):
        lost = sorted(title for of_list, title in self.removed if of_list == name and title)
        places = [place for place, wish in enumerate(WISHES) if lost and wish.title == lost[which % len(lost)]]
        if places:
            self.list_gains(name, places[:1], is_dated)

    @action(2, name=of(*LISTS, SEEN), how=of(*FAILURES))
    def list_fails(self, name, how):
        self.failing[name] = how

    @action(3)
    def lists_are_mended(self):
        self.failing.clear()

    @action(1, name=of(*LISTS))
    def list_is_switched(self, name):
        self.disabled ^= {name}

    @action(3, name=of(*LISTS), terms=draw_terms, quality=draw_quality)
    def terms_change(self, name, terms, quality):
        self.terms[name] = terms if self.has_file else quality

    @action(2, name=of(*LISTS), key=of("withdraw", "withdraw", "again"))
    def list_withdraws_or_asks_again(self, name, key):
        if self.has_file:
            own = {"withdraw": "pending", "requester": "bob"} if key == "withdraw" else {"again": "when_readded"}
            self.terms[name] = self.terms[name] | own

    def take_off_all_lists(self, which):
        """Take a title off all lists: one of those whose request of ours is pending, if there are any."""
        now = self.look()
        pending = sorted({key_of(now.rows[one])[0] for one in self.ours & now.rows.keys() if now.is_pending(one)})
        title = pending[which % len(pending)] if pending else self.find_known(which)
        for name in LISTS if title else ():
            if title in {wish.title for wish in self.wishes(name)}:
                self.lists[name] = [entry for entry in self.lists[name] if WISHES[entry[0]].title != title]
                self.removed.add((name, title))

    @action(2, name=of(*LISTS))
    def terms_are_plain_again(self, name):
        self.terms[name] = {}

    @action(2, rules=draw_rules)
    def policy_changes(self, rules):
        caps = [rules["caps"][0], 0, rules["caps"][2]]
        self.rules = rules if self.has_file else {**NO_RULES, "caps": caps}

    @action(1)
    def policy_is_plain_again(self):
        self.rules = NO_RULES

    # What happens to our side.

    @action(1)
    def process_restarts(self):
        self.start_process()

    @action(0.5)
    def database_is_wiped(self):
        self.process.close()
        for file in Path(self.folder.name).glob("*.db*"):
            file.unlink()
        self.forget_everything()
        for name, entries in self.lists.items():
            for place, _ in entries:
                self.note_gained(name, WISHES[place].title)
        self.start_process()

    @action(3, hours=of(1, 5, 24, 24, 100, 240))
    def time_passes(self, hours):
        self.world.now += timedelta(hours=hours)

    @action(1, which=number)
    def we_pin(self, which):
        title = self.find_known(which)
        if title:
            pin_keys(self.parts.store, [f"tmdb:{title[0]}:{title[1]}"], MediaType(title[0]), title[1], at=self.now)
            self.bans.discard(title)
            self.snoozed.pop(title, None)
            self.let_ask_again(title)

    @action(1, which=number)
    def we_ban(self, which):
        title = self.find_known(which)
        if title:
            ban(self.parts.store, f"tmdb:{title[0]}:{title[1]}", at=self.now)
            self.bans.add(title)
            self.snoozed.pop(title, None)

    @action(1)
    def bans_are_taken_back(self):
        for kind, tmdb in sorted(self.bans):
            take_back(self.parts.store, f"tmdb:{kind}:{tmdb}")
        self.bans.clear()

    @action(1, which=number, hours=of(20, 60, None))
    def we_snooze(self, which, hours):
        title = self.find_known(which)
        if title:
            until = self.now + timedelta(hours=hours) if hours else None
            try:
                snooze(self.parts.store, f"tmdb:{title[0]}:{title[1]}", until, at=self.now)
            except InvalidListId:
                assert title in self.bans
                return
            self.snoozed[title] = until

    # What is known.

    def forget_everything(self):
        """Forget what the database held, and everything that counts from it."""
        self.ours, self.confirmed, self.touched, self.exempt, self.unknown = set(), set(), set(), set(), set()
        self.taken_back, self.posted_at, self.gone = defaultdict(set), {}, set()
        self.gained_at, self.regained_at, self.removed, self.made_in = {}, {}, set(), defaultdict(set)
        self.bans, self.snoozed, self.copies, self.plan = set(), {}, {}, None
        self.maybe_copies = {}
        self.is_behind = False
        self.titles_before, self.just_made, self.posted_before = set(), set(), {}

    def start_process(self):
        self.process.close()
        database = Path(self.folder.name) / "shelf.db"
        if not database.exists():
            shutil.copy(self.world.empty_database, database)
        self.parts = self.process.enter_context(self.bench.opened())

    def note_gained(self, name, title):
        self.gained_at.setdefault((name, title), self.now)
        self.regained_at[name, title] = self.now

    def let_ask_again(self, title):
        for quality in QUALITY_OF.values():
            self.taken_back.pop((title, quality), None)
            self.exempt.add((title, quality))
        # A pin covers all that is taken back before the next sync.
        self.confirmed -= {row["id"] for row in self.server.requests() if key_of(row)[0] == title}

    def note_removed(self, rows):
        """Remember what people took away of what was proven to be ours."""
        left = {row["id"]: key_of(row) for row in self.server.requests()}
        for row in rows:
            key = key_of(row)
            if left.get(row["id"]) == key:
                continue
            self.gone.add((row["id"], key))
            self.is_behind = True
            if row["id"] in self.confirmed:
                self.taken_back[key] |= seasons_of(row)
            elif key in self.touched:
                self.exempt.add(key)
            # A wiped server counts from 1 again.
            self.ours.discard(row["id"])
            self.confirmed.discard(row["id"])

    def find_known(self, which):
        """Return one of the titles that are on lists."""
        known = sorted({wish.title for name in LISTS for wish in self.wishes(name) if wish.title})
        return known[which % len(known)] if known else None

    def wishes(self, name):
        return [WISHES[place] for place, _ in self.lists[name]]

    def items(self, name):
        return tuple(added(WISHES[place].item, at) for place, at in self.lists[name])

    def list_id(self, name):
        return f"{self.folder.name}/{name}"

    def fill_shelves(self):
        for name in self.lists:
            how, items = self.failing.get(name), self.items(name)
            cut = Cut(items[: len(items) // 2])
            SHELVES[self.list_id(name)] = (cut if how == "cut" else FAILURES[how]) if how else items

    def build_refs(self):
        """Return the lists that are enabled, with their terms."""
        excluding = f"shelf:{self.list_id(SEEN)}"
        return tuple(
            ListRef("shelf", self.list_id(name), build_terms(self.terms[name], excluding))
            for name in LISTS
            if name not in self.disabled
        )

    def build_rules(self):
        """Return the policy of the household, and the rules of a run with it."""
        drawn, seen = self.rules, ListRef("shelf", self.list_id(SEEN))
        titles = {WISHES[place].title for place in drawn["movies"]} - {None}
        exclusions = Exclusions(
            frozenset((MediaType(kind), tmdb) for kind, tmdb in titles),
            tuple(drawn["names"]),
            (seen.name,) if drawn["seen"] else (),
        )
        household = HouseholdPolicy(
            file=Path("lists.yaml") if self.has_file else None,
            caps=Caps(*drawn["caps"]),
            pause_when=PauseWhen(drawn["pending"]),
            brake=drawn["brake"],
            exclusions=exclusions,
            excluding=(seen,),
        )
        per_run, per_day, per_requester = drawn["caps"]
        policy = Policy(
            max_requests_per_run=per_run,
            max_requests_per_day=per_requester,
            max_requests_by_all=per_day,
            has_file=self.has_file,
        )
        return household, policy

    def query(self, statement, *values):
        with closing(sqlite3.connect(Path(self.folder.name) / "shelf.db")) as connection:
            return connection.execute(statement, values).fetchall()

    def look(self):
        return Look(self.server)


def qualities_of(drawn):
    """Return the qualities that drawn terms want."""
    return QUALITIES[drawn.get("quality", "hd")]
