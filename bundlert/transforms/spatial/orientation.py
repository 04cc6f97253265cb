"""Orientation: axes in the order and direction that a network knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundlert.transforms.base import Keys, Transform
from bundlert.transforms.lazy import wish

if TYPE_CHECKING:
    from bundlert.images.image import Image


class Orientation(Transform):
    """Permute and flip axes; no voxel changes its value or its place in the world.

    Args:
        keys: Images to turn.
        axcodes: Where each index grows to, one of L/R, P/A and I/S for each axis.
    """

    def __init__(self, keys: Keys, axcodes: str = "RAS") -> None:
        super().__init__(keys)
        if len({"LRPAIS".find(letter) // 2 for letter in axcodes} - {-1}) != len(axcodes):
            raise ValueError(f"axcodes must have one letter of each pair L/R, P/A, I/S, got '{axcodes}'")
        self.axcodes = axcodes

    def apply(self, image: Image) -> Image:
        """Wish for the turned grid."""
        return wish(image, image.target.reoriented(self.axcodes))
