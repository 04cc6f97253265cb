"""Names of dtypes: `float32`, `torch.float32`, or such objects themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch


def as_dtype(given: Any) -> torch.dtype:
    """The dtype of torch that is meant by a name, or by a dtype of torch or numpy.

    Raises:
        ValueError: There is none.
    """
    found: Any = given
    if isinstance(given, str):
        found = getattr(torch, given.removeprefix("torch."), None)
    elif isinstance(given, (type, np.dtype)):
        found = getattr(torch, np.dtype(given).name, None)
    if not isinstance(found, torch.dtype):
        raise ValueError(f"dtype must be the name of a torch dtype, float32 for instance, got '{given}'")  # noqa: TRY004 (a name, mostly)
    return found
