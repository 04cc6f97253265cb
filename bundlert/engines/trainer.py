"""The training loop."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import Any, Protocol

import psutil
import torch
from ignite.engine import Engine, Events
from torch import nn
from torch.optim import Optimizer

from bundlert.data.collate import Batch
from bundlert.data.loader import Loader
from bundlert.engines import stopping
from bundlert.engines.events import TrainingEvents
from bundlert.engines.precision import make_precision
from bundlert.engines.steps import Inferer, Training, place_network, train_step
from bundlert.errors import DataError
from bundlert.inferers.simple import SimpleInferer
from bundlert.progress import task


class Handler(Protocol):
    """What happens beside a training."""

    def attach(self, trainer: Trainer) -> None:
        """Register with the events of a trainer."""


class Trainer:
    """Train a network.

    Args:
        network: What learns.
        optimizer: What changes its parameters.
        loss: Scores [B, K, *S] and labels [B, 1, *S] to a number.
        loader: Where batches come from.
        max_epochs: How often all data is seen.
        inferer: How the network is applied; to the batch as it is, if None.
        device: `cpu`, `cuda`, `cuda:1`.
        amp: Mixed precision: false, true, `fp16` or `bf16`.
        handlers: What happens beside the loop, in this order.
        image_key: The input's name in a sample.
        label_key: The target's name in a sample.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        loss: nn.Module,
        loader: Loader,
        max_epochs: int,
        *,
        inferer: Inferer | None = None,
        device: str = "cpu",
        amp: bool | str = False,
        handlers: Sequence[Handler] = (),
        image_key: str = "image",
        label_key: str = "label",
    ) -> None:
        if max_epochs < 1:
            raise ValueError(f"max_epochs must be >= 1, got {max_epochs}")
        if len(loader) == 0:
            raise ValueError("loader must have at least one batch, got none")
        place = torch.device(device)
        self.network, self.optimizer, self.loader, self.max_epochs = network, optimizer, loader, max_epochs
        place_network(network, place)
        self.precision = make_precision(amp, place)
        self._training = Training(
            network, optimizer, loss.to(place), inferer or SimpleInferer(), self.precision, place, image_key, label_key
        )
        self.handlers = list(handlers)
        self.loss = math.nan
        self.epoch_losses: list[float] = []
        self.samples_per_s = 0.0
        self._asked_at = 0.0
        self.validation: dict[str, Any] = {}
        self.best: dict[str, Any] = {}
        self.stopped_by: str | None = None
        self.engine = self._engine()
        for handler in self.handlers:
            handler.attach(self)

    @property
    def epoch(self) -> int:
        """The epoch that runs, from 1."""
        return int(self.engine.state.epoch)

    @property
    def iteration(self) -> int:
        """Steps that were made, over all epochs."""
        return int(self.engine.state.iteration)

    @property
    def memory_bytes(self) -> int:
        """Memory in use: of the GPU if there is one, else of the process."""
        if self._training.device.type == "cuda":
            return int(torch.cuda.memory_allocated(self._training.device))
        return int(psutil.Process().memory_info().rss)

    def run(self) -> dict[str, Any]:
        """Train until all epochs are done or somebody asks to stop.

        Returns:
            `stopped`, `epochs`, `iterations`, `loss` (of the last step), and, if validated, `best_epoch` and the best
            figure, as `best_dice`.

        Raises:
            DataError: The loss is NaN or infinite.
        """
        if self.iteration < self.max_epochs * len(self.loader):  # a finished one may be resumed, too
            self._loop()
        return {
            "stopped": self.stopped_by is not None,
            "epochs": self.iteration // len(self.loader),
            "iterations": self.iteration,
            "loss": self.loss,
            **{f"best_{name}": value for name, value in self.best.items()},
        }

    def validated(self, result: dict[str, Any]) -> None:
        """Take in a validation result, of `MetricGroup.summary`, and tell the handlers."""
        key = result["key_metric"]
        figure, before = result[key], self.best.get(key)
        better = before is None or (figure > before if result["metrics"][key]["higher_is_better"] else figure < before)
        self.validation = {**result, "best": better and not math.isnan(figure)}
        if self.validation["best"]:
            self.best = {key: figure, "epoch": self.epoch}
        self.engine.fire_event(TrainingEvents.VALIDATED)

    def start_from(self, iteration: int) -> None:
        """Let `run` go on after this many steps."""
        length = len(self.loader)
        self.engine.load_state_dict({"iteration": iteration, "max_epochs": self.max_epochs, "epoch_length": length})

    def _loop(self) -> None:
        total = self.max_epochs * len(self.loader)
        with stopping.stop_request() as request, task("training", total=total, unit="step", done=self.iteration) as bar:
            watches = [
                self.engine.add_event_handler(Events.ITERATION_COMPLETED, self._watch_step, request, bar),
                self.engine.add_event_handler(Events.EPOCH_COMPLETED, self._watch_epoch, request),
            ]
            with closing(self._batches()) as batches:
                self.engine.run(batches, max_epochs=self.max_epochs, epoch_length=len(self.loader))
            for watch in watches:
                watch.remove()

    def _engine(self) -> Engine:
        engine = Engine(self._step)
        engine.logger.disabled = True  # what it logs is told by exceptions and progress
        engine.register_events(*TrainingEvents)
        engine.add_event_handler(Events.EPOCH_STARTED, self._begin_epoch)
        return engine

    def _begin_epoch(self) -> None:
        self.network.train()
        self.epoch_losses = []

    def _batches(self) -> Generator[Batch, None, None]:
        """Batches of this epoch from where it stands, then of all that follow."""
        done, skipped = divmod(self.iteration, len(self.loader))
        self._asked_at = time.perf_counter()
        while True:
            for batch in self.loader.batches(done + 1, skipped):
                yield batch
                self._asked_at = time.perf_counter()
            done, skipped = done + 1, 0

    def _step(self, _engine: Engine, batch: Batch) -> float:
        self.loss = float(train_step(self._training, batch))
        self.epoch_losses.append(self.loss)
        self.samples_per_s = len(batch) / (time.perf_counter() - self._asked_at)  # the wait for the batch counts
        if not math.isfinite(self.loss):
            names = ", ".join(str(sample.get("name", "?")) for sample in batch.samples)
            raise DataError(
                f"the loss is {self.loss} at epoch {self.epoch}, step {self.iteration}",
                got=f"samples of {names}",
                hint="a lower learning rate, or look for wrong values in these images",
            )
        return self.loss

    def _watch_step(self, request: stopping.StopRequest, bar: Any) -> None:
        """Show the step, and stop if that was asked; after the last of an epoch, the epoch's end comes first."""
        figures = {"loss": self.loss, "samples_per_s": self.samples_per_s, "memory_bytes": self.memory_bytes}
        bar.advance(1, **figures, **{name: self.validation[name] for name in self.validation.get("metrics", ())})
        if self.iteration % len(self.loader):
            self._stop_if_asked(request)

    def _watch_epoch(self, request: stopping.StopRequest) -> None:
        if self.epoch < self.max_epochs:
            self._stop_if_asked(request)

    def _stop_if_asked(self, request: stopping.StopRequest) -> None:
        if request.asked:
            self.stopped_by = request.asked
            self.engine.fire_event(TrainingEvents.STOPPED)
            self.engine.terminate(skip_completed=True)
