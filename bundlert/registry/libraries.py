"""Which classes of trusted libraries may be named in a config: nothing that opens a file, a connection or a process."""

from __future__ import annotations

# Every public class that these modules define themselves: layers, losses, optimizers, schedules.
MODULES = {
    "torch.nn": "network",
    "torch.optim": "optimizer",
    "torch.optim.lr_scheduler": "schedule",
}

# Of others what stands here, by its whole name. Left out of ignite: what loads networks from the internet (FID,
# InceptionScore), calls a function that it is given, or writes files (checkpoints, loggers, profilers).
_NAMES = {
    ("value", "builtins"): ("dict",),
    ("value", "collections"): ("OrderedDict",),
    ("value", "datetime"): ("date", "datetime", "timedelta"),
    ("value", "pathlib"): ("Path", "PurePath"),
    ("value", "torch"): ("Generator", "Size", "device"),
    ("network", "torch.nn.parallel"): ("DistributedDataParallel",),
    ("dataset", "torch.utils.data"): ("ConcatDataset", "Subset", "TensorDataset"),
    ("sampler", "torch.utils.data"): (
        *("BatchSampler", "DistributedSampler", "RandomSampler", "SequentialSampler", "SubsetRandomSampler"),
        "WeightedRandomSampler",
    ),
    ("sampler", "torch.utils.data.distributed"): ("DistributedSampler",),
    ("metric", "ignite.metrics"): (
        *("Accuracy", "Average", "AveragePrecision", "CohenKappa", "ConfusionMatrix", "CosineSimilarity", "Entropy"),
        *("JSDivergence", "KLDivergence", "Loss", "MatthewsCorrCoef", "MaximumMeanDiscrepancy", "MeanAbsoluteError"),
        *("MeanAveragePrecision", "MeanPairwiseDistance", "MeanSquaredError", "MultiLabelConfusionMatrix"),
        *("MutualInformation", "PSNR", "Precision", "PrecisionRecallCurve", "ROC_AUC", "Recall", "RocCurve"),
        *("RootMeanSquaredError", "RunningAverage", "SSIM", "TopKCategoricalAccuracy"),
    ),
    ("handler", "ignite.handlers"): (
        *("ConcatScheduler", "CosineAnnealingScheduler", "EMAHandler", "EarlyStopping", "LRScheduler"),
        *("LinearCyclicalScheduler", "ParamGroupScheduler", "PiecewiseLinear", "ReduceLROnPlateauScheduler"),
        *("TerminateOnNan", "TimeLimit", "Timer"),
    ),
}
LISTED = {f"{module}.{name}": (kind, module, name) for (kind, module), names in _NAMES.items() for name in names} | {
    "dict": ("value", "builtins", "dict")
}


def listed_name(name: str) -> tuple[str, str, str] | None:
    """Kind, module and own name of a class that may be named; None for all else."""
    if name in LISTED:
        return LISTED[name]
    module, _, attribute = name.rpartition(".")
    if module in MODULES and attribute.isascii() and attribute.isidentifier() and attribute[0].isupper():
        return MODULES[module], module, attribute
    return None
