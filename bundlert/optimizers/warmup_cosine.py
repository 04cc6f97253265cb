"""A learning rate that rises in a straight line, then falls along a cosine."""

from __future__ import annotations

import math
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler


class WarmupCosineSchedule(LRScheduler):
    """Warm up, then anneal: each group's learning rate is its own one times a factor, between two bounds.

    In the warm-up the factor rises from `warmup_multiplier` to 1, at step `warmup_steps`; then it is
    (1 + cos(2 pi cycles p)) / 2, where p goes from 0 to 1 at step `t_total` and stays there. From then on the rate
    lies between `end_lr` and the group's own. Source: Loshchilov and Hutter, arXiv 1608.03983, equation 5; the warm-up
    of Goyal et al., arXiv 1706.02677.

    Args:
        optimizer: Whose learning rates are set.
        warmup_steps: Steps of the warm-up.
        t_total: Steps in all, those of the warm-up among them.
        end_lr: The lowest learning rate after the warm-up.
        cycles: Waves of the cosine; a half one goes from top to bottom.
        last_epoch: The last step that was made; -1 to begin.
        warmup_multiplier: The first factor, in 0..1.

    Raises:
        ValueError: A number out of its range.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        warmup_steps: int,
        t_total: int,
        end_lr: float = 0.0,
        cycles: float = 0.5,
        *,
        last_epoch: int = -1,
        warmup_multiplier: float = 0.0,
    ) -> None:
        if not 0 <= warmup_steps <= t_total or not 0 <= warmup_multiplier <= 1 or end_lr < 0:
            raise ValueError(
                "0 <= warmup_steps <= t_total, 0 <= warmup_multiplier <= 1 and 0 <= end_lr are needed, "
                f"got {warmup_steps}, {t_total}, {warmup_multiplier} and {end_lr}"
            )
        self.warmup_steps, self.t_total, self.end_lr = warmup_steps, t_total, end_lr
        self.cycles, self.warmup_multiplier = cycles, warmup_multiplier
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The learning rate of each group at the present step."""
        step = self.last_epoch
        if step < self.warmup_steps:
            factor = self.warmup_multiplier + (1 - self.warmup_multiplier) * step / self.warmup_steps
            return [base * factor for base in self.base_lrs]
        done = min((step - self.warmup_steps) / max(self.t_total - self.warmup_steps, 1), 1)
        factor = (1 + math.cos(2 * math.pi * self.cycles * done)) / 2
        return [self.end_lr + (base - self.end_lr) * factor for base in self.base_lrs]
