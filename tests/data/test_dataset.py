import numpy as np

from bundlert.data.dataset import Dataset


def test_items_are_transformed_when_asked_for():
    data = Dataset([{"x": 1}, {"x": 2}], lambda sample, rng: {"x": sample["x"] + rng.integers(10, 11)})
    assert len(data) == 2
    assert data.sample(1, np.random.default_rng(0)) == [{"x": 12}]


def test_an_item_may_become_several_samples():
    data = Dataset([{"x": 1}], lambda sample, _rng: [sample, {"x": 5}])
    assert data.sample(0, np.random.default_rng(0)) == [{"x": 1}, {"x": 5}]


def test_without_a_transform_items_come_as_they_are():
    assert Dataset([{"x": 1}]).sample(0, np.random.default_rng(0)) == [{"x": 1}]
