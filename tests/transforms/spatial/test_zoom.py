from __future__ import annotations

import json

import numpy as np
import pytest
from transforms.spatial.by_scipy import SHAPES, about_middle, blocks, check, smooth

from bundlert.transforms.spatial.zoom import RandZoom, Zoom


@pytest.mark.parametrize("zoom", [0.7, 1.4, (1.3, 0.8, 1.1)])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("padding", ["border", "zeros", "reflection"])
def test_with_keep_size_it_is_about_the_middle(zoom, shape, padding):
    zoom = zoom if isinstance(zoom, float) else zoom[: len(shape)]
    sample = {"image": smooth(shape), "label": blocks(shape)}
    step = Zoom(["image", "label"], zoom, mode=["bilinear", "nearest"], padding_mode=padding)
    result = step(sample)
    matrix = about_middle(np.diag(1 / np.broadcast_to(zoom, len(shape))), shape)
    check(result["image"], sample["image"], matrix, shape, padding=padding)
    check(result["label"], sample["label"], matrix, shape, mode="nearest", padding=padding)


@pytest.mark.parametrize(("zoom", "shape"), [(0.5, (6, 6, 5)), (1.3, (16, 15, 14)), (0.01, (1, 1, 1))])
def test_without_keep_size_the_outer_faces_stay(zoom, shape):
    image = smooth((13, 12, 11))
    result = Zoom("image", zoom, keep_size=False)({"image": image})["image"]
    matrix = about_middle(np.diag(np.array([13, 12, 11]) / shape), (13, 12, 11), shape)
    check(result, image, matrix, shape)
    faces = [-0.5, -0.5, -0.5, 1], [size - 0.5 for size in shape] + [1]
    for new, old in zip(faces, ([-0.5, -0.5, -0.5, 1], [12.5, 11.5, 10.5, 1]), strict=True):
        np.testing.assert_allclose(result.affine @ new, image.grid.affine @ old, atol=1e-9)


def test_never_always_and_all_alike():
    sample = {"image": smooth(), "label": blocks()}
    rng = np.random.default_rng(0)
    assert RandZoom("image", 0)(sample, rng) == sample
    for low, high in ((0.7, 1.5), ((0.7, 1, 1), (0.8, 1, 1.2))):
        step = RandZoom(list(sample), 1, low, high, mode=["bilinear", "nearest"])
        params = step.draw(sample, rng)
        assert ((params["zoom"] >= np.array(low)) & (params["zoom"] <= np.array(high))).all()
        assert (len(set(params["zoom"])) == 1) == isinstance(low, float)
        result = step.apply(sample, json.loads(json.dumps(params)))
        matrix = about_middle(np.diag(1 / np.array(params["zoom"])), (13, 12, 11))
        check(result["image"], sample["image"], matrix, (13, 12, 11))
        check(result["label"], sample["label"], matrix, (13, 12, 11), mode="nearest")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Zoom("image", 0.0), "zoom must be > 0, got 0.0"),
        (lambda: Zoom("image", (1, -1, 1)), r"zoom must be > 0, got \(1, -1, 1\)"),
        (lambda: Zoom("image", (1, 1))({"image": smooth()}), r"zoom must be one value or 3, got \(1, 1\)"),
        (lambda: RandZoom("image", 1, 1.2, 0.9), "min_zoom and max_zoom must be > 0 and form ranges, got 1.2 and 0.9"),
        (lambda: RandZoom("image", 1, 0), "min_zoom and max_zoom must be > 0 and form ranges"),
        (lambda: RandZoom("image", 1, (0.9, 0.9), 1.1), "min_zoom and max_zoom must be > 0 and form ranges"),
    ],
)
def test_what_cant_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
