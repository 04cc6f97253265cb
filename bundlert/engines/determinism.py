"""Global seeds live here, and nowhere else."""

from __future__ import annotations

import random

import numpy as np
import torch


def set_determinism(seed: int) -> None:
    """Seed Python, numpy and torch, and let CUDA choose the same algorithms each time.

    Loaders and random transforms have seeds of their own; this one decides the initial weights and dropout.

    Args:
        seed: >= 0.
    """
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (for libraries that draw from it)
    torch.manual_seed(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
