"""What a step does to images: how it moves them, and whose voxels it needs for that. Nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bundlert.transforms.channel import EnsureChannelFirst
from bundlert.transforms.concat_items import ConcatItems
from bundlert.transforms.copy_items import CopyItems
from bundlert.transforms.crop.about_voxels import CropsAboutVoxels
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.crop.part import BY_INDEX
from bundlert.transforms.crop.random_spatial import RandScaleCrop, RandSpatialCrop
from bundlert.transforms.delete_items import DeleteItems
from bundlert.transforms.identity import Identity
from bundlert.transforms.load import LoadImage
from bundlert.transforms.save import SaveImage
from bundlert.transforms.select_items import SelectItems
from bundlert.transforms.spatial.bending import GridDistortion, RandElastic, RandGridDistortion
from bundlert.transforms.spatial.moving import Resampling
from bundlert.transforms.spatial.padding import PadTransform
from bundlert.transforms.split_dim import SplitDim

if TYPE_CHECKING:
    from bundlert.transforms.base import SampleTransform

_CROPS = (CropForeground, CropsAboutVoxels, RandSpatialCrop, RandScaleCrop)
_BENDS = (RandElastic, GridDistortion, RandGridDistortion)
_READ_NOTHING = (LoadImage, EnsureChannelFirst, Identity, CopyItems, SelectItems, DeleteItems)
_ONLY_LOOK = (SaveImage, ConcatItems, SplitDim)


class Move(NamedTuple):
    """How a step moves the voxels of an image.

    Attributes:
        mode: How it interpolates; None where voxels only move, whole.
        padding: What it puts where nothing is; None where it asks for nothing.
        bends: Whether the grid is bent.
    """

    mode: str | None = None
    padding: str | float | None = None
    bends: bool = False


def moves_of(transform: SampleTransform) -> dict[str, Move]:
    """How a step moves the images of its keys."""
    if isinstance(transform, PadTransform):
        return {key: Move(None, padding) for key, padding in transform.paddings.items() if padding not in BY_INDEX}
    moving = transform.affine if isinstance(transform, RandElastic) else transform
    resampling = getattr(moving, "resampling", None)
    if isinstance(resampling, Resampling):
        bends = isinstance(transform, _BENDS)
        return {key: Move(resampling.modes[key], resampling.paddings[key], bends) for key in resampling.keys}
    return dict.fromkeys(transform.keys, Move()) if isinstance(transform, _CROPS) else {}


def reads_of(transform: SampleTransform) -> tuple[str, ...]:
    """The keys of the images whose voxels a step needs, so that whatever was asked of them before is done."""
    if isinstance(transform, CropForeground):
        return (transform.source_key,)
    if isinstance(transform, CropsAboutVoxels):
        return tuple(transform.read)
    if isinstance(transform, PadTransform):
        return tuple(key for key, padding in transform.paddings.items() if padding in BY_INDEX)
    if isinstance(transform, _READ_NOTHING) or moves_of(transform):
        return ()
    mask = getattr(transform, "mask_key", None)
    return (*keys_of(transform), mask) if mask else keys_of(transform)


def left_by(transform: SampleTransform) -> tuple[str, ...]:
    """The keys of the images that a step only looks at: what was asked of them before is still to be done after it."""
    mask, output = getattr(transform, "mask_key", None), getattr(transform, "output_key", None)
    elsewhere = getattr(transform, "overwrite", True) is not True or bool(getattr(transform, "prefix", None))
    looked = isinstance(transform, _ONLY_LOOK) or elsewhere or output is not None
    left = tuple(key for key in keys_of(transform) if looked and key != output)
    return (*left, mask) if mask else left


def keys_of(transform: SampleTransform) -> tuple[str, ...]:
    """The entries that a step changes; none for a foreign step that doesn't tell."""
    return tuple(getattr(transform, "keys", ()))
