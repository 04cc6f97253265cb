"""Phantoms of few voxels, made in a moment: for tests of what is kept and what is made again.

Run as a program, it makes them in a process of its own, which can be told to die after the first.
"""

import os
import signal
import sys
from unittest.mock import patch

from bundlert.data.phantom import dataset
from bundlert.data.phantom.render import draw_grid

SEED = 7


def make_coarse(folder, cases=3, seed=SEED):
    with patch.object(dataset, "draw_grid", lambda case, rng: draw_grid(case, rng).spaced(8)):
        return dataset.abdomen_phantom(cases, seed, str(folder))


def make_and_die(folder):
    add = dataset._Manifest.add

    def add_and_die(manifest, files):
        add(manifest, files)
        os.kill(os.getpid(), signal.SIGKILL)

    with patch.object(dataset._Manifest, "add", add_and_die):
        make_coarse(folder)


if __name__ == "__main__":
    {"make": make_coarse, "die": make_and_die}[sys.argv[1]](sys.argv[2])
