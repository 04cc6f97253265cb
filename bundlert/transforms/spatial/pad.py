"""SpatialPad, BorderPad, DivisiblePad: larger images, whose voxels stay where they are."""

from __future__ import annotations

from collections.abc import Sequence

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.affine import Size, new_shape
from bundlert.transforms.spatial.moving import one_per_axis
from bundlert.transforms.spatial.padding import Boxes, Modes, PadTransform, box_around, checked_method


class SpatialPad(PadTransform):
    """Pad where an image is smaller than `spatial_size`.

    Args:
        keys: Images to pad.
        spatial_size: The least number of voxels along each axis, one number or one for each; an axis stays as it is
            where it is None or <= 0.
        method: `symmetric`: on both sides, an odd voxel behind; `end`: all behind.
        mode: `constant` (by `value`), `edge` (the outermost voxel goes on), `symmetric` (mirrored at the outermost
            faces), `reflect` (mirrored at the outermost voxels) or `wrap`; one, or one per key.
        value: What `constant` pads with.

    Raises:
        ValueError: An unknown method or mode.
    """

    def __init__(
        self, keys: Keys, spatial_size: Size, method: str = "symmetric", mode: Modes = "constant", value: float = 0.0
    ) -> None:
        super().__init__(keys, mode, value)
        self.spatial_size, self.method = spatial_size, checked_method(method)

    def box_of(self, shape: tuple[int, ...]) -> Boxes:
        """The box of at least `spatial_size`."""
        wanted = new_shape(self.spatial_size, shape)
        return box_around([max(size, own) for size, own in zip(wanted, shape, strict=True)], shape, self.method)


class BorderPad(PadTransform):
    """Pad by so many voxels on each side.

    Args:
        keys: Images to pad.
        spatial_border: One number for all sides, one for each axis, or two for each: before and behind the first axis,
            before and behind the second ...
        mode: As in `SpatialPad`.
        value: What `constant` pads with.

    Raises:
        ValueError: A border < 0, or an unknown mode.
    """

    def __init__(
        self, keys: Keys, spatial_border: int | Sequence[int], mode: Modes = "constant", value: float = 0.0
    ) -> None:
        super().__init__(keys, mode, value)
        self.borders = [spatial_border] if isinstance(spatial_border, int) else [int(one) for one in spatial_border]
        if min(self.borders, default=-1) < 0:
            raise ValueError(f"spatial_border must be >= 0 voxels, got {spatial_border}")

    def box_of(self, shape: tuple[int, ...]) -> Boxes:
        """The box with its borders.

        Raises:
            ValueError: Neither one border nor one or two for each axis.
        """
        order = len(shape)
        if len(self.borders) not in (1, order, 2 * order):
            raise ValueError(f"spatial_border must be 1, {order} or {2 * order} values, got {self.borders}")
        each = self.borders * (2 * order) if len(self.borders) == 1 else self.borders
        sides = each if len(each) == 2 * order else [border for border in each for _ in range(2)]
        before, behind = sides[::2], sides[1::2]
        size = [first + own + last for first, own, last in zip(before, shape, behind, strict=True)]
        return [-first for first in before], size


class DivisiblePad(PadTransform):
    """Pad until each axis has a multiple of `k` voxels.

    Args:
        keys: Images to pad.
        k: The divisor, one or one for each axis; an axis stays as it is where it is <= 1.
        mode: As in `SpatialPad`.
        method: As in `SpatialPad`.
        value: What `constant` pads with.

    Raises:
        ValueError: An unknown method or mode.
    """

    def __init__(
        self,
        keys: Keys,
        k: int | Sequence[int],
        mode: Modes = "constant",
        method: str = "symmetric",
        *,
        value: float = 0.0,
    ) -> None:
        super().__init__(keys, mode, value)
        self.k, self.method = k, checked_method(method)

    def box_of(self, shape: tuple[int, ...]) -> Boxes:
        """The box of the next multiples."""
        divisors = [max(int(one), 1) for one in one_per_axis("k", self.k, len(shape))]
        return box_around([-(-own // one) * one for own, one in zip(shape, divisors, strict=True)], shape, self.method)
