"""The lists of ListSync 0.6 with their users: which lists of ours they are, and what lists.yaml is to say of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from list_sync.config.naming import check_spelling
from list_sync.config.policy.editing import Change, Entries, Stated, add_list
from list_sync.config.policy.naming import explain_secret, holds_secret
from list_sync.config.policy.quoting import write_text
from list_sync.database.old_database import OldDatabase
from list_sync.errors import InvalidListId
from list_sync.importing.cells import find_number, find_text
from list_sync.importing.report import Fate, Report, Thing
from list_sync.model.masking import mask_address
from list_sync.model.sources import ListKey, ListRef, ProviderInfo

# The user of every list of 0.6 for which no other one was chosen.
USUAL_USER = 1
_LISTS = "_lists"
_A_FRANCHISE = (
    "a franchise by its name: its number is in the address of its page at themoviedb.org/collection; add it as"
    " tmdb:collection/NUMBER"
)
_NEVER_READ = "ListSync 0.6 never read SIMKL; this version does: add simkl:plantowatch, if you want its titles"
_NOT_READ = {"collections": (Fate.OPEN, _A_FRANCHISE), "simkl": (Fate.LEFT, _NEVER_READ)}
_NO_USER = "the user that 0.6 had for it is no number, so lists.yaml states none; add a requester if you want one"
_SAME = "another spelling of a list that is taken"
_OF_A_USER = "a bare number was a user of TheTVDB in 0.6, and would be a list here: add the list that you mean"


@dataclass(frozen=True, slots=True)
class OldList:
    """A list as 0.6 stored it: its type and id, and the text of the user that its titles were requested for."""

    kind: str
    list_id: str
    user_text: str = ""

    @property
    def user(self) -> int | None:
        """Return the number of its user; None if it has none."""
        return find_number(self.user_text)

    @property
    def label(self) -> str:
        """Return the list as it may be shown."""
        return f"{self.kind}:{mask_address(self.list_id)}"


@dataclass(frozen=True, slots=True)
class Found:
    """A list of 0.6 and the list of ours that it is."""

    old: OldList
    ref: ListRef


@dataclass(frozen=True, slots=True)
class NewList:
    """A list to add, with the user that it states; 0 for none."""

    ref: ListRef
    requester: int = 0

    @property
    def source(self) -> str:
        """Return the list as lists.yaml names it."""
        return self.ref.source


def read_lists(old: OldDatabase) -> list[OldList]:
    """Return the lists of the table and of the settings, each once by its type and id."""
    found: dict[tuple[str, str], OldList] = {}
    for kind, list_id, user in old.rows("lists", "list_type", "list_id", "user_id"):
        one = OldList(find_text(kind), find_text(list_id), find_text(user))
        found.setdefault((one.kind, one.list_id), one)
    for key, text in old.rows("app_settings", "key", "value"):
        name = find_text(key).lower()
        if name.endswith(_LISTS):
            for list_id in filter(None, map(find_text, find_text(text).split(","))):
                found.setdefault((name.removesuffix(_LISTS), list_id), OldList(name.removesuffix(_LISTS), list_id))
    return [one for one in found.values() if one.kind or one.list_id]


def find_refs(lists: Iterable[OldList], providers: Mapping[str, ProviderInfo], report: Report) -> Iterator[Found]:
    """Yield the lists that we can read; report the others with the reason."""
    for old in lists:
        kind = old.kind.lower()
        if kind in _NOT_READ:
            report.add(_NOT_READ[kind][0], Thing.LIST, _NOT_READ[kind][1], old.label)
        elif kind not in providers:
            report.add(Fate.OPEN, Thing.LIST, "there is no such source", old.label)
        elif kind == "tvdb" and old.list_id.isdigit():
            report.add(Fate.OPEN, Thing.LIST, _OF_A_USER, old.label)
        else:
            try:
                ref = _build_ref(providers[kind], old.list_id)
            except InvalidListId as error:
                report.add(Fate.OPEN, Thing.LIST, str(error), old.label)
                continue
            if old.user_text and old.user is None:
                report.add(Fate.CHANGED, Thing.LIST, _NO_USER, f'{old.label} ("{old.user_text}")')
            yield Found(old, ref)


def _build_ref(provider: ProviderInfo, list_id: str) -> ListRef:
    """Return the list that an id of 0.6 means; raise InvalidListId with the reason for its first spelling."""
    for spelling in _spellings(provider.name, list_id):
        if provider.accepts(spelling):
            return provider.build_ref(spelling)
    check_spelling(provider, list_id)
    raise InvalidListId(f"{provider.name} does not accept this list")


def _spellings(provider: str, list_id: str) -> Iterator[str]:
    yield list_id
    yield list_id.strip("/")
    if "://" not in list_id:
        yield f"https://{list_id.removeprefix('//')}"
        # 0.6 read every text with that word as the one feed.
        if provider == "stevenlu" and "stevenlu" in list_id.lower():
            yield "stevenlu"


def find_keys(found: Iterable[Found]) -> dict[tuple[str, str], ListKey | None]:
    """Return the identity of each list by the type and id that 0.6 had for it."""
    return {(one.old.kind, one.old.list_id): one.ref.key for one in found}


def plan_lists(
    found: Sequence[Found],
    configured: Sequence[ListRef],
    *,
    imported: Collection[str],
    user_id: int,
    report: Report,
) -> list[NewList]:
    """Return the lists to add; `imported` are those of an earlier import, `user_id` is OVERSEERR_USER_ID.

    A list of the usual user states no user, unless other lists have others and OVERSEERR_USER_ID is another one.
    """
    merged: dict[ListKey, Found] = {}
    for one in found:
        first = merged.setdefault(one.ref.key, one)
        if first is not one:
            other = first if one.old.label == one.ref.name else one
            report.add(Fate.CHANGED, Thing.LIST, _SAME, f"{other.old.label} is {one.ref.name}")
        if _user_of(first) == USUAL_USER:
            merged[one.ref.key] = one
        elif _user_of(one) not in (USUAL_USER, _user_of(first)):
            report.add(
                Fate.CHANGED, Thing.LIST, f"user {_user_of(first)} counts, not user {one.old.user}", first.ref.name
            )
    is_mixed = any(_user_of(one) != USUAL_USER for one in merged.values())
    known = {ref.key: ref for ref in configured}
    new = []
    for key, one in merged.items():
        user = _user_of(one)
        is_stated = user != USUAL_USER or (is_mixed and user_id != USUAL_USER)
        wanted = NewList(one.ref, user if is_stated else 0)
        if key in known:
            if wanted.requester and not known[key].file and wanted.source not in imported:
                new.append(wanted)
            else:
                _report_known(known[key], wanted, report)
        elif wanted.source in imported:
            report.add(Fate.LEFT, Thing.LIST, "imported before, and removed since", one.ref.name)
        elif holds_secret(wanted.source):
            report.add(Fate.OPEN, Thing.LIST, explain_secret(one.ref.provider), one.ref.name)
        else:
            new.append(wanted)
    return new


def _user_of(one: Found) -> int:
    return one.old.user or USUAL_USER


def _report_known(present: ListRef, wanted: NewList, report: Report) -> None:
    """Report a list that is configured, and the user that it states, if that is another one."""
    stated = present.terms.requester
    if wanted.requester and stated != str(wanted.requester):
        mine = f"{present.origin} says {f'requester: {stated}' if stated else 'no requester'}"
        report.add(Fate.KNOWN, Thing.LIST, f"{mine}, and 0.6 had user {wanted.requester}", present.name)
    else:
        report.add(Fate.KNOWN, Thing.LIST, f"named in {present.origin}", present.name)


def build_change(lists: Sequence[NewList]) -> Change:
    """Return the change of lists.yaml that adds lists as the last ones."""

    def change(stated: Stated, entries: Entries) -> Stated:
        for one in lists:
            terms = {"requester": str(one.requester)} if one.requester else None
            stated = add_list(one.source, terms)(stated, entries)
        return stated

    return change


def write_lines(lists: Iterable[NewList]) -> Iterator[str]:
    """Yield the lines of lists.yaml that name lists."""
    for one in lists:
        yield f"- source: {write_text(one.source)}" if one.requester else f"- {write_text(one.source)}"
        if one.requester:
            yield f"  requester: {one.requester}"
