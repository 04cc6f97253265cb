"""One small example of each component, so that the promises of its kind can be put to the test.

A new component gets a line here; without it, its kind's tests fail and say so.
"""

import numpy as np
import torch
from torch import nn

from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.writing import write_image
from bundlert.registry.index import COMPONENTS
from bundlert.registry.registry import load

SHAPE = (8, 10, 6)
GRID = Grid(SHAPE, np.array([[0, -2, 0, 5], [1, 0, 0, -7], [0, 0, 3, 9], [0, 0, 0, 1.0]]))


def components(*kinds):
    """The components of some kinds; all, if none are given."""
    return [one for one in COMPONENTS if not kinds or one.kind in kinds]


def made(component, *arguments, **options):
    return load(component)(*arguments, **options)


# ---- transforms: name -> arguments that fit `make_sample`

TRANSFORMS = {
    "Activations": {"keys": "pred", "softmax": True},
    "AsDiscrete": {"keys": "pred", "argmax": True},
    "CropForeground": {"keys": ["image", "label"], "source_key": "image"},
    "EnsureChannelFirst": {"keys": ["image", "array"]},
    "Invert": {"keys": "pred", "like": "image"},
    "LoadImage": {"keys": "file"},
    "Orientation": {"keys": ["image", "label"], "axcodes": "LPI"},
    "RandCropByPosNegLabel": {"keys": ["image", "label"], "label_key": "label", "spatial_size": (4, 4, 4)},
    "RandScaleIntensity": {"keys": "image", "factors": 0.5, "prob": 0.5},
    "RandShiftIntensity": {"keys": "image", "offsets": 0.5, "prob": 0.5},
    "SaveImage": {"keys": "label"},
    "ScaleIntensityRange": {"keys": "image", "a_min": -1, "a_max": 2, "clip": True},
    "Spacing": {"keys": ["image", "label"], "pixdim": 1.3, "mode": ["bilinear", "nearest"]},
    "SpatialPad": {"keys": ["image", "label"], "spatial_size": (12, 9, 9)},
    "ToDevice": {"keys": "image", "device": "cpu"},
}


def make_transform(component):
    if component.name == "Compose":
        return made(component, [made(one, **TRANSFORMS[one.name]) for one in components("transform") if is_step(one)])
    return made(component, **TRANSFORMS[component.name])


def is_step(component):
    """Whether it can stand before and behind any other."""
    return component.name in ("Orientation", "Spacing", "RandScaleIntensity", "ScaleIntensityRange")


def make_sample(folder):
    """An image with an organ, a prediction of two classes on the same grid, an array, and files."""
    chance = torch.Generator().manual_seed(0)
    voxels, label = torch.randn(1, *SHAPE, generator=chance), torch.zeros(1, *SHAPE, dtype=torch.uint8)
    voxels[:, 0] = voxels[..., -1] = -1.0
    label[:, 3:5, 4:7, 2:4] = 1
    write_image(Image(label, GRID), folder / "input.nii")
    return {
        "image": Image(voxels, GRID),
        "label": Image(label, GRID),
        "pred": Image(torch.randn(2, *SHAPE, generator=chance), GRID),
        "array": np.arange(6.0).reshape(2, 3),
        "file": str(folder / "input.nii"),
        "output": str(folder / "output.nii"),
        "name": "a case",
    }


# ---- what learns: name -> how to make it

NETWORKS = {"UNet": lambda dims: {"spatial_dims": dims, "channels": (4, 8, 8), "strides": (2, 2), "num_res_units": 1}}
LOSSES = {
    "DiceLoss": {"to_onehot_y": True, "softmax": True},
    "DiceCELoss": {"to_onehot_y": True, "softmax": True},
}
METRICS = {"MeanDice": {"include_background": True}}
OPTIMIZERS = {"Novograd": {"lr": 0.02}}

# ---- what serves: name -> how to make it

DATASETS = {"Dataset": {}, "MemoryCache": {"cache_rate": 0.5}}
LOADERS = {"Loader": {"batch_size": 2, "shuffle": True}}
INFERERS = {"SimpleInferer": {}, "SlidingWindowInferer": {"roi_size": (4, 5), "overlap": 0.4, "mode": "gaussian"}}
HANDLERS = {
    "CheckpointSaver": lambda folder, **_: {"folder": folder},
    "LrScheduleHandler": lambda schedule, **_: {"scheduler": schedule},
    "PreviewSaver": lambda folder, evaluator, **_: {"folder": folder, "evaluator": evaluator},
    "RunLog": lambda folder, **_: {"folder": folder},
    "ValidationHandler": lambda evaluator, **_: {"evaluator": evaluator},
}

EXAMPLES = {
    "transform": {"Compose", *TRANSFORMS},
    "network": NETWORKS,
    "loss": LOSSES,
    "metric": METRICS,
    "optimizer": OPTIMIZERS,
    "dataset": DATASETS,
    "loader": LOADERS,
    "inferer": INFERERS,
    "handler": HANDLERS,
}


def make_network(component, dims, *, channels=(1, 3)):
    torch.manual_seed(0)
    into, out = channels
    network = made(component, in_channels=into, out_channels=out, **NETWORKS[component.name](dims))
    assert isinstance(network, nn.Module)
    return network
