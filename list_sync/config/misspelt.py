"""Settings that have no effect because their name is misspelt."""

from collections.abc import Collection

from list_sync.config.environment import Environment
from list_sync.config.outdated import OUTDATED_NAMES
from list_sync.model.names import count_differences

# Programs whose names differ from those of our sources by one letter.
OTHER_PROGRAMS = ("READARR",)
# People leave these words out, or add them.
LOOSE_WORDS = frozenset({"API", "ID", "TOKEN"})
# How many letters may differ in a name.
MOST_LETTERS = 2
# Names as short as TZ are close to too many others.
SHORTEST = 5


def find_misspelt_settings(environment: Environment, known: Collection[str]) -> tuple[str, ...]:
    """Return one line for each name that is set and close to the name of a setting, with the right name.

    <NAME>_LISTS are left out: a misspelt one is a list that failed.
    """
    found = {name.removesuffix("_FILE") for layer in environment.layers for name in layer}
    others = sorted(name for name in found - {*known, *OUTDATED_NAMES} if not name.endswith("_LISTS"))
    meant = ((name, _find_meant(name, known, environment)) for name in others)
    return tuple(
        f"{name}: there is no such setting, so it is not read; did you mean {right}?"
        for name, right in meant
        if right and environment.is_set(name)
    )


def _find_meant(name: str, known: Collection[str], environment: Environment) -> str | None:
    """Return the setting that a name is most probably meant for, or None if it is a name of its own."""
    text = name.upper()
    if text.partition("_")[0] in OTHER_PROGRAMS:
        return None
    near = [one for one in known if len(one) >= SHORTEST and one[0] == text[0] and _is_close(text, one)]
    if near:
        return min(near, key=lambda one: count_differences(text, one))
    return next((one for one in known if _has_loose_word(text, one) and not environment.is_set(one)), None)


def _is_close(name: str, right: str) -> bool:
    """Return whether a few letters differ in the words of a name, or where its words are joined."""
    words, right_words = name.split("_"), right.split("_")
    if len(words) != len(right_words):
        return count_differences(name.replace("_", ""), right.replace("_", "")) <= (len(right) >= SHORTEST * 2)
    pairs = zip(words, right_words, strict=True)
    differences = [(count_differences(word, one), 2 if len(one) > SHORTEST else 1) for word, one in pairs]
    return (
        all(number <= most for number, most in differences) and sum(number for number, _ in differences) <= MOST_LETTERS
    )


def _has_loose_word(name: str, right: str) -> bool:
    """Return whether a name and that of a setting differ by one word that people forget or add."""
    words, right_words = set(name.split("_")), set(right.split("_"))
    return len(words ^ right_words) == 1 and words ^ right_words <= LOOSE_WORDS and len(words & right_words) > 1
