import importlib.util
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from data.toy import Brighter, Noted

from bundlert.data.description import described, digest_of
from bundlert.transforms.compose import Compose
from bundlert.transforms.function import Lambda
from bundlert.transforms.intensity.scale_range import ScaleIntensityRange
from bundlert.transforms.load import LoadImage
from bundlert.transforms.spatial.spacing import Spacing


def digest(value):
    return digest_of(described(value))


def adder(by):
    return lambda value: value + by


PAIRS = {
    "a number and its text": (1, "1"),
    "a number and a flag": (1, True),
    "a list and a tuple": ([1, 2], (1, 2)),
    "floats that print alike": (0.1 + 0.2, 0.3),
    "a float and a whole number": (1.0, 1),
    "keys": ({"a": 1}, {"b": 1}),
    "a path and its text": (Path("a"), "a"),
    "dtypes": (torch.float32, torch.float64),
    "arrays": (np.arange(3), np.arange(3.0)),
    "shapes": (torch.zeros(2, 3), torch.zeros(3, 2)),
    "voxels": (torch.zeros(3), torch.tensor([0, 0, 1e-9])),
    "an array and a list": (np.arange(3), [0, 1, 2]),
    "arguments": (Spacing("image", 1.5), Spacing("image", 1.6)),
    "classes": (Brighter(), ScaleIntensityRange("image", 0, 1)),
    "functions": (adder, digest),
    "what a function is bound to": (adder(1), adder(2)),
    "what a function does": (lambda value: value + 1, lambda value: value + 2),
    "what a function calls": (lambda value: abs(value) + 1, lambda value: min(value) + 1),
    "defaults": (lambda value=1: value, lambda value=2: value),
    "partials": (partial(adder, 1), partial(adder, 2)),
    "methods": (Brighter(1).apply, Brighter(2).apply),
    "steps": (Compose([Brighter(), LoadImage("a")]), Compose([LoadImage("a"), Brighter()])),
}


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_what_differs_is_described_otherwise(one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"b": [1.5, None, {3, 1, 2}], "a": torch.arange(3)},
        lambda: Compose([LoadImage(["a", "b"]), Spacing("a", [1, 2, 3.5]), Lambda("a", abs), Brighter(2)]),
        lambda: adder(3),
        lambda: partial(adder, by=np.float32(2)),
        lambda: np.zeros((2, 3)).T,
    ],
)
def test_what_is_made_alike_is_described_alike(make):
    assert digest(make()) == digest(make())


def test_the_order_in_which_keys_were_given_is_nothing():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_something_in_a_circle_comes_to_an_end():
    one, other = Brighter(), Brighter()
    one.friend, other.friend = one, Brighter()
    assert digest(one) == digest(one) != digest(other)


def test_a_version_of_a_class_counts():
    class Step(Brighter):
        pass

    before = digest(Step())
    Step.version = 2
    assert digest(Step()) != before


def imported(file):
    spec = importlib.util.spec_from_file_location("described_step", file)
    sys.modules["described_step"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_source_of_a_class_counts(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "described_step", None)
    found = []
    for number in (1, 2):
        file = tmp_path / f"step_{number}.py"
        file.write_text(f"class Step:\n    def __call__(self, sample):\n        return sample + {number}\n")
        from bundlert.data import description

        description._source.cache_clear()  # as in another process
        found.append(digest(imported(file).Step()))
    assert found[0] != found[1]


class Slotted:
    __slots__ = ("by",)


@pytest.mark.parametrize(
    "value", [threading.Lock(), Slotted(), np.array([object()]), [object()], Lambda("a", Slotted()), torch.Generator()]
)
def test_what_cant_be_told_by_looking_is_refused(value):
    with pytest.raises(TypeError, match="can't be told from another one by looking"):
        described(value)


def test_a_step_of_a_test_can_be_described(tmp_path):
    assert digest(Noted(tmp_path / "a")) != digest(Noted(tmp_path / "b"))
