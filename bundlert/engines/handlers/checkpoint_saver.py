"""Save a training so that it can go on, and its best weights."""

from __future__ import annotations

from pathlib import Path

from ignite.engine import Events

from bundlert.engines.checkpoint import load_state, save_state
from bundlert.engines.events import TrainingEvents
from bundlert.engines.trainer import Trainer
from bundlert.networks.weights import save_weights

LAST, BEST = "last.safetensors", "best.safetensors"


class CheckpointSaver:
    """Keep `checkpoints/last.safetensors` (the whole state) and `best.safetensors` (weights) in a run folder.

    To be the last handler in the list, so that what it saves knows what the others did in the epoch.

    Args:
        folder: The run folder.
        interval: Epochs between saves of the whole state, >= 1.
        every_steps: Save after so many steps too, within an epoch.
        save_best: Whether to keep the weights with the best validation result.
        resume: A whole state to go on from; start anew if None.

    Raises:
        ValueError: A number below 1.
    """

    def __init__(
        self,
        folder: str,
        interval: int = 1,
        *,
        every_steps: int | None = None,
        save_best: bool = True,
        resume: str | None = None,
    ) -> None:
        if interval < 1 or (every_steps is not None and every_steps < 1):
            raise ValueError(f"interval and every_steps must be >= 1, got {interval} and {every_steps}")
        self.folder, self.interval, self.every_steps = Path(folder) / "checkpoints", interval, every_steps
        self.save_best, self.resume = save_best, resume

    def attach(self, trainer: Trainer) -> None:
        """Register with the events; load the state to go on from once all handlers are attached."""
        engine = trainer.engine
        if self.resume is not None:
            load_state(trainer, Path(self.resume))
        engine.add_event_handler(Events.EPOCH_COMPLETED(every=self.interval), self._save, trainer)
        engine.add_event_handler(Events.COMPLETED, self._save, trainer)
        engine.add_event_handler(TrainingEvents.STOPPED, self._save, trainer)
        if self.every_steps:
            engine.add_event_handler(Events.ITERATION_COMPLETED(every=self.every_steps), self._save_within, trainer)
        if self.save_best:
            engine.add_event_handler(TrainingEvents.VALIDATED, self._save_best, trainer)

    def _save(self, trainer: Trainer) -> None:
        save_state(trainer, self.folder / LAST)

    def _save_within(self, trainer: Trainer) -> None:
        if trainer.iteration % len(trainer.loader):  # after the last step, schedules and validation come first
            self._save(trainer)

    def _save_best(self, trainer: Trainer) -> None:
        if trainer.validation["best"]:
            save_weights(trainer.network, self.folder / BEST, {"epoch": trainer.epoch, **trainer.best})
