"""Steps and things for worker processes: what those unpickle must be importable there, as test modules are not."""

import os
import signal

import torch

from bundlert.images.image import Image
from bundlert.transforms.base import RandomTransform


class Asking:
    """A step that tells where it is done."""

    def __call__(self, sample, _rng=None):
        return {"threads": torch.get_num_threads(), "process": os.getpid(), "shared": sample["image"].data.is_shared()}


class AskingAtRandom(Asking):
    random = True


class Ending:
    """Ends its process: every time, or the first time when it is given a file to remember that in."""

    def __init__(self, file=None):
        self.file = file

    def __call__(self, sample, _rng=None):
        if self.file is not None:
            if self.file.exists():
                return sample
            self.file.touch()
        return os.kill(os.getpid(), signal.SIGKILL)


class Unloadable:
    """Something that leaves its process and can't arrive in another."""

    def __reduce__(self):
        return _arrived, ()


def _arrived():
    raise ModuleNotFoundError("No module named 'bundlert_own_1'")


class Look(RandomTransform):
    """Chance that changes nothing, and wants an image."""

    def draw(self, _sample, _rng):
        return {}

    def apply(self, sample, _params):
        assert isinstance(sample["image"], Image)
        return sample


def doubled(unpack, received, sent):
    """Double the values of a parcel in place."""
    for value in unpack(received.get()):
        value.mul_(2)
    sent.put("done")
