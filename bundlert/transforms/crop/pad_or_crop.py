"""ResizeWithPadOrCrop: the middle of an image, or padding around it, whichever a size asks for."""

from __future__ import annotations

from bundlert.transforms.base import Keys
from bundlert.transforms.spatial.affine import Size, new_shape
from bundlert.transforms.spatial.padding import Boxes, Modes, PadTransform, box_around, checked_method


class ResizeWithPadOrCrop(PadTransform):
    """Bring each axis to a size: crop to its middle where it is longer, pad where it is shorter.

    Args:
        keys: Images to pad or crop.
        spatial_size: Voxels along each axis, one number or one for each; an axis stays as it is where it is None or
            <= 0.
        mode: As in `SpatialPad`.
        method: Where padding goes, as in `SpatialPad`.
        value: What `constant` pads with.

    Raises:
        ValueError: An unknown method or mode.
    """

    def __init__(
        self, keys: Keys, spatial_size: Size, mode: Modes = "constant", method: str = "symmetric", value: float = 0.0
    ) -> None:
        super().__init__(keys, mode, value)
        self.spatial_size, self.method = spatial_size, checked_method(method)

    def box_of(self, shape: tuple[int, ...]) -> Boxes:
        """The box of `spatial_size` about the middle."""
        return box_around(new_shape(self.spatial_size, shape), shape, self.method)
