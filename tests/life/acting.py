"""Actions of a random life: what is drawn for each, the script of a life, and playing it."""

import random
import time
from ast import literal_eval
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

Draw = Callable[[random.Random], object]


@dataclass(frozen=True)
class Step:
    """One action with what was drawn for it; the text of it can be read back."""

    name: str
    values: dict

    def __str__(self):
        return f"{self.name} {self.values}"

    @classmethod
    def parse(cls, line):
        """Read a step from its text."""
        name, _, values = line.strip().partition(" ")
        return cls(name, literal_eval(values))


def action(weight=2, **draws: Draw):
    """Mark a method as an action that is drawn with this weight; `draws` says how its arguments are drawn."""

    def mark(method):
        method.weight, method.draws = weight, draws
        return method

    return mark


@dataclass
class Tally:
    """What was played: seeds, steps, and how often each action was taken."""

    seeds: list = field(default_factory=list)
    steps: int = 0
    actions: Counter = field(default_factory=Counter)
    results: Counter = field(default_factory=Counter)

    def __str__(self):
        taken = ", ".join(f"{name} {count}" for name, count in sorted(self.actions.items()))
        came = ", ".join(f"{name} {count}" for name, count in sorted(self.results.items()))
        return f"{len(self.seeds)} seeds ({self.seeds[0]}..{self.seeds[-1]}), {self.steps} steps\n{taken}\n{came}"


class LifeFailed(AssertionError):
    """A promise was broken; the text is the script that shows it."""

    def __init__(self, seed, script, error):
        lines = "\n".join(map(str, script))
        super().__init__(
            f"{type(error).__name__}: {error}\nseed {seed}; save these lines and replay them with"
            f" make soak SOAK_SCRIPT=FILE:\n{lines}"
        )
        self.seed, self.script, self.error = seed, script, error


def draw_script(kind, seed, steps):
    """Return the steps of a seed; each seed has some actions more often than others, and some never."""
    dice = random.Random(seed)
    actions = {name: method for name, method in vars_of(kind).items() if hasattr(method, "draws")}
    weights = {
        name: method.weight * dice.choice((0, 1, 1, 3)) or method.weight * (name in kind.ALWAYS)
        for name, method in actions.items()
    }
    names = dice.choices(list(weights), weights.values(), k=steps)
    first = Step("move_in", {name: draw(dice) for name, draw in kind.move_in.draws.items()})
    drawn = ({key: draw(dice) for key, draw in actions[name].draws.items()} for name in names if name != "move_in")
    return [first, *map(Step, (name for name in names if name != "move_in"), drawn)]


def vars_of(kind):
    """Return the attributes of a class and of those that it is made from."""
    return {name: getattr(kind, name) for name in sorted(dir(kind))}


def play(kind, world, script, *, seed=None, tally=None):
    """Live through a script; raise LifeFailed with its beginning if a promise is broken."""
    life = kind(world)
    try:
        for place, step in enumerate(script):
            try:
                getattr(life, step.name)(**step.values)
                life.check_always()
            except Exception as error:
                raise LifeFailed(seed, script[: place + 1], error) from error
            if tally is not None:
                tally.steps += 1
                tally.actions[step.name] += 1
        if tally is not None:
            tally.results += life.results
    finally:
        life.close()


def shorten(kind, world, failed, *, until):
    """Return the failure with steps left out as long as the same kind of failure comes, and there is time."""
    size = len(failed.script) // 2
    while size and time.monotonic() < until:
        place = len(failed.script) - 1 - size
        while place > 0 and time.monotonic() < until:
            shorter = failed.script[:place] + failed.script[place + size :]
            try:
                play(kind, world, shorter, seed=failed.seed)
            except LifeFailed as error:
                if _first_words(error) == _first_words(failed):
                    failed = error
            place = min(place - size, len(failed.script) - 1 - size)
        size //= 2
    return failed


def _first_words(failed):
    """Return what kind of failure it is: its text without the titles that it names."""
    return " ".join(word for word in str(failed.error).partition("\n")[0].split()[-6:] if word.isalpha())
