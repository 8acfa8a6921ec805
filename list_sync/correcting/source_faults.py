"""What is said of sources that changed, block, or do not answer: since when, and what mends it; pure."""

from dataclasses import dataclass
from datetime import tzinfo

from list_sync.model.releases import RELEASES_PAGE
from list_sync.model.shown import shown_time
from list_sync.model.sources import AttemptOutcome
from list_sync.storage.source_faults import SourceFault


@dataclass(frozen=True, slots=True)
class ToldFault:
    """A fault with what is said of it."""

    fault: SourceFault
    text: str

    @property
    def head(self) -> str:
        """Return in a few words what is not read, and by which route."""
        fault = self.fault
        if fault.is_of_everything:
            return "No source answers"
        if not fault.is_of_few:
            return f"{fault.provider} does not give its lists by {fault.route}"
        number = len(fault.lists)
        which = f"{fault.lists[0]} is" if number == 1 else f"{number} lists of {fault.provider} are"
        return f"{which} not read by {fault.route}"


def describe_fault(fault: SourceFault, *, zone: tzinfo, is_checking: bool) -> str:
    """Say in a sentence or two what a source does since when, how its lists are read meanwhile, and what mends it.

    `is_checking` says whether releases are looked for.
    """
    since = shown_time(fault.since, zone)[:-3]
    if fault.is_of_everything:
        return f"No source in the internet has answered since {since}: look at the network of this machine."
    return " ".join(
        filter(None, [f"{_say_what(fault, since)}.", _say_others(fault), _say_mending(fault, is_checking=is_checking)])
    )


# What a source does, and what a list of it has come to meanwhile.
_WORDS = {
    AttemptOutcome.DRIFTED: ("changed its form at", "not understood"),
    AttemptOutcome.BLOCKED: ("has blocked ListSync since", "blocked"),
    AttemptOutcome.RATE_LIMITED: ("has asked for fewer requests since", "limited"),
    AttemptOutcome.DOWN: ("has not answered since", "without an answer"),
}


def _say_what(fault: SourceFault, since: str) -> str:
    does, is_so = _WORDS[fault.outcome]
    number, first = len(fault.lists), fault.lists[0] if fault.lists else ""
    if fault.is_of_few:
        which = f"Only {first}" if number == 1 else f"Only {number} of {fault.tried} lists of {fault.provider}"
        odd = "it is odd" if number == 1 else "they are odd"
        end = f", so {odd}, and not the source" if fault.outcome is AttemptOutcome.DRIFTED else ""
        return f"{which}: {is_so} by {fault.route} since {since}; others are read by it{end}"
    doubt = ", or this list is odd" if fault.outcome is AttemptOutcome.DRIFTED and number == 1 else ""
    which = f"all {number} lists" if number == fault.tried else f"{number} of {fault.tried} lists"
    which = f"its only list {first}" if fault.tried == 1 else which
    return f"{fault.provider} {does} {since}{doubt} (by {fault.route}, {which})"


def _say_others(fault: SourceFault) -> str:
    if not fault.others:
        return ""
    return f"Until that is over, {'they are' if len(fault.lists) > 1 else 'it is'} read by {' or '.join(fault.others)}."


def _say_mending(fault: SourceFault, *, is_checking: bool) -> str:
    if fault.mended_in:
        return f"ListSync {fault.mended_in} reads it again: update."
    if fault.outcome is not AttemptOutcome.DRIFTED or fault.is_of_few:
        return ""
    if is_checking:
        return f"No release that mends it is known yet: {RELEASES_PAGE} has the newest."
    return f"Look for a release that mends it at {RELEASES_PAGE}; with UPDATE_CHECK=true, it is named here."
