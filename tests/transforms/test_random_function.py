from __future__ import annotations

import numpy as np
import pytest

from bundlert.transforms.random_function import RandLambda


def test_it_is_called_as_often_as_asked():
    transform, rng = RandLambda("a", lambda one: one + 1, prob=0.3), np.random.default_rng(0)
    results = [transform({"a": 0}, rng)["a"] for _ in range(2000)]
    assert np.mean(results) == pytest.approx(0.3, abs=0.04)


def test_it_obeys_what_was_drawn():
    transform = RandLambda("a", lambda one: one + 1, overwrite="b")
    assert transform.draw({}, np.random.default_rng(0)) == {"happens": True}
    assert transform.apply({"a": 1}, {"happens": True}) == {"a": 1, "b": 2}
    sample = {"a": 1}
    assert transform.apply(sample, {"happens": False}) is sample


def test_arguments_are_checked():
    with pytest.raises(ValueError, match=r"prob must lie in 0..1, got 1.5"):
        RandLambda("a", abs, 1.5)
    with pytest.raises(ValueError, match="overwrite must be true or false for several keys, got 'x'"):
        RandLambda(["a", "b"], abs, overwrite="x")
