"""Write what happens, a line of JSON each, into `run.jsonl`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ignite.engine import Events

from bundlert.engines.events import TrainingEvents
from bundlert.engines.trainer import Trainer
from bundlert.files import writable
from bundlert.text import to_json


class RunLog:
    """The log of a training. Each line is written at once, so that a killed run has told all but its last words.

    Args:
        folder: The run folder.
    """

    def __init__(self, folder: str) -> None:
        self.file = Path(folder) / "run.jsonl"

    def attach(self, trainer: Trainer) -> None:
        """Register with all events."""
        engine = trainer.engine
        engine.add_event_handler(Events.STARTED, self._started, trainer)
        engine.add_event_handler(Events.EPOCH_STARTED, self._begin_epoch)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._step, trainer)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch, trainer)
        engine.add_event_handler(TrainingEvents.VALIDATED, self._validated, trainer)
        engine.add_event_handler(TrainingEvents.STOPPED, self._stopped, trainer)
        engine.add_event_handler(Events.COMPLETED, self._completed)

    def write(self, event: str, **facts: Any) -> None:
        """Append one line."""
        with writable(self.file).open("a", encoding="utf-8") as log:
            log.write(to_json({"event": event, "time": time.time(), **facts}) + "\n")

    def _started(self, trainer: Trainer) -> None:
        self._begun = time.monotonic()
        self._end_torn_line()
        if trainer.iteration:
            self.write("resume", iteration=trainer.iteration)
        else:
            self.write("start", epochs=trainer.max_epochs, steps_per_epoch=len(trainer.loader))

    def _end_torn_line(self) -> None:
        """Keep a line that a killed run wrote half apart from what follows."""
        writable(self.file).parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab+") as log:
            size = log.tell()
            log.seek(max(size - 1, 0))
            if size and log.read(1) != b"\n":
                log.write(b"\n")

    def _begin_epoch(self) -> None:
        self._epoch_begun = time.monotonic()

    def _step(self, trainer: Trainer) -> None:
        self.write(
            "step",
            epoch=trainer.epoch,
            iteration=trainer.iteration,
            loss=trainer.loss,
            lr=trainer.optimizer.param_groups[0]["lr"],
            samples_per_s=trainer.samples_per_s,
            memory_bytes=trainer.memory_bytes,
        )

    def _epoch(self, trainer: Trainer) -> None:
        losses = trainer.epoch_losses
        took = time.monotonic() - self._epoch_begun
        self.write("epoch", epoch=trainer.epoch, loss=sum(losses) / len(losses), time_s=took)

    def _validated(self, trainer: Trainer) -> None:
        found = {name: value for name, value in trainer.validation.items() if name != "files"}
        self.write("validation", epoch=trainer.epoch, iteration=trainer.iteration, **found)

    def _stopped(self, trainer: Trainer) -> None:
        self.write("stop", reason=trainer.stopped_by, iteration=trainer.iteration)

    def _completed(self) -> None:
        self.write("end", time_s=time.monotonic() - self._begun)
