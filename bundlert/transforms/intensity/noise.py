"""Fields of chance from one number, so that they can be written down and made again: equal on every device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

_SEEDS = 2**31


def drawn_seed(rng: np.random.Generator) -> int:
    """A number that stands for a field."""
    return int(rng.integers(_SEEDS))


def normal_field(seed: int, shape: Sequence[int], device: torch.device) -> Tensor:
    """Values from N(0, 1) in float32, made on the CPU whatever the device."""
    return torch.randn(tuple(shape), generator=_seeded(seed)).to(device)


def uniform_field(seed: int, shape: Sequence[int], device: torch.device) -> Tensor:
    """Values from 0..1 in float32, made on the CPU whatever the device."""
    return torch.rand(tuple(shape), generator=_seeded(seed)).to(device)


def _seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
