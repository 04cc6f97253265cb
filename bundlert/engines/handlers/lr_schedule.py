"""Step a learning-rate schedule."""

from __future__ import annotations

from typing import Any

from ignite.engine import Events
from torch.optim.lr_scheduler import LRScheduler

from bundlert.engines.trainer import Trainer


class LrScheduleHandler:
    """Step a schedule of torch after each epoch, or after each step.

    Args:
        scheduler: Any schedule of `torch.optim.lr_scheduler` that needs no figure.
        by_epoch: Whether it counts epochs rather than steps.
    """

    def __init__(self, scheduler: LRScheduler, *, by_epoch: bool = True) -> None:
        self.scheduler, self.by_epoch = scheduler, by_epoch

    def attach(self, trainer: Trainer) -> None:
        """Register with the end of an epoch or step."""
        event = Events.EPOCH_COMPLETED if self.by_epoch else Events.ITERATION_COMPLETED
        trainer.engine.add_event_handler(event, self._step)

    def _step(self) -> None:
        self.scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """Where the schedule stands."""
        return self.scheduler.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.scheduler.load_state_dict(state)
