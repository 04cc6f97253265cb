"""What an expression may name: builtins, members of modules, attributes by the kind of value. What isn't here isn't."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum, EnumMeta
from io import StringIO
from logging import Logger
from pathlib import PurePath
from typing import Any

from bundlert.config.evaluation import functions, reading

BUILTINS: dict[str, Callable[..., Any]] = {
    **{function.__name__: function for function in (abs, all, any, bool, dict, divmod, enumerate, float, int, len)},
    **{function.__name__: function for function in (list, max, min, reversed, round, set, sorted, tuple, zip)},
    "filter": functions.filtered,
    "map": functions.mapped,
    "open": reading.opened,
    "print": functions.told,
    "range": functions.ranged,
    "setattr": functions.switch,
    "str": functions.text_of,
    "sum": functions.total,
}

# The name in an expression -> the module it means, without an import; an import may bind any other name to any listed.
NAMES = {"torch": "torch", "np": "numpy", "numpy": "numpy", "math": "math", "os": "os"}

_TYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8")
_MATHS = (
    *("ceil", "cos", "e", "exp", "fabs", "floor", "fsum", "hypot", "inf", "isclose", "isfinite", "isnan", "log"),
    *("log10", "log2", "nan", "pi", "prod", "sin", "sqrt", "tan", "trunc"),
)
_CUDA = (
    *("current_device", "device_count", "empty_cache", "get_device_capability", "get_device_name", "is_available"),
    *("is_bf16_supported", "is_initialized", "manual_seed", "manual_seed_all", "max_memory_allocated"),
    *("mem_get_info", "memory_allocated", "reset_peak_memory_stats", "set_device", "synchronize"),
)
_TORCH_MEMBERS = (
    *("FloatTensor", "bool", "bfloat16", "cat", "device", "double", "float", "from_numpy", "get_num_threads", "half"),
    *("inf", "int", "is_tensor", "long", "manual_seed", "nan_to_num", "ones", "pi", "rand", "randn"),
    *("short", "stack", "tensor", "where", "zeros"),
)
_GROUP = (
    *("barrier", "destroy_process_group", "get_backend", "get_rank", "get_world_size", "init_process_group"),
    *("is_available", "is_initialized", "is_nccl_available"),
)

# Module -> its members. A module whose whole dotted name stands here is a member of its parent; a class that stands
# here can be called as well.
MODULES: dict[str, tuple[str, ...]] = {
    "copy": ("copy", "deepcopy"),
    "datetime": ("date", "timedelta"),
    "datetime.datetime": ("fromisoformat", "now", "today"),
    "functools": ("partial",),
    "glob": ("glob",),
    "ignite": (),
    "ignite.engine": ("Events",),
    "ignite.handlers": ("TerminateOnNan",),
    "json": ("load", "loads"),
    "logging": ("CRITICAL", "DEBUG", "ERROR", "INFO", "NOTSET", "WARNING", "getLogger", "info", "warning"),
    "math": _MATHS,
    "numpy": (*_TYPES, "abs", "arange", "array", "concatenate", "inf", "linspace", "nan", "ones", "pi", "zeros"),
    "os": ("cpu_count", "environ", "getcwd", "getenv", "listdir", "sep"),
    "os.path": ("abspath", "basename", "dirname", "exists", "isdir", "isfile", "join", "normpath", "splitext"),
    "pathlib": ("Path", "PurePath"),
    "scipy": (),
    "scipy.ndimage": ("binary_dilation",),
    "sys": ("maxsize", "path", "platform"),
    "torch": (*_TYPES, *_TORCH_MEMBERS),
    "torch.backends": (),
    "torch.backends.cudnn": ("allow_tf32", "benchmark", "deterministic", "is_available"),
    "torch.cuda": _CUDA,
    "torch.distributed": _GROUP,
    "torch.nn": (),
    "torch.optim": (),
    "torch.optim.lr_scheduler": (),
    "torch.utils": (),
    "torch.utils.data": ("ConcatDataset", "Subset"),
}
# What to use instead of a module that isn't listed.
INSTEAD = {
    "matplotlib": "leave pictures to the report and the handlers",
    "pandas": "list the cases in JSON or YAML, and read them with a component",
    "PIL": "read images with `LoadImage`",
    "pickle": "keep weights as safetensors, and everything else as JSON",
    "random": "draw numbers in a component, with a seed of its own",
    "requests": "nothing is fetched while a bundle runs",
    "scipy": "use a transform",
    "scripts": "the code of a bundle runs with `--trust` only",
    "shutil": "components write the files of a run themselves",
    "skimage": "use a transform",
    "subprocess": "no program is started",
    "torch.hub": "keep the weights in the bundle",
    "torch.jit": "keep weights as safetensors, and read them with `load_weights`",
    "torch.load": "keep weights as safetensors, and read them with `load_weights`",
    "torch_tensorrt": "leave the engine to the runtime",
    "urllib": "nothing is fetched while a bundle runs",
    "zipfile": "unpack archives before the run",
}
# Enumerations of the field that only stand for a text.
TEXTS = {
    *("BlendMode", "CommonKeys", "GridSampleMode", "GridSamplePadMode", "InterpolateMode", "LossReduction"),
    *("MetricReduction", "NumpyPadMode", "PytorchPadMode"),
}


_TEXT = {
    *("capitalize", "casefold", "center", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal"),
    *("isdigit", "islower", "isspace", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix"),
    *("removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines"),
    *("startswith", "strip", "swapcase", "title", "upper", "zfill"),
}
_PATH = {
    *("as_posix", "exists", "glob", "is_absolute", "is_dir", "is_file", "joinpath", "match", "mkdir", "name"),
    *("parent", "parents", "parts", "read_text", "relative_to", "rglob", "stem", "suffix", "suffixes", "with_name"),
    *("with_stem", "with_suffix"),
}
# What makes no more elements than the tensor has, and leads to no file or memory.
TENSOR = {
    *("T", "abs", "all", "any", "argmax", "argmin", "bool", "ceil", "clone", "contiguous", "cpu", "cuda", "detach"),
    *("device", "dim", "double", "dtype", "exp", "flatten", "float", "floor", "grad", "half", "int", "is_cuda", "item"),
    *("log", "long", "max", "mean", "min", "ndim", "nelement", "numel", "numpy", "permute", "prod", "requires_grad"),
    *("requires_grad_", "reshape", "round", "shape", "size", "sqrt", "squeeze", "std", "sum", "t", "to", "tolist"),
    *("transpose", "unsqueeze", "var", "view"),
}
ARRAY = {
    *("T", "all", "any", "argmax", "argmin", "astype", "clip", "copy", "dtype", "flatten", "item", "max", "mean"),
    *("min", "ndim", "prod", "ravel", "reshape", "round", "shape", "size", "squeeze", "std", "sum", "tolist"),
    "transpose",
}
_PLAIN = (int, float, complex, bool, list, tuple, dict, set, frozenset, range, date, timedelta)
# Kind of value -> the attributes that may be read.
_LISTED: tuple[tuple[type, set[str]], ...] = (
    (str, _TEXT),
    (PurePath, _PATH),
    (functions.Environment, {"get"}),
    (functions.SearchPath, {"append"}),
    (StringIO, {"read", "readline", "readlines"}),
    (Logger, {"level", "name", "setLevel"}),
)
# Objects of these packages were built from the registry, or given by such an object; of torch these classes only.
_PACKAGES = ("bundlert", "ignite")
_TORCH = {
    *("torch.Size", "torch.device", "torch.dtype", "torch.nn.modules.module.Module"),
    *("torch.optim.lr_scheduler.LRScheduler", "torch.optim.optimizer.Optimizer"),
}
# These run a compiler; make as many bytes as a number says; hand memory to other processes; write temporary files.
REFUSED = {"compile", "from_bytes", "plot_values", "share_memory", "simulate_values", "to_bytes"}


def may_read(value: Any, name: str) -> bool:
    """Whether an expression or a reference may read the attribute `name` of a value."""
    if isinstance(value, EnumMeta):
        return name in value.__members__
    is_code = isinstance(value, type | functools.partial) or (callable(value) and hasattr(value, "__code__"))
    if is_code or name.startswith("_") or name in REFUSED:
        return False  # a class or function is called or handed on, not looked into
    listed = next((names for kind, names in _LISTED if isinstance(value, kind)), None)
    if listed is not None:
        return name in listed
    # No more than the plain kind has: a numpy.float64 is a float that can write files.
    is_plain = any(isinstance(value, kind) and hasattr(kind, name) for kind in _PLAIN)
    return is_plain or (isinstance(value, Enum) and name in ("name", "value")) or _is_of_library(value, name)


def _is_of_library(value: Any, name: str) -> bool:
    """Whether an object of a library, or of a component, has an attribute that may be read."""
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(value).__mro__}
    if "torch.Tensor" in kinds:
        return name in TENSOR
    if "numpy.ndarray" in kinds or "numpy.generic" in kinds:
        return name in ARRAY
    module = type(value).__module__
    of_house = module.partition(".")[0] in _PACKAGES and not module.startswith("bundlert.config")
    return of_house or bool(kinds & _TORCH)


def read(value: Any, name: str) -> Any:
    """The attribute of a value, for which ours may stand.

    Raises:
        AttributeError: There is none.
    """
    for (kind, method), function in functions.METHODS.items():
        if method == name and isinstance(value, kind):
            return functools.partial(function, value)
    return getattr(value, name)
