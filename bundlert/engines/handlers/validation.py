"""Validate every n epochs."""

from __future__ import annotations

from ignite.engine import Events

from bundlert.engines.evaluator import Evaluator
from bundlert.engines.trainer import Trainer


class ValidationHandler:
    """Run an evaluator after every `interval` epochs, and after the last.

    Args:
        evaluator: What measures; it must have a metric.
        interval: Epochs between validations, >= 1.

    Raises:
        ValueError: An interval below 1, or an evaluator without a metric.
    """

    def __init__(self, evaluator: Evaluator, interval: int = 1) -> None:
        if interval < 1:
            raise ValueError(f"interval must be >= 1 epochs, got {interval}")
        if evaluator.metric is None:
            raise ValueError("evaluator must have a metric, got none")
        self.evaluator, self.interval = evaluator, interval

    def attach(self, trainer: Trainer) -> None:
        """Register with the end of an epoch."""
        trainer.engine.add_event_handler(Events.EPOCH_COMPLETED, self._validate, trainer)

    def _validate(self, trainer: Trainer) -> None:
        if trainer.epoch % self.interval == 0 or trainer.epoch == trainer.max_epochs:
            trainer.validated(self.evaluator.run())
