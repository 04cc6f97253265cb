"""What is told of each step is compared with what it does to images that are still to be resampled."""

import numpy as np
import pytest
from contracts.examples import components, make_sample, make_transform

from bundlert.images.image import Image
from bundlert.reports.pipeline_steps import keys_of, left_by, moves_of, reads_of
from bundlert.transforms.compose import as_list
from bundlert.transforms.lazy import wish

STEPS = [one for one in components("transform") if one.name != "Compose"]


def pending_sample(folder):
    """A sample whose images all wait to be turned, which fits any mode and padding."""
    sample = make_sample(folder)
    for key, entry in sample.items():
        if isinstance(entry, Image):
            sample[key] = wish(entry, entry.grid.flipped([0]))
    return sample


def seen(before, after, key):
    """Whether a step moved an image, resampled it, or left it as it was."""
    old, new = before[key], after.get(key)
    if new is old:
        return "left"
    waits = isinstance(new, Image) and new.wanted is not None
    return "moved" if waits and new.data is old.data else "read"


@pytest.mark.parametrize("component", STEPS, ids=lambda one: one.name)
def test_a_step_does_what_is_told_of_it(component, tmp_path):
    transform = make_transform(component)
    moves, reads, left = moves_of(transform), reads_of(transform), left_by(transform)
    before = pending_sample(tmp_path)
    happened = {key: set() for key in ("image", "label", "pred")}
    for seed in range(12):  # until chance has it happen
        for after in as_list(transform(before, np.random.default_rng(seed))):
            for key, found in happened.items():
                found.add(seen(before, after, key))
    for key, found in happened.items():
        told = {"read"} if key in reads and key not in left else {"moved"} if key in moves else {"left"}
        idle = {"left"} if getattr(transform, "random", False) else set()
        assert found - idle == told - idle, key
    assert set(keys_of(transform)) <= set(before) | {"nothing"}
