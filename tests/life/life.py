"""A random life: one household, one server, one database, and people who do what they like."""

from tests.life.checks import Checks
from tests.life.household import Household
from tests.life.keeping import Keeping
from tests.life.people import People
from tests.life.runs import Runs


class Life(Runs, Keeping, People, Checks, Household):
    """Hundreds of steps of everyday life, good and bad: after each, what the design promises holds."""

    ALWAYS = ("sync", "list_gains", "time_passes")
