"""What must hold in a random life, by the demo server's own tables and by our records."""

import re
from datetime import timedelta
from pathlib import Path

from list_sync.demo.server.database.rows import RequestStatus
from list_sync.model.cleaning import clean_item
from list_sync.model.decisions import ItemStatus, Skip
from list_sync.model.exit_codes import FailureKind
from list_sync.model.plans import LineKind
from list_sync.model.sources import FetchState
from list_sync.model.titles import Quality
from tests.life.household import LISTS, NO_RULES, SEEN, WISHES, qualities_of
from tests.life.look import QUALITY_OF, WHOLE, key_of, seasons_of
from tests.life.terms import TITLES, find_seasons, is_plain, passes

DAY = timedelta(hours=24)
_ENDED = (RequestStatus.DECLINED, RequestStatus.COMPLETED)


class Checks:
    """The promises, checked after each step and each run."""

    def check_always(self):
        """After every step: what we asked for was not asked for by anyone."""
        standing = set()
        for row in self.server.requests():
            for season in seasons_of(row):
                key = (*key_of(row), season)
                assert key not in standing or row["id"] not in self.ours, f"we asked for {key} again"
                if row["status"] not in _ENDED:
                    standing.add(key)

    def check_run(self, before, titles, links, report, *, is_bad, is_rivalled, dry_run=False, planned=None, **_how):
        calls = [call for place, call in enumerate(self.server.calls) if place not in self.rival_calls]
        writes = [call for call in calls if call.method != "GET"]
        after = self.look()
        is_clean = report is not None and not is_bad and report.error is None
        if report and report.error is not None:
            is_braked = report.failure is FailureKind.BRAKE
            assert is_bad or is_braked, report.error
            assert is_braked or report.failure in (FailureKind.UNREACHABLE, FailureKind.REFUSED), report.error
            assert not (is_braked and writes), "a run that the brake stopped writes"
        assert not (writes and dry_run), "a dry run writes"
        self.note_run(before, after, writes, report)
        for call in writes:
            if call.method == "POST":
                self.check_post(call, before, planned, is_rivalled=is_rivalled)
        self.check_deleted(before, after, report, planned)
        if not is_rivalled:
            self.check_caps(before, after)
        self.note_made(after, report, dry_run=dry_run)
        if report is not None:
            self.check_records(report, titles, links, is_clean=is_clean, is_planned=planned is not None)
        if is_clean and not dry_run:
            self.check_journal(report, after)
            if planned is None:
                self.check_nothing_is_forgotten(report, after)

    # What was sent.

    def check_post(self, call, before, planned, *, is_rivalled):
        body = call.body
        title, quality = (body["mediaType"], body["mediaId"]), QUALITY_OF[body["is4k"]]
        key, seasons = (title, quality), set(body.get("seasons", [WHOLE]))
        wanting = self.find_wanting(title, quality)
        assert call.path == "/api/v1/request"
        assert wanting, f"no list asks for {title} in {quality}, or its rules leave it out"
        assert call.status not in (409, 202) or is_rivalled, "avoidable"
        assert title not in self.bans, "banned"
        assert not self.is_snoozed(title), "snoozed"
        assert not self.is_excluded(title), "excluded"
        assert title not in before.banned, "on the blocklist"
        assert not seasons & before.there[key], "there already"
        if not self.may_ask_again(key):
            assert not seasons & before.asked[key], f"{key}: asked for already, or declined"
            assert not seasons & self.taken_back[key], f"{key}: a person took it back, or an undo"
        asked_by = {self.users[self.terms[name].get("requester", "owner")] for name in wanting}
        # The server does not say who called if it gave no answer.
        assert body.get("userId", call.user) in (None, *asked_by), "not the requester of a list"
        if title[0] == "tv":
            self.check_seasons(wanting, title, seasons, before.asked[key] - before.there[key])
        self.check_hold(wanting, title)
        if planned is not None:
            line = next((line for (kind, tmdb, of), line in planned.items() if ((kind, tmdb), of) == key), None)
            assert getattr(line, "kind", None) is LineKind.REQUEST, "not in the plan"
            assert not line.seasons or seasons <= set(line.seasons), "seasons that the plan does not have"

    def find_wanting(self, title, quality):
        """Return the enabled lists that may want a title in a quality."""
        return [
            name
            for name in LISTS
            if name not in self.disabled
            and quality in qualities_of(self.terms[name])
            and self.is_wanted_by(name, title)
        ]

    def is_wanted_by(self, name, title):
        drawn, places = self.terms[name], self.find_places(name, title)
        if not places or (drawn.get("limit") and min(places) >= drawn["limit"]):
            return False
        if drawn.get("exclude") and title in self.find_seen():
            return False
        listed = {wish.item.year for one in LISTS for wish in self.wishes(one) if wish.title == title}
        if None in listed and not (title in TITLES and TITLES[title].date):
            # Neither the entry nor TMDB states a year.
            return passes(drawn, title, set())
        years = listed - {None}
        years |= {int(TITLES[title].date[:4])} if title in TITLES and TITLES[title].date else set()
        years |= {wish.item.year for wish in WISHES if wish.title == title} - {None}
        return passes(drawn, title, years)

    def find_places(self, name, title):
        """Return the places of a title on a list, in its order, from 0; also on its last copy, if it fails."""
        readings = [self.lists[name]] if name not in self.failing else self.find_failed_readings(name)
        found = []
        for entries in readings:
            if self.terms[name].get("order") == "added":
                entries = sorted(entries, key=lambda entry: (entry[1] is None, -(entry[1] or self.now).timestamp()))
            found += [rank for rank, (place, _) in enumerate(entries) if WISHES[place].title == title]
        return found

    def find_failed_readings(self, name):
        """Return what a list that fails may count as: the part that was read, or its last copy."""
        part = self.lists[name][: len(self.lists[name]) // 2] if self.failing[name] == "cut" else []
        return [part, self.copies.get(name, []), self.maybe_copies.get(name, [])]

    def find_seen(self):
        """Return the titles that are surely known to be on the list of what was seen."""
        if SEEN not in self.failing:
            return {WISHES[place].title for place, _ in self.lists[SEEN]}
        readings = [self.copies.get(SEEN, []), self.maybe_copies.get(SEEN, self.copies.get(SEEN, []))]
        return set.intersection(*({WISHES[place].title for place, _ in entries} for entries in readings))

    def is_excluded(self, title):
        rules = self.rules
        names = {wish.item.title for wish in WISHES if wish.title == title}
        patterns = [one.strip("/") if one.startswith("/") else f"^{re.escape(one)}$" for one in rules["names"]]
        return (
            title in {WISHES[place].title for place in rules["movies"]}
            or any(re.search(pattern, name, re.IGNORECASE) for pattern in patterns for name in names)
            or (rules["seen"] and title in self.find_seen())
        )

    def is_snoozed(self, title):
        until = self.snoozed.get(title)
        return until is not None and until > self.now

    def may_ask_again(self, key):
        """Tell whether a list may have a title anew since we asked for it last."""
        title, posted_at = key[0], self.posted_before.get(key)
        for name in self.find_wanting(*key):
            if self.terms[name].get("again") != "when_readded":
                continue
            dates = [at for place, at in self.lists[name] if WISHES[place].title == title and at]
            back = self.regained_at.get((name, title)) if (name, title) in self.removed else None
            if any(posted_at is None or at > posted_at for at in [*dates, *([back] if back else [])]):
                return True
        return False

    def check_seasons(self, wanting, title, seasons, open_seasons):
        allowed, today, are_next = set(), f"{self.now:%Y-%m-%d}", []
        for name in wanting:
            wishes = [wish for wish in self.wishes(name) if wish.title == title]
            for entries in self.find_failed_readings(name) if name in self.failing else ():
                wishes += [WISHES[place] for place, _ in entries if WISHES[place].title == title]
            named = {wish.item.season for wish in wishes}
            if None in named:
                allowed |= find_seasons(self.terms[name], title[1], today)
            allowed |= named - {None}
            are_next.append(self.terms[name].get("seasons") == "next" and named == {None})
        assert seasons <= allowed, f"seasons {seasons - allowed} of {title} are not wanted"
        assert not all(are_next) or (len(seasons) == 1 and not open_seasons - {WHOLE}), "next asks for one at a time"

    def check_hold(self, wanting, title):
        rests = [(name, self.terms[name].get("hold") or 0) for name in wanting]
        begun = [self.gained_at[name, title] + timedelta(hours=hours) for name, hours in rests]
        assert min(begun) <= self.now, "requested before its rest is over"

    def check_deleted(self, before, after, report, planned):
        """Only requests of ours are gone, pending ones of titles that left all lists, if their list says so."""
        deleted = [
            row
            for number, row in before.rows.items()
            if key_of(after.rows.get(number, row)) != key_of(row) or number not in after.rows
        ]
        deleted = [row for row in deleted if (row["id"], key_of(row)) not in self.gone]
        if not deleted:
            return
        assert len(deleted) <= 10
        self.results["withdrawn"] += len(deleted)
        on_lists = {
            WISHES[place].title
            for name in LISTS
            for place, _ in (self.lists[name] if name not in self.disabled else self.copies.get(name, []))
        }
        for row in deleted:
            assert row["id"] in self.ours, "a request of others is gone"
            assert before.is_pending(row["id"]), "a request that was not pending is gone"
            assert not set(self.failing) & (set(LISTS) - self.disabled), "withdrawn although a list was not complete"
            assert key_of(row)[0] not in on_lists, "withdrawn although a list has it"
            assert key_of(row)[0] not in self.titles_before, "withdrawn at the first run without it"
            name = self.attributions().get((row["id"], key_of(row)))
            assert self.terms[name].get("withdraw") == "pending", "its list does not withdraw"
            assert name not in self.disabled
            if planned is not None:
                (kind, tmdb), quality = key_of(row)
                assert planned[kind, tmdb, quality].kind is LineKind.WITHDRAW, "not in the plan"
            self.gone.add((row["id"], key_of(row)))
            self.ours.discard(row["id"])
            self.confirmed.discard(row["id"])

    def check_caps(self, before, after):
        made = self.just_made
        if not made:
            return
        per_run, per_day, per_requester = self.rules["caps"]
        assert not per_run or len({key_of(after.rows[number]) for number in made}) <= per_run, "over the cap of a run"
        since = self.now - DAY
        assert not per_day or after.count_since(since) <= per_day, "over the cap of a day"
        for user in {after.rows[number]["requested_by"] for number in made}:
            assert not per_requester or after.count_since(since, user) <= per_requester, "over a requester's cap"
        if (pending := self.rules["pending"]) is not None:
            assert before.pending < pending, "requested during a pause"
            assert after.pending <= max(before.pending, pending), "over what may be pending"
        lists = {}
        for (number, key), name in self.attributions().items():
            if number in self.ours and number in after.rows and key_of(after.rows[number]) == key:
                lists.setdefault(name, set()).add(number)
        for name in {name for name, numbers in lists.items() if numbers & made}:
            drawn, numbers = self.terms[name], lists[name]
            opened = {key_of(after.rows[one]) for one in numbers if after.is_open(one)}
            lately = {key_of(after.rows[one]) for one in numbers if after.created[one] >= since.timestamp()}
            assert not drawn.get("max_open") or len(opened) <= drawn["max_open"], "over max_open"
            assert not drawn.get("max_new_per_day") or len(lately) <= drawn["max_new_per_day"], "over max_new_per_day"

    def check_second(self, first, report, made, states):
        if report is None or report.error:
            return
        again = {one.decision.quality_key for one in report.outcomes if one.status is ItemStatus.WOULD_REQUEST}
        rows = {row["id"]: row for row in self.server.requests()}
        asked = {(*key_of(rows[number])[0], key_of(rows[number])[1]) for number in made if number in rows}
        assert not again & asked, f"planned again what was just requested: {again & asked}"
        if first is None or self.find_recovered(first):
            return
        is_plain_life = self.rules == NO_RULES and all(map(self.is_plain, LISTS)) and not self.failing
        # The second full run without a title withdraws its request.
        has_withdrawn = any(call.method == "DELETE" for call in self.server.calls)
        if not is_plain_life or report.dry_run or has_withdrawn:
            return
        assert self.server.writes == 0, "the second run writes"
        assert self.titles() == states
        others = [call for call in self.server.calls if not call.path.endswith("/search")]
        assert len(others) <= 6

    def check_lines(self, results):
        """Each line of a plan that is told as done is there."""
        rows = {(*key_of(row)[0], key_of(row)[1]) for row in self.server.requests()}
        for one in results:
            assert one.is_done or one.reason, "a line without a reason"
            if one.is_done:
                assert (one.line.key in rows) is (one.line.kind is LineKind.REQUEST), "told as done"

    def check_undo(self, run_id, lines, before, after, report, *, is_bad):
        deleted = {number for number in before.rows if number not in after.rows}
        expected = {line.row.request_id for line in lines if line.row is not None}
        settled = {(line.entry.title_key, line.entry.quality) for line in lines if line.has_work}
        assert not [call for call in self.server.calls if call.method == "POST"], "an undo requests"
        assert deleted <= self.made_in[run_id], "an undo takes back requests of others"
        others = {number for number in deleted - expected if key_of(before.rows[number]) not in settled}
        assert not others, "not in the preview"
        assert after.rows.keys() <= before.rows.keys()
        if report is not None and not is_bad and report.error is None:
            assert expected <= deleted, "the preview says more than was done"
        for number in deleted:
            row = before.rows[number]
            self.gone.add((number, key_of(row)))
            self.taken_back[key_of(row)] |= seasons_of(row)
            self.ours.discard(number)
            self.confirmed.discard(number)
        self.results["undone"] += len(deleted)

    # What is recorded.

    def note_run(self, before, after, writes, report):
        self.posted_before = dict(self.posted_at)
        for call in writes:
            if call.method == "POST":
                key = ((call.body["mediaType"], call.body["mediaId"]), QUALITY_OF[call.body["is4k"]])
                self.touched.add(key)
                self.posted_at[key] = self.now
                self.results["posts"] += 1
        self.just_made = after.rows.keys() - before.rows.keys() - self.rival_rows
        self.ours |= self.just_made
        (last,) = self.query("SELECT max(id) FROM sync_history")[0]
        if self.just_made:
            self.made_in[last] |= self.just_made

    def note_made(self, after, report, *, dry_run):
        """Note what was proven to be ours, and what the lists held."""
        if report is None or report.error is not None:
            # It may have kept copies of what it read.
            read = self.lists.keys() - self.failing.keys()
            self.maybe_copies |= {name: list(self.lists[name]) for name in read}
        if report is None:
            return
        if report.error is None and not dry_run:
            told = {one.decision.quality_key for one in report.outcomes} - {None}
            self.confirmed |= {
                number
                for number in (self.ours - self.unknown) & after.rows.keys()
                if (*key_of(after.rows[number])[0], key_of(after.rows[number])[1]) in told
            }
        for result in report.fetched:
            if result.state is FetchState.COMPLETE:
                name = Path(result.source.list_id).name
                self.copies[name] = list(self.lists[name])
                self.maybe_copies.pop(name, None)
        is_excluding = self.rules["seen"] or any(drawn.get("exclude") for drawn in self.terms.values())
        if is_excluding and SEEN not in self.failing and report.error is None:
            self.copies[SEEN] = list(self.lists[SEEN])
            self.maybe_copies.pop(SEEN, None)
        if report.error is None and not dry_run:
            self.titles_before = {
                WISHES[place].title for name in LISTS if name not in self.disabled for place, _ in self.lists[name]
            }

    def check_records(self, report, titles_before, links_before, *, is_clean, is_planned):
        titles, links = self.titles(), self.links()
        assert sum(report.counts.values()) == len(report.outcomes)
        totals = self.query(
            "SELECT items_processed, items_requested + items_skipped + items_errored, items_requested"
            " FROM sync_history WHERE id = ?",
            report.run_id,
        )
        assert totals == [(len(report.outcomes),) * 2 + (report.counts.get("requested", 0),)]
        matched = {key for key in titles_before if key.startswith(("movie:", "tv:"))}
        assert matched <= titles.keys(), "a title was lost"
        states = {Path(result.source.list_id).name: result.state for result in report.fetched}
        for name in LISTS:
            if report.error or states.get(name) is not FetchState.COMPLETE:
                lost = {key for key in links_before[name] if key in matched} - links[name]
                assert not lost, f"{lost} left {name}, which was not read completely"
        for name, state in states.items() if report.error is None else ():
            had = len(self.copies.get(name, ()))
            assert (state is FetchState.COMPLETE) is (name not in self.failing) or had >= 10, (name, state)
        if report.error is None and not is_planned:
            self.check_rows(report, states, is_clean=is_clean)

    def check_rows(self, report, states, *, is_clean):
        """Every title on a readable list has one row, with a state and a reason."""
        titles = self.titles()
        banned = {key for wish in WISHES if wish.title in self.bans for key in wish.item.keys}
        told = {key for key, run in self.query("SELECT item_key, run_id FROM synced_items") if run == report.run_id}
        for name, state in states.items():
            if state is not FetchState.COMPLETE:
                continue
            for wish in self.wishes(name):
                # A ban also holds for entries of the same name, and these belong to its row.
                if wish.title in self.bans or not banned.isdisjoint(wish.item.keys):
                    continue
                names = list((clean_item(wish.item) or wish.item).keys)
                if wish.title:
                    names = [key for key in names if not (wish.item.ids and key.startswith("title:"))]
                    names.append(f"{wish.title[0]}:{wish.title[1]}")
                for quality in qualities_of(self.terms[name]):
                    rows = [f"{one}:{quality}" for one in names if f"{one}:{quality}" in told]
                    if wish.title and is_clean and f"{names[-1]}:{quality}" in rows:
                        assert len(rows) == 1, f"{wish} is in {len(rows)} rows"
                    # A title without a match has one row, whatever qualities are wanted.
                    others = [f"{one}:{other}" for one in names for other in Quality if f"{one}:{other}" in told]
                    is_matched = wish.title and any(other.startswith(f"{names[-1]}:") for other in others)
                    assert rows or (others and not is_matched), f"{wish} has no row in {quality}"
                    assert all(all(titles[row]) for row in rows), "a state and a reason"

    def check_journal(self, report, after):
        """When all is quiet, the journal and the server agree on what is ours."""
        entries = self.query(
            "SELECT request_id, media_type, tmdb_id, quality, state, answer, run_id FROM sent_requests"
            " WHERE server_id = (SELECT server_id FROM households WHERE name = 'home')"
        )
        told = {one.decision.quality_key for one in report.outcomes} - {None}
        known = {number for number, *_ in entries}
        for number, kind, tmdb, quality, state, answer, _ in entries:
            key = ((kind, tmdb), Quality(quality))
            if (kind, tmdb, quality) in told:
                assert state not in ("sent", "withdrawing"), f"{key} is still open after a quiet run"
            if state == "confirmed" and answer == "created" and number is not None:
                row = after.rows.get(number)
                is_there = row is not None and key_of(row) == key
                is_known_gone = (number, key) in self.gone or key in self.exempt
                assert is_there or is_known_gone, f"request {number} of {key} is not on the server"
        for number in self.ours & after.rows.keys():
            key = key_of(after.rows[number])
            if (*key[0], key[1]) in told and key not in self.exempt:
                assert number in known, f"request {number} of {key} is not in the journal"

    def check_nothing_is_forgotten(self, report, after):
        if {**self.rules, "brake": False} != NO_RULES:
            return
        # Of a show that a cut-off run requested, the next run says that, and the one after asks for what is left.
        found = self.find_recovered(report)
        if self.is_behind:
            # Counts that are equal again show no change: such a title is found by the next full reading.
            self.is_behind = False
            self.sync_and_check(is_fresh=True)
            return
        for name in LISTS:
            if name in self.disabled or name in self.failing:
                continue
            for wish in self.wishes(name):
                for quality in qualities_of(self.terms[name]):
                    if not wish.title or (*wish.title, quality) not in found:
                        self.check_not_forgotten(wish, quality, after)

    def find_recovered(self, report):
        """Return what this run found on the server of runs that were cut off."""
        return {
            one.decision.quality_key
            for one in report.outcomes
            if one.status is ItemStatus.REQUESTED and isinstance(one.decision, Skip)
        }

    def check_not_forgotten(self, wish, quality, after):
        title, key = wish.title, (wish.title, quality)
        if not wish.is_requestable or title in after.banned or title[1] in after.blocked_numbers:
            return
        holders = [name for name in LISTS if name not in self.disabled and self.find_places(name, title)]
        if not all(map(self.is_plain, holders)) or self.is_snoozed(title) or title in self.bans:
            return
        if key in self.exempt or self.taken_back[key] or not (quality is Quality.HD or after.has_4k):
            return
        wanted = wish.seasons if title[0] == "tv" else {WHOLE}
        assert wanted <= after.asked[key] | after.there[key], f"{wish} was forgotten"

    def is_plain(self, name):
        """Tell whether a list asks for all its titles; the user that it names may have left."""
        drawn = self.terms[name]
        return is_plain(drawn) and self.users[drawn.get("requester", "owner")] is not None

    def titles(self):
        rows = self.query("SELECT item_key, status, reason FROM synced_items")
        return {key: (status, reason) for key, status, reason in rows}

    def links(self):
        present = "WHERE absent_since IS NULL"
        rows = self.query(f"SELECT list_id, item_key FROM item_lists JOIN synced_items ON id = item_id {present}")
        links = {name: set() for name in (*LISTS, SEEN)}
        for list_id, key in rows:
            links[Path(list_id).name].add(key)
        return links

    def attributions(self):
        """Return the list that each of our requests was made for; a wiped server uses numbers again."""
        rows = self.query("SELECT request_id, media_type, tmdb_id, quality, list_id FROM sent_requests ORDER BY id")
        return {
            (number, ((kind, tmdb), Quality(quality))): Path(list_id).name
            for number, kind, tmdb, quality, list_id in rows
            if number is not None and list_id
        }
