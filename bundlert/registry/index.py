"""The house's components: kind, place, one line. Nothing here is imported until somebody builds it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bundlert.errors import ComponentError
from bundlert.registry.dialects import ARGUMENTS


class Component(NamedTuple):
    """A name that configs may use as `_target_`, and where it stands.

    Attributes:
        kind: `transform`, `network`, `loss` ...
        name: What it is called, there and in configs.
        module: The module that has it.
        summary: What it is for, in one line.
        renamed: Other names of its arguments, each with ours: see `translate_arguments`.
    """

    kind: str
    name: str
    module: str
    summary: str
    renamed: tuple[tuple[str, str], ...] = ()


def translate_arguments(component: Component, names: Iterable[str]) -> dict[str, str]:
    """For each argument as a config writes it, what the component calls it: `train_handlers` -> `handlers`.

    Raises:
        ComponentError: One argument is given under two names.
    """
    ours, found = dict(component.renamed), dict[str, str]()
    for name in names:
        other = next((one for one, meant in found.items() if meant == ours.get(name, name)), None)
        if other is not None:
            raise ComponentError(
                f"{component.kind} '{component.name}' is given '{ours.get(name, name)}' twice",
                got=f"{other} and {name}",
                hint="leave one of them out",
            )
        found[name] = ours.get(name, name)
    return found


# Kind -> the components of that kind, each as place below `bundlert` and one line of what it is for.
_HOUSE: dict[str, dict[str, str]] = {
    "transform": {
        "transforms.compose:Compose": "several transforms in a row",
        "transforms.load:LoadImage": "read images from files",
        "transforms.save:SaveImage": "write an image to a file",
        "transforms.channel:EnsureChannelFirst": "make the first axis the channel",
        "transforms.device:ToDevice": "move images to a GPU or back",
        "transforms.ensure_type:EnsureType": "tensors of numbers, lists and arrays",
        "transforms.to_tensor:ToTensor": "tensors, or an error",
        "transforms.cast:CastToType": "another dtype",
        "transforms.split_dim:SplitDim": "each channel as an image of its own",
        "transforms.squeeze_dim:SqueezeDim": "leave out an axis of one voxel",
        "transforms.concat_items:ConcatItems": "several images as channels of one",
        "transforms.select_items:SelectItems": "only some entries of a sample",
        "transforms.delete_items:DeleteItems": "a sample without some entries",
        "transforms.copy_items:CopyItems": "entries again under other keys",
        "transforms.identity:Identity": "change nothing",
        "transforms.function:Lambda": "what a function of the config makes of entries",
        "transforms.random_function:RandLambda": "a function of the config, now and then",
        "transforms.spatial.orientation:Orientation": "turn axes to `RAS` or another code",
        "transforms.spatial.spacing:Spacing": "resample to a voxel size in mm",
        "transforms.spatial.pad:SpatialPad": "pad to at least a size",
        "transforms.spatial.invert:Invert": "bring a prediction back to the file's grid",
        "transforms.spatial.pad:BorderPad": "pad by so many voxels on each side",
        "transforms.spatial.pad:DivisiblePad": "pad to multiples of a number",
        "transforms.spatial.resize:Resize": "stretch to a number of voxels",
        "transforms.spatial.match:ResampleToMatch": "resample to the grid of another image",
        "transforms.spatial.flip:Flip": "turn axes around",
        "transforms.spatial.rotate90:Rotate90": "rotate by right angles",
        "transforms.spatial.transpose:Transpose": "axes in another order",
        "transforms.spatial.rotate:Rotate": "rotate about the centre",
        "transforms.spatial.zoom:Zoom": "larger or smaller about the centre",
        "transforms.spatial.affine:Affine": "rotate, shear, move and scale at once",
        "transforms.spatial.bending:GridDistortion": "stretch and squeeze cells along each axis",
        "transforms.spatial.flip:RandFlip": "flip by chance",
        "transforms.spatial.flip:RandAxisFlip": "flip along a random axis",
        "transforms.spatial.rotate90:RandRotate90": "random right angles",
        "transforms.spatial.rotate:RandRotate": "random angles about the centre",
        "transforms.spatial.zoom:RandZoom": "random zoom about the centre",
        "transforms.spatial.affine:RandAffine": "random rotation, shear, move and scale at once",
        "transforms.spatial.bending:RandElastic": "random smooth bending after a random affine map",
        "transforms.spatial.bending:RandGridDistortion": "random stretching of cells along each axis",
        "transforms.crop.foreground:CropForeground": "crop to the box of the foreground",
        "transforms.crop.pos_neg:RandCropByPosNegLabel": "random crops around foreground and background voxels",
        "transforms.crop.center:CenterSpatialCrop": "crop to the middle, by voxels",
        "transforms.crop.center:CenterScaleCrop": "crop to the middle, by a share",
        "transforms.crop.spatial:SpatialCrop": "crop to a box",
        "transforms.crop.pad_or_crop:ResizeWithPadOrCrop": "crop or pad each axis to a size",
        "transforms.crop.random_spatial:RandSpatialCrop": "random crop anywhere",
        "transforms.crop.random_spatial:RandSpatialCropSamples": "several random crops anywhere",
        "transforms.crop.random_spatial:RandScaleCrop": "random crop of a share of each axis",
        "transforms.crop.label_classes:RandCropByLabelClasses": "random crops around voxels of each class",
        "transforms.crop.weighted:RandWeightedCrop": "random crops where a map of weights says",
        "transforms.intensity.scale_range:ScaleIntensityRange": "map one range of values to another",
        "transforms.intensity.scale:ScaleIntensity": "map least and greatest value to a range",
        "transforms.intensity.scale_percentiles:ScaleIntensityRangePercentiles": "map two percentiles to a range",
        "transforms.intensity.normalize:NormalizeIntensity": "mean 0 and standard deviation 1",
        "transforms.intensity.clip:ClipIntensity": "cut values off at two ends",
        "transforms.intensity.clip_percentiles:ClipIntensityPercentiles": "cut values off at two percentiles",
        "transforms.intensity.threshold:ThresholdIntensity": "keep values beyond a threshold",
        "transforms.intensity.shift:ShiftIntensity": "add an offset to values",
        "transforms.intensity.contrast:AdjustContrast": "gamma curve of values",
        "transforms.intensity.smooth:GaussianSmooth": "Gaussian blur",
        "transforms.intensity.sharpen:GaussianSharpen": "steeper edges by two Gaussian blurs",
        "transforms.intensity.median:MedianSmooth": "median of a box around each voxel",
        "transforms.intensity.histogram:HistogramNormalize": "spread values evenly by their histogram",
        "transforms.intensity.mask:MaskIntensity": "0 outside a mask",
        "transforms.intensity.foreground_mask:ForegroundMask": "mask of the tissue on a bright slide",
        "transforms.intensity.random_scale:RandScaleIntensity": "random factor of values",
        "transforms.intensity.random_shift:RandShiftIntensity": "random offset of values",
        "transforms.intensity.random_std_shift:RandStdShiftIntensity": "random offset, by the standard deviation",
        "transforms.intensity.random_contrast:RandAdjustContrast": "random gamma curve of values",
        "transforms.intensity.random_histogram_shift:RandHistogramShift": "random rising curve of values",
        "transforms.intensity.random_noise:RandGaussianNoise": "random Gaussian noise",
        "transforms.intensity.random_rician:RandRicianNoise": "random noise of MR magnitudes",
        "transforms.intensity.random_gibbs:RandGibbsNoise": "random ringing at edges",
        "transforms.intensity.random_bias_field:RandBiasField": "random smooth shade",
        "transforms.intensity.random_smooth:RandGaussianSmooth": "random Gaussian blur",
        "transforms.intensity.random_sharpen:RandGaussianSharpen": "random steeper edges",
        "transforms.intensity.random_dropout:RandCoarseDropout": "random boxes filled",
        "transforms.label.activations:Activations": "softmax or sigmoid of scores",
        "transforms.label.as_discrete:AsDiscrete": "labels from scores",
        "transforms.label.largest_component:KeepLargestConnectedComponent": "only the largest regions of labels",
        "transforms.label.small_objects:RemoveSmallObjects": "no regions below a size",
        "transforms.label.fill_holes:FillHoles": "holes inside of labels filled",
        "transforms.label.label_mask:LabelToMask": "mask of some labels",
        "transforms.label.label_filter:LabelFilter": "only some labels",
        "transforms.label.map_values:MapLabelValue": "other numbers for labels",
        "transforms.label.contour:LabelToContour": "only the edge of labels",
        "transforms.label.mean_ensemble:MeanEnsemble": "mean of several predictions",
        "transforms.label.vote_ensemble:VoteEnsemble": "what most label maps say",
        "transforms.label.prob_nms:ProbNMS": "peaks of a probability map",
    },
    "network": {
        "networks.unet:UNet": "residual U-Net in 1-3 dimensions",
    },
    "weights": {
        "networks.weights:load_weights": "put weights of a file into a network",
    },
    "loss": {
        "losses.dice:DiceLoss": "1 - soft Dice overlap",
        "losses.dice_ce:DiceCELoss": "Dice loss + cross-entropy",
        "losses.dice_focal:DiceFocalLoss": "Dice loss + focal loss",
        "losses.focal:FocalLoss": "cross-entropy in which sure hits hardly count",
        "losses.generalized_dice:GeneralizedDiceLoss": "Dice loss of all classes at once, small ones weighing more",
        "losses.generalized_dice_focal:GeneralizedDiceFocalLoss": "generalised Dice loss + focal loss",
        "losses.tversky:TverskyLoss": "Dice loss that counts false alarms and misses apart",
        "losses.masked:MaskedLoss": "another loss within a mask",
        "losses.deep_supervision:DeepSupervisionLoss": "another loss at several scales of a network",
        "losses.ssim:SSIMLoss": "1 - structural similarity of images",
        "losses.local_normalized_cross_correlation:LocalNormalizedCrossCorrelationLoss": "local likeness of two images",
        "losses.mutual_information:GlobalMutualInformationLoss": "mutual information of two images",
        "losses.bending_energy:BendingEnergyLoss": "second differences of a displacement field",
        "losses.diffusion:DiffusionLoss": "first differences of a displacement field",
    },
    "metric": {
        "metrics.dice:MeanDice": "Dice overlap, mean over classes and cases",
        "metrics.iou:MeanIoU": "intersection over union, mean over classes and cases",
        "metrics.hausdorff:HausdorffDistance": "greatest distance of surfaces in mm, or a percentile",
        "metrics.surface_distance:SurfaceDistance": "average distance of surfaces in mm, one way or both",
        "metrics.surface_dice:SurfaceDice": "share of surfaces that agree within a tolerance in mm",
        "metrics.confusion_matrix:ConfusionMatrix": "sensitivity, specificity, precision, F1 and their kin",
        "metrics.roc_auc:ROCAUC": "area under the ROC curve of scores",
        "metrics.average_precision:AveragePrecision": "precision averaged over recall",
        "metrics.froc:FROC": "sensitivity for lesions at false positives a slide",
        "metrics.mean_absolute_error:MeanAbsoluteError": "mean absolute difference of images",
        "metrics.mean_squared_error:MeanSquaredError": "mean squared difference of images",
        "metrics.root_mean_squared_error:RootMeanSquaredError": "root of the mean squared difference of images",
        "metrics.peak_signal_to_noise_ratio:PeakSignalToNoiseRatio": "peak signal over noise of images, in dB",
        "metrics.ssim:SSIM": "structural similarity of images",
        "metrics.group:MetricGroup": "several metrics at once that share what they need",
    },
    "optimizer": {
        "optimizers.novograd:Novograd": "layer-wise normalised gradient descent",
    },
    "schedule": {
        "optimizers.warmup_cosine:WarmupCosineSchedule": "a learning rate that warms up, then falls along a cosine",
    },
    "data": {
        "data.phantom.dataset:abdomen_phantom": "seeded abdominal CT phantoms on disk",
        "data.decathlon:DecathlonData": "a data set in Medical Segmentation Decathlon layout",
        "data.samples:image_files": "images named on the command line",
        "data.datalist:load_decathlon_datalist": "one part of a Decathlon data list",
        "data.csv_items:csv_items": "samples from a table, one a row",
        "data.json_items:json_items": "samples from a JSON list",
        "data.csv_dataset:CSVDataset": "rows of a table as a dataset, some columns as one array",
        "data.npz_dataset:NPZDictItemDataset": "rows of the arrays in an .npz archive as a dataset",
        "data.iterable_dataset:IterableDataset": "samples from a source without a length, as they come",
        "data.iterable_dataset:ShuffleBuffer": "the same, mixed as far as a buffer allows",
        "data.folds:k_fold": "all folds but one to train, and one to validate",
        "data.folds:create_cross_validation_datalist": "some folds to train, others to validate",
        "data.partition:partition_dataset": "items in several lists, by ratios or evenly",
        "data.first:first": "the first of several items",
    },
    "dataset": {
        "data.dataset:Dataset": "samples, each transformed when asked for",
        "data.memory_cache:MemoryCache": "everything before the first random transform, once",
        "data.smart_cache:SmartCache": "a cache whose items change from epoch to epoch",
        "data.disk_cache:DiskCache": "a cache on disk, for many processes and runs",
        "data.device_cache:DeviceCache": "a cache on the GPU",
    },
    "loader": {
        "data.loader:Loader": "batches in a seeded order, prepared by threads or processes",
        "data.stream_loader:StreamLoader": "batches of a source without a length",
    },
    "inferer": {
        "inferers.simple:SimpleInferer": "the whole image at once",
        "inferers.sliding_window:SlidingWindowInferer": "overlapping windows, blended",
        "inferers.slices:SliceInferer": "slices of a volume, one by one",
        "inferers.augmentation:TestTimeAugmentation": "the mean over mirrored and turned images",
        "inferers.whole_slide:WholeSlideInferer": "a map of a slide, tile by tile",
    },
    "engine": {
        "engines.trainer:Trainer": "train a network",
        "engines.evaluator:Evaluator": "predict, and measure where there is a label",
        "engines.determinism:set_determinism": "seed everything",
        "engines.outputs:from_engine": "a function that picks entries of samples",
    },
    "handler": {
        "engines.handlers.validation:ValidationHandler": "validate every n epochs",
        "engines.handlers.checkpoint_saver:CheckpointSaver": "save and resume a run",
        "engines.handlers.run_log:RunLog": "write run.jsonl",
        "engines.handlers.lr_schedule:LrScheduleHandler": "step a learning-rate schedule",
        "engines.handlers.preview:PreviewSaver": "keep slices of validation cases",
    },
}


def _component(kind: str, place: str, summary: str) -> Component:
    module, _, name = place.partition(":")
    return Component(kind, name, f"bundlert.{module}", summary, tuple(ARGUMENTS.get(name, {}).items()))


COMPONENTS = tuple(
    _component(kind, place, summary) for kind, members in _HOUSE.items() for place, summary in members.items()
)
