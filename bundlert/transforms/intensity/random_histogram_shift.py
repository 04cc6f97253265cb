"""RandHistogramShift: values by a random rising curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from bundlert.transforms.base import Keys, Params, Sample
from bundlert.transforms.intensity.histogram import looked_up
from bundlert.transforms.intensity.random_voxels import RandomVoxels
from bundlert.transforms.intensity.spread import extremes

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

_ENDS = 2


class RandHistogramShift(RandomVoxels):
    """Map values by a curve of straight pieces between control points, the same for all keys. The result is float32.

    Control points lie evenly between the least and the greatest value of an image. Those between the ends move up or
    down, in turn: each to somewhere between its neighbours, so that the curve never falls. NaN stays NaN.

    Args:
        keys: Images to change.
        num_control_points: How many, the ends included; a number, or (least, most) to draw from.
        prob: How often anything is changed.

    Raises:
        ValueError: Fewer than 3 control points, or no range.
    """

    def __init__(self, keys: Keys, num_control_points: int | Sequence[int] = 10, prob: float = 0.1) -> None:
        super().__init__(keys, prob)
        given = num_control_points
        ends = (given, given) if isinstance(given, int) else tuple(given)
        if len(ends) != 2 or not _ENDS < ends[0] <= ends[1]:
            raise ValueError(f"num_control_points must be a number >= 3 or (least, most), got {given}")
        self.least, self.most = ends

    def drawn(self, sample: Sample, rng: np.random.Generator) -> Params:  # noqa: ARG002 (the same for every sample)
        """Give {"points": the new places of the control points, from 0 to 1}."""
        count = int(rng.integers(self.least, self.most + 1))
        points = [index / (count - 1) for index in range(count)]
        for index in range(1, count - 1):
            points[index] = float(rng.uniform(points[index - 1], points[index + 1]))
        return {"points": points}

    def changed(self, data: Tensor, params: Params) -> Tensor:
        """Map the voxels."""
        return mapped(data, params["points"])


def mapped(data: Tensor, points: Sequence[float]) -> Tensor:
    """Voxels by a curve of straight pieces, whose points lie evenly between the least and the greatest value."""
    low, high = extremes(data)
    if low == high:
        return data.clone()
    reach, last = high - low, len(points) - 1
    table = torch.tensor(points, dtype=torch.float32, device=data.device).mul_(reach).add_(low)
    return looked_up(table, (data - low).div_(reach).mul_(last).clamp_(0, last))
