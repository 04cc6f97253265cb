"""The field's spellings of our components: `Spacingd`, `monai.transforms.Spacingd` for `Spacing`. By rule, not by list.

A transform answers with the suffixes `d`, `D` and `Dict` too; everything of ours that the field has answers below the
field's package of its kind, whatever modules stand between. Our own names come first: no spelling hides one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

ROOT = "monai"
SUFFIXES = ("Dict", "d", "D")

# What the field calls otherwise -> our name. Only what means the same.
NAMES = {
    "AveragePrecisionMetric": "AveragePrecision",
    "CacheDataset": "MemoryCache",
    "ConfusionMatrixMetric": "ConfusionMatrix",
    "DataLoader": "Loader",
    "HausdorffDistanceMetric": "HausdorffDistance",
    "MAEMetric": "MeanAbsoluteError",
    "MSEMetric": "MeanSquaredError",
    "MeanIoUHandler": "MeanIoU",
    "PSNRMetric": "PeakSignalToNoiseRatio",
    "PersistentDataset": "DiskCache",
    "RMSEMetric": "RootMeanSquaredError",
    "ROCAUCMetric": "ROCAUC",
    "Rand2DElastic": "RandElastic",  # its `spacing` isn't sigma_range, which has to be given
    "Rand3DElastic": "RandElastic",
    "SSIMMetric": "SSIM",
    "SlidingWindowInfererAdapt": "SlidingWindowInferer",
    "SmartCacheDataset": "SmartCache",
    "SupervisedEvaluator": "Evaluator",
    "SupervisedTrainer": "Trainer",
    "SurfaceDiceMetric": "SurfaceDice",
    "SurfaceDistanceMetric": "SurfaceDistance",
    "ThreadDataLoader": "Loader",
    "Unet": "UNet",
}

# Our name -> the field's arguments that mean the same as one of ours. All others are called alike, or aren't here.
ARGUMENTS = {
    "BorderPad": {"constant_values": "value"},
    "CheckpointSaver": {"save_dir": "folder"},
    "DivisiblePad": {"constant_values": "value"},
    "Evaluator": {"val_data_loader": "loader"},
    "Invert": {"orig_keys": "like"},
    "Loader": {"buffer_size": "prefetch"},
    "LrScheduleHandler": {"lr_scheduler": "scheduler", "epoch_level": "by_epoch"},
    "ResizeWithPadOrCrop": {"constant_values": "value"},
    "SpatialPad": {"constant_values": "value"},
    "Trainer": {"train_data_loader": "loader", "loss_function": "loss", "train_handlers": "handlers"},
    "ValidationHandler": {"validator": "evaluator"},
}

# Kind -> the field's packages for it.
_PACKAGES = {
    "transform": ("transforms",),
    "network": ("networks.nets",),
    "loss": ("losses",),
    "metric": ("handlers", "metrics"),
    "optimizer": ("optimizers",),
    "schedule": ("optimizers", "optimizers.lr_scheduler"),
    "data": ("data",),
    "dataset": ("data",),
    "loader": ("data",),
    "inferer": ("inferers",),
    "engine": ("engines",),
    "handler": ("handlers",),
}
# Our name -> the field's package, where that isn't its kind's.
_PLACES = {"first": ("utils",), "from_engine": ("handlers",), "set_determinism": ("utils",)}
# Ours that the field doesn't have, or that means another thing there.
_OURS_ALONE = {
    *("DecathlonData", "Evaluator", "Loader", "MemoryCache", "PreviewSaver", "RunLog", "Trainer", "abdomen_phantom"),
    *("ClipIntensity", "FROC", "MetricGroup", "RandElastic", "SSIM", "image_files", "load_weights"),
    *("DeviceCache", "DiskCache", "SmartCache", "csv_items", "json_items", "k_fold"),
    "StreamLoader",
    *("TestTimeAugmentation", "WholeSlideInferer"),
}
_WITHOUT_SUFFIX = {"Compose"}

# What the field's public bundles name (a scan of 31 of them). What of this is here is found before anyone looks here.
_IN_USE = """
AddClickSignals AddGuidanceFromPointsDeepEdit AddGuidanceSignalDeepEdit AddInitialSeedPointMissingLabels
AddLabelAsGuidance AddPointGuidanceSignal AddRandomGuidanceDeepEdit AffineBoxToImageCoordinate
AffineBoxToWorldCoordinate AnchorGeneratorWithAnchorShape AutoencoderKL AutoencoderKlMaisi BasicUNet BoxToMask
CSVDataset CastToType CellSamWrapper CenterSpatialCrop CheckpointLoader ClassesToIndices ClassificationSaver
ClipBoxToImage ComputeHoVerMaps ConfusionMatrix ControlNetMaisi ConvertBoxMode ConvertBoxToStandardMode
ConvertToMultiChannelBasedOnBratsClasses CopyItems DDIMScheduler DDPMScheduler DecathlonDataset DeleteItems DenseNet121
DiNTS DiceFocalLoss DiffusionModelUNet DiffusionModelUNetMaisi Discriminator DistributedSampler DivisiblePad DynUNet
EarlyStopHandler EnsureType FindAllValidSlicesMissingLabels FindDiscrepancyRegionsDeepEdit FlattenSubKeys FlexibleUNet
FromMetaTensor GanTrainer GaussianSmooth Generator GlobalMutualInformationLoss GridSplit HausdorffDistance HoVerNet
HoVerNetInstanceMapPostProcessing HoVerNetLoss HoVerNetNuclearTypePostProcessing IgniteMetric Interaction
IterableDataset KeepLargestConnectedComponent Lambda LatentDiffusionInferer LocalNormalizedCrossCorrelationLoss
LogfileHandler LossMetric MapLabelValue MaskToBox MaskedPatchWSIDataset MeanAbsoluteError MeanIoUHandler
MeanSquaredError MedianSmooth MetricLogger MetricsSaver NPZDictItemDataset NormalizeIntensity NormalizeLabelsInDataset
OneOf PatchDiscriminator PatchWSIDataset PerceptualLoss PersistentDataset ProbMapProducer Rand3DElastic
RandAdjustContrast RandAffine RandAxisFlip RandBiasField RandCropBoxByPosNegLabel RandCropByLabelClasses RandFlip
RandFlipBox RandGaussianNoise RandGaussianSmooth RandGridDistortion RandHistogramShift RandRotate RandRotate90
RandRotateBox90 RandSmoothDeform RandSmoothFieldAdjustContrast RandSmoothFieldAdjustIntensity RandSpatialCrop
RandSpatialCropSamples RandTorchVision RandZoom RandZoomBox Relabel Resize ResizeGuidanceMultipleLabelDeepEdit
ResizeWithPadOrCrop RetinaNet RetinaNetDetector SEResNet50 SaveClassification ScaleIntensity
ScaleIntensityRangePercentiles SegResNet SelectItems SetLabelClass ShuffleBuffer SliceInferer
SlidingWindowHoVerNetInferer SlidingWindowInfererAdapt SplitDim SplitLabel SqueezeDim StatsHandler SurfaceDistance
SwinUNETR TensorBoardStatsHandler ToNumpy ToTensor TopologyInstance TopologySearch TorchVision TorchVisionFCModel
Transpose VistaPostTransform VistaPreTransform WarmupCosineSchedule
"""
IN_USE = frozenset(_IN_USE.split())


class Named(Protocol):
    """What the rules look at: a component's kind and name."""

    @property
    def kind(self) -> str:
        """`transform`, `network` ..."""

    @property
    def name(self) -> str:
        """Its own name."""


def ours(spelling: str, known: Mapping[str, Named]) -> str | None:
    """Our name of what the field spells so; None if it isn't the field's, or isn't here."""
    packages, bare = _taken_apart(spelling)
    stem = bare if NAMES.get(bare, bare) in known else _without_suffix(bare)
    name = NAMES.get(stem, stem)
    if name not in known or (stem != bare and (known[name].kind != "transform" or name in _WITHOUT_SUFFIX)):
        return None
    if name in _OURS_ALONE and stem == name:
        return None
    return name if packages is None or _is_place_of(packages, known[name]) else None


def spellings(component: Named) -> list[str]:
    """The field's spellings of a component, the packages as short as they get."""
    names = [] if component.name in _OURS_ALONE else [component.name]
    names += [theirs for theirs, name in NAMES.items() if name == component.name]
    if component.kind == "transform" and component.name not in _WITHOUT_SUFFIX:
        names = [name + suffix for name in names for suffix in ("", *sorted(SUFFIXES))]
    dotted = [f"{ROOT}.{package}.{name}" for package in _packages_of(component) for name in names]
    return [name for name in names if name != component.name] + dotted


def is_in_use(spelling: str) -> bool:
    """Whether the field's bundles use something that is spelled so."""
    _, bare = _taken_apart(spelling)
    return bare in IN_USE or _without_suffix(bare) in IN_USE


def bare_name(spelling: str) -> str:
    """The last part of a name: what a near miss is compared by."""
    return _taken_apart(spelling)[1]


def bare_spellings(known: Iterable[str]) -> dict[str, str]:
    """All bare names that lead to a component -> its own name, for guesses."""
    known = set(known)
    return {**{theirs: name for theirs, name in NAMES.items() if name in known}, **{name: name for name in known}}


def _taken_apart(spelling: str) -> tuple[str | None, str]:
    """The packages below the field's root, and the last part; no packages where the root isn't named."""
    before, dot, bare = spelling.rpartition(".")
    if not dot or before.partition(".")[0] != ROOT:
        return (None, spelling) if not dot else ("?", bare)
    return before.removeprefix(ROOT).removeprefix("."), bare


def _without_suffix(name: str) -> str:
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def _packages_of(component: Named) -> tuple[str, ...]:
    return _PLACES.get(component.name) or _PACKAGES.get(component.kind, ())


def _is_place_of(packages: str, component: Named) -> bool:
    return any(packages == one or packages.startswith(f"{one}.") for one in _packages_of(component))
