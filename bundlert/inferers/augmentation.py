"""The mean over an image as it is, mirrored, and turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from bundlert.inferers.outputs import parts_of, put_together
from bundlert.inferers.simple import SimpleInferer

_QUARTERS = (1, 2, 3)


class TestTimeAugmentation:
    """Apply a network to an image, to mirror images of it and to the image turned by 90, 180 and 270 degrees.

    Each result is turned or mirrored back, which is exact, and the mean is taken. It is the mean of what the network
    gives: of scores, if it gives scores. Source: Wang et al., Neurocomputing 2019.

    Args:
        inferer: How the network is applied each time; to the image as it is, if None.
        flips: Axes to mirror, 0 for the first after the channel, one list for each mirror image: [[0], [1], [0, 1]].
        rotations: Planes to turn in, two axes each: [[0, 1]].
        return_std: Whether to give the standard deviation too, with the number of images as divisor.

    Shape:
        [B, C, *S] -> [B, K, *S], or the mean and the standard deviation, both so, as a tuple.

    Raises:
        ValueError: A plane that hasn't two different axes, or an axis twice; in a call, an axis that isn't there.
    """

    __test__ = False  # pytest takes its name for that of tests

    def __init__(
        self,
        inferer: Callable[..., Any] | None = None,
        flips: Sequence[Sequence[int]] = ((0,),),
        rotations: Sequence[Sequence[int]] = (),
        *,
        return_std: bool = False,
    ) -> None:
        for axes in (*flips, *rotations):
            if len(set(axes)) < len(axes) or not axes or min(axes) < 0:
                raise ValueError(f"flips and rotations must name different axes, from 0, got {list(axes)}")
        if any(len(plane) != 2 for plane in rotations):
            raise ValueError(f"a plane has two axes, got {[list(plane) for plane in rotations]}")
        self.inferer: Callable[..., Any] = inferer or SimpleInferer()
        self.flips, self.rotations, self.return_std = flips, rotations, return_std

    def __call__(self, network: Callable[[Tensor], Any], images: Tensor) -> Any:
        """The mean over all of them."""
        most = max((axis for axes in (*self.flips, *self.rotations) for axis in axes), default=0)
        if most >= images.ndim - 2:
            raise ValueError(f"there is no axis {most} in images {tuple(images.shape)}")
        output = self.inferer(network, images)
        means = [part.clone() for part in parts_of(output)]
        squares = [torch.zeros_like(mean) for mean in means] if self.return_std else []
        count = 1
        for there, back in self._ways():
            count += 1
            parts = parts_of(self.inferer(network, there(images)))
            for number, part in enumerate(parts):
                offset = back(part) - means[number]
                means[number].add_(offset, alpha=1 / count)
                if squares:
                    squares[number].addcmul_(offset, offset, value=(count - 1) / count)
        mean = put_together(output, means)
        if not self.return_std:
            return mean
        return mean, put_together(output, [one.div_(count).sqrt_() for one in squares])

    def _ways(self) -> Iterator[tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]]:
        """How to change images, and how to change results back."""
        for axes in self.flips:
            flip = _flip([axis + 2 for axis in axes])
            yield flip, flip
        for plane in self.rotations:
            for quarters in _QUARTERS:
                axes = [axis + 2 for axis in plane]
                yield _turn(axes, quarters), _turn(axes, -quarters)


def _flip(axes: list[int]) -> Callable[[Tensor], Tensor]:
    return lambda images: images.flip(axes)


def _turn(axes: list[int], quarters: int) -> Callable[[Tensor], Tensor]:
    return lambda images: torch.rot90(images, quarters, axes)
