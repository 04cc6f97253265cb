from __future__ import annotations

import numpy as np

from bundlert.transforms.base import RandomTransform
from bundlert.transforms.compose import Compose, as_list


def add(amount):
    def step(sample, rng=None):
        return {"n": sample["n"] + amount}

    return step


def double(sample, rng=None):
    return {"n": sample["n"] * 2}


def split_in_two(sample, rng=None):
    return [{"n": sample["n"] * 10}, {"n": sample["n"] * 10 + 1}]


class Jump(RandomTransform):
    def draw(self, _sample, rng):
        return {"by": int(rng.integers(1000))}

    def apply(self, sample, params):
        return {"n": sample["n"] + params["by"]}


def test_steps_come_in_order():
    assert Compose([add(1), double])({"n": 3}) == {"n": 8}


def test_nothing_to_do_gives_the_sample():
    assert Compose([])({"n": 3}) == {"n": 3}


def test_lists_are_flattened():
    assert Compose([split_in_two, split_in_two, add(5)])({"n": 1}) == [{"n": n + 5} for n in (100, 101, 110, 111)]


def test_a_compose_inside_counts_as_its_steps():
    first, second, third = add(1), add(2), add(3)
    assert Compose([Compose([first, second]), third]).transforms == (first, second, third)


def test_split_cuts_before_the_first_random_step():
    first, jump, last = add(1), Jump("n"), add(2)
    fixed, rest = Compose([Compose([first, jump]), last]).split()
    assert fixed.transforms == (first,)
    assert rest.transforms == (jump, last)
    assert not fixed.random
    assert rest.random


def test_without_chance_all_is_in_the_first_part():
    fixed, rest = Compose([add(1)]).split()
    assert len(fixed.transforms) == 1
    assert rest({"n": 1}) == {"n": 1}


def test_the_parts_draw_as_the_whole_does():
    steps = Compose([add(1), split_in_two, Jump("n"), Jump("n")])
    fixed, rest = steps.split()
    whole = steps({"n": 1}, np.random.default_rng(5))
    rng = np.random.default_rng(5)
    assert whole == [new for old in as_list(fixed({"n": 1})) for new in as_list(rest(old, rng))]
