from __future__ import annotations

import numpy as np
import pytest

from bundlert.errors import DataError
from bundlert.transforms.base import RandomTransform, Transform, as_keys, entry_of, image_of, per_key, same_shape


class Double(Transform):
    def apply(self, image):
        return image.with_data(image.data * 2)


class Add(RandomTransform):
    def draw(self, _sample, rng):
        return {"amount": int(rng.integers(100))}

    def apply(self, sample, params):
        return {**sample, "n": sample["n"] + params["amount"]}


def test_a_transform_replaces_its_keys_and_leaves_the_sample_alone(make_image):
    sample = {"image": make_image(), "label": make_image(), "name": "a"}
    result = Double("image")(sample)
    assert (result["image"].data == sample["image"].data * 2).all()
    assert result["label"] is sample["label"]
    assert result["name"] == "a"


def test_a_random_transform_draws_from_the_generator_it_is_given():
    first, again = (Add("n")({"n": 1}, np.random.default_rng(3)) for _ in range(2))
    assert first == again == {"n": 1 + int(np.random.default_rng(3).integers(100))}


def test_a_random_transform_without_a_generator_is_refused():
    with pytest.raises(ValueError, match=r"Add needs rng, a numpy.random.Generator"):
        Add("n")({"n": 1})


def test_keys_are_one_or_several_but_not_none():
    assert as_keys("image") == ("image",)
    assert as_keys(["image", "label"]) == ("image", "label")
    with pytest.raises(ValueError, match="keys must name at least one entry"):
        as_keys([])


def test_one_value_serves_all_keys():
    assert per_key("mode", "nearest", ("a", "b")) == {"a": "nearest", "b": "nearest"}
    assert per_key("mode", ["x", "y"], ("a", "b")) == {"a": "x", "b": "y"}
    with pytest.raises(ValueError, match=r"mode must be one value or one per key \(a, b\), got \['x'\]"):
        per_key("mode", ["x"], ("a", "b"))


def test_a_missing_entry_names_what_was_meant():
    message = r"the sample has no 'lable'\n  got: image, label\n  try: did you mean 'label'\?"
    with pytest.raises(DataError, match=message):
        entry_of({"image": 1, "label": 2}, "lable")


def test_a_path_is_no_image_yet():
    with pytest.raises(DataError, match=r"'image' is not an image yet\n  got: str a.nii\n  try: put LoadImage before"):
        image_of({"image": "a.nii"}, "image")


def test_images_of_different_shapes_are_named(make_image):
    sample = {"image": make_image((2, 3, 4)), "label": make_image((2, 3, 5), file="l.nii")}
    with pytest.raises(DataError, match=r"'image' and 'label' differ in shape\n.*\(2, 3, 5\) of 'l.nii'"):
        same_shape(sample, ("image", "label"))
