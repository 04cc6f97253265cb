"""One small example of each component, so that the promises of its kind can be put to the test.

A new component gets a line here; without it, its kind's tests fail and say so.
"""

from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from bundlert.data.iterable_dataset import IterableDataset
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.writing import write_image
from bundlert.losses.dice_ce import DiceCELoss
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.hausdorff import HausdorffDistance
from bundlert.registry.index import COMPONENTS
from bundlert.registry.registry import load

SHAPE = (8, 10, 6)
GRID = Grid(SHAPE, np.array([[0, -2, 0, 5], [1, 0, 0, -7], [0, 0, 3, 9], [0, 0, 0, 1.0]]))


def components(*kinds):
    """The components of some kinds; all, if none are given."""
    return [one for one in COMPONENTS if not kinds or kind_of(one) in kinds]


def kind_of(component):
    """Its kind; losses that take images or displacement fields keep other promises than those that take labels."""
    return "image loss" if component.name in IMAGE_LOSSES else component.kind


def made(component, *arguments, **options):
    return load(component)(*arguments, **options)


# ---- transforms: name -> arguments that fit `make_sample`

TRANSFORMS = {
    "Activations": {"keys": "pred", "softmax": True},
    "AdjustContrast": {"keys": "image", "gamma": 2.0, "retain_stats": True},
    "Affine": {"keys": ["image", "label"], "rotate_params": [0.3, 0, 0], "mode": ["bilinear", "nearest"]},
    "AsDiscrete": {"keys": "pred", "argmax": True},
    "BorderPad": {"keys": ["image", "label"], "spatial_border": [1, 0, 2]},
    "CastToType": {"keys": ["image", "array"], "dtype": ["float64", "int16"]},
    "CenterScaleCrop": {"keys": ["image", "label"], "roi_scale": 0.6},
    "CenterSpatialCrop": {"keys": ["image", "label"], "roi_size": 4},
    "ClipIntensity": {"keys": "image", "minv": -0.5, "maxv": 0.5},
    "ClipIntensityPercentiles": {"keys": "image", "lower": 5, "upper": 95},
    "ConcatItems": {"keys": ["image", "label"], "name": "both"},
    "CopyItems": {"keys": ["image", "array"], "names": ["image_2", "array_2"]},
    "CropForeground": {"keys": ["image", "label"], "source_key": "image"},
    "DeleteItems": {"keys": "nothing"},
    "DivisiblePad": {"keys": ["image", "label"], "k": 4, "mode": "reflect"},
    "EnsureChannelFirst": {"keys": ["image", "array"]},
    "EnsureType": {"keys": ["image", "array"], "dtype": "float64"},
    "FillHoles": {"keys": "label"},
    "Flip": {"keys": ["image", "label"], "spatial_axis": [0, 2]},
    "ForegroundMask": {"keys": "image", "new_key_prefix": "mask_"},
    "GaussianSharpen": {"keys": "image"},
    "GaussianSmooth": {"keys": "image", "sigma": [0.5, 1.0, 0]},
    "GridDistortion": {"keys": "image", "num_cells": 2, "distort_steps": [[0.8, 1.2]] * 3},
    "HistogramNormalize": {"keys": "image", "num_bins": 16, "mask_key": "label"},
    "Identity": {"keys": "image"},
    "Invert": {"keys": "pred", "like": "image"},
    "KeepLargestConnectedComponent": {"keys": "label"},
    "LabelFilter": {"keys": "label", "applied_labels": [2, 3]},
    "LabelToContour": {"keys": "label"},
    "LabelToMask": {"keys": "label", "select_labels": 1},
    "Lambda": {"keys": "image", "func": abs},
    "LoadImage": {"keys": "file"},
    "MapLabelValue": {"keys": "label", "orig_labels": [0, 1], "target_labels": [1, 0]},
    "MaskIntensity": {"keys": "image", "mask_key": "label"},
    "MeanEnsemble": {"keys": ["image", "label"], "output_key": "mean", "weights": [1, 2]},
    "MedianSmooth": {"keys": "image"},
    "NormalizeIntensity": {"keys": "image", "nonzero": True, "channel_wise": True},
    "Orientation": {"keys": ["image", "label"], "axcodes": "LPI"},
    "ProbNMS": {"keys": "label", "spatial_dims": 3, "box_size": 2, "output_key": "points"},
    "RandAdjustContrast": {"keys": "image", "prob": 0.5},
    "RandAffine": {"keys": "image", "prob": 0.5, "rotate_range": 0.3, "translate_range": 1.0, "spatial_size": 8},
    "RandAxisFlip": {"keys": ["image", "label"], "prob": 0.5},
    "RandBiasField": {"keys": "image", "prob": 0.5},
    "RandCoarseDropout": {"keys": ["image", "label"], "holes": 2, "spatial_size": 3, "prob": 0.5},
    "RandCropByLabelClasses": {"keys": "image", "label_key": "label", "spatial_size": 4, "ratios": [1, 2]},
    "RandCropByPosNegLabel": {"keys": ["image", "label"], "label_key": "label", "spatial_size": (4, 4, 4)},
    "RandElastic": {"keys": "image", "sigma_range": [2, 3], "magnitude_range": [5, 9], "prob": 0.5},
    "RandFlip": {"keys": ["image", "label"], "prob": 0.5, "spatial_axis": 1},
    "RandGaussianNoise": {"keys": "image", "prob": 0.5},
    "RandGaussianSharpen": {"keys": "image", "prob": 0.5},
    "RandGaussianSmooth": {"keys": "image", "prob": 0.5},
    "RandGibbsNoise": {"keys": "image", "prob": 0.5},
    "RandGridDistortion": {"keys": "image", "num_cells": 3, "prob": 0.5, "distort_limit": 0.4},
    "RandHistogramShift": {"keys": "image", "num_control_points": [4, 8], "prob": 0.5},
    "RandLambda": {"keys": "image", "func": abs, "prob": 0.5},
    "RandRicianNoise": {"keys": "image", "prob": 0.5, "relative": True},
    "RandRotate": {"keys": "image", "range_x": 0.3, "prob": 0.5, "keep_size": False},
    "RandRotate90": {"keys": ["image", "label"], "prob": 0.5},
    "RandScaleCrop": {"keys": ["image", "label"], "roi_scale": 0.5, "random_size": True},
    "RandScaleIntensity": {"keys": "image", "factors": 0.5, "prob": 0.5},
    "RandShiftIntensity": {"keys": "image", "offsets": 0.5, "prob": 0.5},
    "RandSpatialCrop": {"keys": ["image", "label"], "roi_size": [4, 5, 3]},
    "RandSpatialCropSamples": {"keys": ["image", "label"], "roi_size": 4, "num_samples": 2},
    "RandStdShiftIntensity": {"keys": "image", "factors": 0.5, "prob": 0.5, "nonzero": True},
    "RandWeightedCrop": {"keys": "image", "w_key": "label", "spatial_size": 3, "num_samples": 2},
    "RandZoom": {"keys": "image", "prob": 0.5, "min_zoom": 0.8, "max_zoom": 1.3},
    "RemoveSmallObjects": {"keys": "label", "min_size": 80, "by_measure": True},
    "ResampleToMatch": {"keys": "label", "key_dst": "image", "mode": "nearest"},
    "Resize": {"keys": ["image", "label"], "spatial_size": [6, 12, -1], "mode": ["trilinear", "nearest"]},
    "ResizeWithPadOrCrop": {"keys": ["image", "label"], "spatial_size": [6, 12, 8]},
    "Rotate": {"keys": ["image", "label"], "angle": [0.2, 0, 0.4], "mode": ["bilinear", "nearest"]},
    "Rotate90": {"keys": ["image", "label"], "spatial_axes": [0, 2]},
    "SaveImage": {"keys": "label"},
    "ScaleIntensity": {"keys": "image"},
    "ScaleIntensityRange": {"keys": "image", "a_min": -1, "a_max": 2, "clip": True},
    "ScaleIntensityRangePercentiles": {"keys": "image", "lower": 1, "upper": 99, "clip": True},
    "SelectItems": {"keys": ["image", "label", "pred", "array", "row", "file", "output", "name"]},
    "ShiftIntensity": {"keys": "image", "offset": 3},
    "Spacing": {"keys": ["image", "label"], "pixdim": 1.3, "mode": ["bilinear", "nearest"]},
    "SpatialCrop": {"keys": ["image", "label"], "roi_start": [1, 2, 0], "roi_end": [6, 9, 4]},
    "SpatialPad": {"keys": ["image", "label"], "spatial_size": (12, 9, 9)},
    "SplitDim": {"keys": "pred"},
    "SqueezeDim": {"keys": "row"},
    "ThresholdIntensity": {"keys": "image", "threshold": 0.0},
    "ToDevice": {"keys": "image", "device": "cpu"},
    "ToTensor": {"keys": ["image", "array"]},
    "Transpose": {"keys": ["image", "label"], "indices": [0, 3, 1, 2]},
    "VoteEnsemble": {"keys": ["label", "label"], "output_key": "votes"},
    "Zoom": {"keys": ["image", "label"], "zoom": 1.3, "mode": ["bilinear", "nearest"]},
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
        "row": np.arange(3.0)[None],
        "file": str(folder / "input.nii"),
        "output": str(folder / "output.nii"),
        "name": "a case",
    }


# ---- what learns: name -> how to make it

NETWORKS = {"UNet": lambda dims: {"spatial_dims": dims, "channels": (4, 8, 8), "strides": (2, 2), "num_res_units": 1}}
LOSSES = {
    "DiceLoss": {"to_onehot_y": True, "softmax": True},
    "DiceCELoss": {"to_onehot_y": True, "softmax": True},
    # what is focal takes a score of 0 for half a hit
    "DiceFocalLoss": {"to_onehot_y": True, "softmax": True, "lambda_focal": 0.05},
    "FocalLoss": {"to_onehot_y": True, "use_softmax": True},
    "GeneralizedDiceLoss": {"to_onehot_y": True, "softmax": True},
    "GeneralizedDiceFocalLoss": {"to_onehot_y": True, "softmax": True, "lambda_focal": 0.05},
    "TverskyLoss": {"to_onehot_y": True, "softmax": True, "alpha": 0.3, "beta": 0.7},
    "MaskedLoss": {"loss": DiceCELoss(to_onehot_y=True, softmax=True)},
    "DeepSupervisionLoss": {"loss": DiceCELoss(to_onehot_y=True, softmax=True)},
}
IMAGE_LOSSES = {  # of a displacement field, or of a moving and a fixed image
    "BendingEnergyLoss": {},
    "DiffusionLoss": {},
    "GlobalMutualInformationLoss": {},
    "LocalNormalizedCrossCorrelationLoss": {"spatial_dims": 2},
    "SSIMLoss": {"spatial_dims": 2, "win_size": 3},
}
METRICS = {
    "MeanDice": {"include_background": True},
    "MeanIoU": {"include_background": True},
    "HausdorffDistance": {"percentile": 95},
    "SurfaceDistance": {"symmetric": True},
    "SurfaceDice": {"class_thresholds": [0.5, 1.0]},
    "ConfusionMatrix": {"metric_name": "f1"},
    "ROCAUC": {"average": "weighted"},
    "AveragePrecision": {"average": "micro"},
    "FROC": {"grow_distance": 2, "itc_diameter": 0, "nms_box_size": 2},
    "MeanAbsoluteError": {},
    "MeanSquaredError": {},
    "RootMeanSquaredError": {},
    "PeakSignalToNoiseRatio": {"max_val": 2.0},
    "SSIM": {"data_range": 2.0, "win_size": 3},
    "MetricGroup": {"metrics": {"dice": MeanDice(include_background=True), "hausdorff": HausdorffDistance()}},
}
# What a metric looks at, where that isn't labels.
METRIC_INPUTS = {
    "ROCAUC": "scores",
    "AveragePrecision": "scores",
    "FROC": "slides",
    "MeanAbsoluteError": "images",
    "MeanSquaredError": "images",
    "RootMeanSquaredError": "images",
    "PeakSignalToNoiseRatio": "images",
    "SSIM": "images",
}
OPTIMIZERS = {"Novograd": {"lr": 0.02}}
SCHEDULES = {"WarmupCosineSchedule": {"warmup_steps": 2, "t_total": 6}}

# ---- what serves: name -> how to make it

ON_DISK = TemporaryDirectory(prefix="contracts")
DATASETS = {
    "Dataset": {},
    "DeviceCache": {"device": "cpu"},
    "DiskCache": {"cache_dir": ON_DISK.name},
    "MemoryCache": {"cache_rate": 0.5},
    "SmartCache": {"replace_rate": 0.5, "shuffle": False},
}
LOADERS = {"Loader": {"batch_size": 2, "shuffle": True}, "StreamLoader": {"batch_size": 2, "epoch_length": 3}}
SERVED = {"StreamLoader": IterableDataset}  # what they serve, where that isn't a Dataset
INFERERS = {
    "SimpleInferer": {},
    "SliceInferer": {"spatial_dim": 1, "roi_size": 2, "sw_batch_size": 5},
    "SlidingWindowInferer": {"roi_size": (4, 5), "overlap": 0.4, "mode": "gaussian"},
    "TestTimeAugmentation": {"flips": [[0], [0, 1]], "rotations": [[0, 1]]},
    "WholeSlideInferer": {"patch_size": 1, "stride": 1, "activation": None, "scale": None, "batch_size": 7},
}
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
    "image loss": IMAGE_LOSSES,
    "metric": METRICS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
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
