from __future__ import annotations

import pytest
import torch

from bundlert.config.build import Builder
from bundlert.config.load import parse
from bundlert.registry.registry import standard
from bundlert.transforms.function import Lambda


def test_a_function_makes_an_image_of_voxels(make_image):
    sample = {"image": make_image()}
    result = Lambda("image", lambda voxels: voxels > 0)(sample)["image"]
    assert torch.equal(result.data, sample["image"].data > 0)
    assert result.grid is sample["image"].grid


def test_a_function_may_change_what_it_gets_for_it_is_a_copy(make_image):
    sample = {"image": make_image()}
    before = sample["image"].data.clone()
    assert (Lambda("image", lambda voxels: voxels.zero_())(sample)["image"].data == 0).all()
    assert torch.equal(sample["image"].data, before)


def test_what_is_not_on_the_same_voxels_is_kept_as_it_is(make_image):
    image = make_image((2, 3, 4))
    assert Lambda("image", lambda voxels: voxels.shape)({"image": image})["image"] == (1, 2, 3, 4)
    assert Lambda("name", str.upper)({"name": "a"}) == {"name": "A"}


@pytest.mark.parametrize(("overwrite", "expected"), [(True, {"a": 2}), (False, {"a": 1}), ("b", {"a": 1, "b": 2})])
def test_the_result_may_stand_elsewhere(overwrite, expected):
    assert Lambda("a", lambda one: one + 1, overwrite)({"a": 1}) == expected


def test_results_do_not_take_each_others_place():
    with pytest.raises(ValueError, match="overwrite must be true or false for several keys, got 'x'"):
        Lambda(["a", "b"], abs, "x")


@pytest.mark.parametrize("name", ["Lambda", "Lambdad", "monai.transforms.Lambdad"])
def test_a_config_writes_its_function_without_trust(make_image, name):
    text = f"step: {{_target_: {name}, keys: image, func: '$lambda x: (x > 0) * 2'}}"
    step = Builder(parse(text, "test.yaml"), standard()).get("step")
    image = make_image()
    assert torch.equal(step({"image": image})["image"].data, (image.data > 0) * 2)
