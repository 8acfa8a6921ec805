"""Hundreds of steps of everyday life, good and bad: after each, what the design promises holds."""

import sys

import pytest

from tests.life.acting import Tally, draw_script, play
from tests.life.life import Life
from tests.life.world import World

AT_ONCE, STEPS = 4, 60
SEEDS = [*range(0, 12, AT_ONCE), *(pytest.param(first, marks=pytest.mark.many) for first in range(12, 40, AT_ONCE))]


@pytest.fixture(scope="module")
def world():
    with World() as world:
        yield world


@pytest.mark.parametrize("first", SEEDS)
def test_everyday_life_keeps_every_promise(world, first):
    tally = Tally()
    for seed in range(first, first + AT_ONCE):
        tally.seeds.append(seed)
        play(Life, world, draw_script(Life, seed, STEPS), seed=seed, tally=tally)
    sys.stdout.write(f"{tally}\n")
