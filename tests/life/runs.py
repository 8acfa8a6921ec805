"""What we do in a random life: syncs of every kind, plans, applies and undos, each checked at once."""

import random
from dataclasses import replace
from datetime import timedelta

from list_sync.correcting.plans import build_plan, judge_lines, require_valid
from list_sync.demo.server.faults import Faults, change, current
from list_sync.errors import PlanRefused
from list_sync.fetching.reuse import Reuse
from list_sync.job import Job
from list_sync.model.households import HOME
from list_sync.model.plans import PlannedServer
from list_sync.model.runs import Stage
from list_sync.pipeline import run_cycle
from list_sync.storage.list_memory import ListMemory
from list_sync.undoing import UndoParts, preview_undo, run_undo
from tests.fakes.dying import Death, DyingClient, DyingStore
from tests.fakes.shelf import Bench
from tests.life.acting import action
from tests.life.household import LISTS, number, of, some_wishes

BAD_MOMENTS = {
    "rows lost": {"lose_rows": 2},
    "answer dropped": {"drop_after_write": 1},
    "call dropped": {"drop_before_write": 1},
    "row lost and answer dropped": {"lose_rows": 1, "drop_after_write": 1},
    "TMDB down": {"tmdb_down": True},
    "TMDB fails for some": {"tmdb_failing_percent": 40},
    "TMDB goes down": {"tmdb_good_calls": 3},
    "out of order": {"down_status": 503},
    "half answers to writes": {"truncate_json": True, "only": "POST"},
    "no answer to one write": {"down_status": 502, "down_calls": 1, "only": "POST"},
    "no answer to a withdrawal": {"down_status": 502, "down_calls": 1, "only": "DELETE"},
    "web pages": {"html_answers": True},
}


def fingerprint_of(life):
    """Return a text that changes with the policy."""
    return repr((life.terms, life.rules, sorted(life.disabled)))


class Runs:
    """Deeds of ours, as actions."""

    @action(6)
    def sync(self):
        self.sync_and_check()

    @action(3, is_dry=of(True, False))
    def sync_twice(self, is_dry):
        first = self.sync_and_check()
        states = self.titles()
        made = self.just_made
        report = self.sync_and_check(dry_run=is_dry)
        self.check_second(first, report, made, states)

    @action(3, which=number, is_mended=of(True, True, False))
    def sync_twice_without_a_title(self, which, is_mended):
        if is_mended:
            self.failing.clear()
        self.take_off_all_lists(which)
        self.sync_and_check()
        self.sync_and_check()

    @action(1)
    def sync_fresh(self):
        self.sync_and_check(is_fresh=True)

    @action(1, accepts=of(True))
    def sync_accepts_what_the_brake_held(self, accepts):
        self.sync_and_check(accepts=accepts)

    @action(4, moment=of(*BAD_MOMENTS), gained=some_wishes(0, 3), seed=number)
    def sync_in_a_bad_moment(self, moment, gained, seed):
        self.list_gains(LISTS[0], gained, is_dated=False)
        self.server.faults.roll_dice_anew(seed)
        change(self.server.faults, BAD_MOMENTS[moment])
        self.sync_and_check(is_bad=True)
        # By chance, every answer about a title may have been empty: that is believed for a day, or until --fresh.
        self.is_behind |= moment == "TMDB fails for some"

    @action(2, calls=lambda dice: dice.randint(3, 20), rows_lost=of(0, 0, 1, 2), gained=some_wishes(1, 4))
    def sync_while_the_server_dies(self, calls, rows_lost, gained):
        self.list_gains(LISTS[0], gained, is_dated=False)
        change(self.server.faults, {"die_in_the_middle": calls, "lose_rows": rows_lost})
        self.sync_and_check(is_bad=True)

    @action(2, which=number)
    def sync_while_a_person_asks(self, which):
        wanted = [wish for name in LISTS for wish in self.wishes(name)]
        if wanted:
            self.sync_and_check(between=lambda: self.ask_as_a_person(wanted[which % len(wanted)]))

    @action(1, which=number, deed=of("approve", "decline", "delete_request"))
    def sync_while_a_person_handles_a_request(self, which, deed):
        def handle():
            rows = self.server.requests()
            if rows:
                getattr(self.server, deed)(rows[which % len(rows)]["id"])
                self.note_removed(rows)

        self.sync_and_check(between=handle)

    @action(1)
    def sync_while_another_program_syncs(self):
        def sync():
            other = Bench(self.bench.folder, self.server, name="other", clock=lambda: self.now)
            other.sync_lists({"other": (self.items(LISTS[0]), other.terms)})

        self.sync_and_check(between=sync)

    @action(3, commit=lambda dice: dice.randint(1, 16), is_after=of(True, False), gained=some_wishes(0, 3))
    def sync_is_killed_at_a_commit(self, commit, is_after, gained):
        self.list_gains(LISTS[1], gained, is_dated=False)
        self.sync_and_check(store=DyingStore(self.parts.store, commit, is_after=is_after))

    @action(2, write=of(1, 2, 3), is_after=of(True, False), gained=some_wishes(0, 3))
    def sync_is_killed_at_a_write(self, write, is_after, gained):
        self.list_gains(LISTS[1], gained, is_dated=False)
        self.sync_and_check(client=DyingClient(self.parts.client, write, is_after=is_after))

    @action(2)
    def dry_run(self):
        self.sync_and_check(dry_run=True)

    @action(3, seed=number, share=of(0, 0, 0.3, 0.7))
    def we_plan(self, seed, share):
        report = self.sync_and_check(dry_run=True)
        if report.error:
            return
        info, dice = self.parts.client.check_access(), random.Random(seed)
        made = build_plan(
            report,
            household=HOME,
            server=PlannedServer(info.installation, info.dialect.value),
            policy=fingerprint_of(self),
            summary=lambda _lines: "",
            names={},
            is_partial=False,
        )
        lines = tuple(replace(line, apply=dice.random() >= share) for line in made.lines)
        self.plan = replace(made, lines=lines)

    @action(4, kill=of(0, 0, 0, 2, 5, 8))
    def we_apply(self, kill):
        plan = self.plan
        if plan is None:
            return
        try:
            info = self.parts.client.check_access()
            require_valid(plan, info, household=HOME, policy=fingerprint_of(self), now=self.now)
        except PlanRefused:
            assert self.now - plan.made_at >= timedelta(hours=24) or plan.policy != fingerprint_of(self)
            return
        store = DyingStore(self.parts.store, kill, is_after=True) if kill else None
        report = self.sync_and_check(planned=plan.chosen, store=store)
        if report:
            self.check_lines(judge_lines(plan, report, {}))

    @action(3, which=number, kill=of(0, 0, 0, 2, 3, 4), is_bad=of(False, False, False, True))
    def we_undo(self, which, kill, is_bad):
        runs = sorted(self.made_in)
        if not runs:
            return
        run_id = runs[which % len(runs)]
        self.world.now += timedelta(minutes=1)
        keys = {ref.key for ref in self.build_refs()}
        parts = UndoParts(self.parts.client, self.parts.store, keys, self.parts.stop, self.parts.now)
        before = self.look()
        self.server.reset_counts()
        lines = preview_undo(parts, run_id)
        assert self.server.writes == 0, "a preview writes"
        if kill:
            parts = replace(parts, store=DyingStore(self.parts.store, kill, is_after=True))
        if is_bad:
            change(self.server.faults, BAD_MOMENTS["no answer to a withdrawal"])
        try:
            report = run_undo(parts, run_id, on_started=lambda _run: None)
        except Death:
            report = None
            self.start_process()
        self.heal()
        self.check_undo(run_id, lines, before, self.look(), report, is_bad=is_bad)

    def sync_and_check(self, *, is_bad=False, between=None, store=None, client=None, **how):
        self.world.now += timedelta(minutes=1)
        before, titles, links = self.look(), self.titles(), self.links()
        self.server.reset_counts()
        self.rival_calls, self.rival_rows = set(), set()
        try:
            report = self.run(between, store or self.parts.store, client or self.parts.client, **how)
        except Death:
            report = None
            self.start_process()
        if is_bad:
            self.heal()
        self.check_run(before, titles, links, report, is_bad=is_bad, is_rivalled=between is not None, **how)
        return report

    def run(self, between, store, client, *, is_fresh=False, accepts=False, **policy):
        def act_in_between(progress):
            if between and progress.stage is Stage.PLANNING and progress.done == progress.total:
                calls, rows = len(self.server.calls), {row["id"] for row in self.server.requests()}
                between()
                self.rival_calls |= set(range(calls, len(self.server.calls)))
                self.rival_rows |= {row["id"] for row in self.server.requests()} - rows

        self.fill_shelves()
        rules, own = self.build_rules()
        job = Job(
            self.build_refs(),
            replace(own, **policy),
            rules,
            on_progress=act_in_between,
            reuse=Reuse(ListMemory(self.parts.store, HOME)),
            is_fresh=is_fresh,
            accepts=accepts,
        )
        return run_cycle(replace(self.parts, store=store, client=client), job)

    def heal(self):
        has_died = not self.server.is_running or self.server.faults.die_in_the_middle is None
        change(self.server.faults, current(Faults()))
        self.server.faults.post_seconds = 0
        if has_died:
            self.server.revive()
