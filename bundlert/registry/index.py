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
        "transforms.spatial.orientation:Orientation": "turn axes to `RAS` or another code",
        "transforms.spatial.spacing:Spacing": "resample to a voxel size in mm",
        "transforms.spatial.pad:SpatialPad": "pad to at least a size",
        "transforms.spatial.invert:Invert": "bring a prediction back to the file's grid",
        "transforms.crop.foreground:CropForeground": "crop to the box of the foreground",
        "transforms.crop.pos_neg:RandCropByPosNegLabel": "random crops around foreground and background voxels",
        "transforms.intensity.scale_range:ScaleIntensityRange": "map one range of values to another",
        "transforms.intensity.random_scale:RandScaleIntensity": "random factor of values",
        "transforms.intensity.random_shift:RandShiftIntensity": "random offset of values",
        "transforms.label.activations:Activations": "softmax or sigmoid of scores",
        "transforms.label.as_discrete:AsDiscrete": "labels from scores",
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
    },
    "metric": {
        "metrics.dice:MeanDice": "Dice overlap, mean over classes and cases",
    },
    "optimizer": {
        "optimizers.novograd:Novograd": "layer-wise normalised gradient descent",
    },
    "data": {
        "data.phantom.dataset:abdomen_phantom": "seeded abdominal CT phantoms on disk",
        "data.decathlon:DecathlonData": "a data set in Medical Segmentation Decathlon layout",
        "data.samples:image_files": "images named on the command line",
        "data.datalist:load_decathlon_datalist": "one part of a Decathlon data list",
        "data.partition:partition_dataset": "items in several lists, by ratios or evenly",
        "data.first:first": "the first of several items",
    },
    "dataset": {
        "data.dataset:Dataset": "samples, each transformed when asked for",
        "data.memory_cache:MemoryCache": "everything before the first random transform, once",
    },
    "loader": {
        "data.loader:Loader": "batches, prefetched by threads, in a seeded order",
    },
    "inferer": {
        "inferers.simple:SimpleInferer": "the whole image at once",
        "inferers.sliding_window:SlidingWindowInferer": "overlapping windows, blended",
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
