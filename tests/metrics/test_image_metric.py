import math

import pytest
import torch

from bundlert.metrics.image_metric import mean_squared_error
from bundlert.metrics.mean_absolute_error import MeanAbsoluteError


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("side", [0, 1])
def test_what_is_not_a_finite_number_is_refused(value, side):
    images = [torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)]
    images[side][0, 1, 0] = value
    told = f"{('prediction', 'target')[side]} must be finite, got 1 voxels that aren't"
    with pytest.raises(ValueError, match=told):
        MeanAbsoluteError().update(*images)


@pytest.mark.parametrize(
    ("one", "other"), [((1, 2, 3), (1, 3, 2)), ((2, 4), (1, 4)), ((1, 4), (1, 4, 1)), ((1, 0), (1, 0))]
)
def test_other_shapes_are_refused(one, other):
    with pytest.raises(ValueError, match=r"images .* of one shape, got .* and ") as told:
        MeanAbsoluteError().update(torch.zeros(one), torch.zeros(other))
    assert f"{one} and {other}" in str(told.value)


@pytest.mark.parametrize("kind", [torch.uint8, torch.int16, torch.float16, torch.float32], ids=str)
def test_images_of_any_type_are_compared_in_full_precision(kind):
    assert MeanAbsoluteError().update(torch.tensor([[0, 5]]).to(kind), torch.tensor([[3, 4]]).to(kind)) == 2


def test_a_gradient_is_not_kept():
    metric = MeanAbsoluteError()
    metric.update(torch.ones(1, 2, requires_grad=True), torch.zeros(1, 2), "a")
    assert not metric.parts["a"].requires_grad


def test_the_mean_of_squares():
    assert float(mean_squared_error(torch.tensor([1.0, 4.0]), torch.tensor([0.0, 2.0]))) == 2.5
