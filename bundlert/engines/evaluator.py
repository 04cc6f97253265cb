"""The evaluation loop: predict, bring back, measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from ignite.engine import Engine
from torch import Tensor, nn

from bundlert.data.collate import Batch
from bundlert.data.loader import Loader
from bundlert.engines.precision import make_precision
from bundlert.engines.steps import Inferer, Prediction, place_network, predict_step
from bundlert.errors import DataError
from bundlert.inferers.simple import SimpleInferer
from bundlert.metrics.base import CaseMetric
from bundlert.metrics.group import MetricGroup
from bundlert.progress import say, task
from bundlert.transforms.base import Sample, SampleTransform, image_of
from bundlert.transforms.compose import as_list
from bundlert.transforms.lazy import realize

PREDICTION = "pred"
# What stands beside the figures of metrics in results and logs.
_TAKEN = {"event", "time", "epoch", "iteration", "best", "loss", "cases", "metrics", "key_metric", "files"}


class Evaluator:
    """Apply a network to all samples; measure where there is a label and a metric.

    Args:
        network: What predicts.
        loader: Where batches come from.
        inferer: How the network is applied; to the batch as it is, if None.
        postprocessing: Applied to each sample once its entry `pred` holds the scores as an image on the input's grid.
        metric: Compares `pred` with the label; a MetricGroup for several.
        metrics: Several instead, as a list or name -> metric.
        key_metric: Name of the one that decides which result is the best; the first, if None.
        device: `cpu`, `cuda`, `cuda:1`.
        amp: Mixed precision: false, true, `fp16` or `bf16`.
        image_key: The input's name in a sample.
        label_key: The target's name in a sample.
        title: What the progress bar says.

    Raises:
        ValueError: Both `metric` and `metrics`, two metrics of one name, or a name that is taken or unknown.
    """

    def __init__(
        self,
        network: nn.Module,
        loader: Loader,
        *,
        inferer: Inferer | None = None,
        postprocessing: SampleTransform | None = None,
        metric: CaseMetric | MetricGroup | None = None,
        metrics: Sequence[CaseMetric] | Mapping[str, CaseMetric] = (),
        key_metric: str | None = None,
        device: str = "cpu",
        amp: bool | str = False,
        image_key: str = "image",
        label_key: str = "label",
        title: str = "inference",
    ) -> None:
        place = torch.device(device)
        place_network(network, place)
        self.network, self.loader, self.metric = network, loader, _grouped(metric, metrics, key_metric)
        self.postprocessing, self.image_key, self.label_key, self.title = postprocessing, image_key, label_key, title
        self.observers: list[Callable[[Sample], None]] = []
        self._prediction = Prediction(network, inferer or SimpleInferer(), make_precision(amp, place), place, image_key)
        self._files: list[str] = []
        self._faults: list[DataError] = []

    def run(self) -> dict[str, Any]:
        """Go through all samples. A damaged one is told and left out.

        Returns:
            What `MetricGroup.summary` gives, if there is a metric; `files`, those that were written.

        Raises:
            DataError: At the end, if any sample was damaged.
        """
        self._files, self._faults = [], []
        if self.metric is not None:
            self.metric.reset()
        was_training = self.network.training
        self.network.eval()
        with task(self.title, total=len(self.loader), unit="image") as bar:
            engine = Engine(lambda _, batch: bar.advance(1, **self._step(batch)))
            engine.logger.disabled = True
            engine.run(self.loader.batches(on_error=self._note), max_epochs=1)
        self.network.train(was_training)
        if self._faults:
            raise self._summary()
        measured = self.metric.summary() if self.metric else {}
        return {**measured, **({"files": self._files} if self._files else {})}

    def _step(self, batch: Batch) -> dict[str, float]:
        """Predict a batch, then treat each sample alone; gives figures to show."""
        figures: dict[str, float] = {}
        for sample, scores in zip(batch.samples, predict_step(self._prediction, batch), strict=True):
            try:
                figures.update(self._finish(sample, scores.cpu()))
            except DataError as error:
                self._note(error)
        return figures

    def _finish(self, sample: Sample, scores: Tensor) -> dict[str, float]:
        predicted = {**sample, PREDICTION: image_of(sample, self.image_key).with_data(scores)}
        figures: dict[str, float] = {}
        for done in as_list(self.postprocessing(predicted)) if self.postprocessing else [predicted]:
            result = {**done, PREDICTION: realize(image_of(done, PREDICTION))}
            for observe in self.observers:
                observe(result)
            if "output" in result:
                self._files.append(str(result["output"]))
            if self.metric is not None:
                label = realize(image_of(result, self.label_key))
                figures |= self.metric.update_all(
                    result[PREDICTION].data, label.data, result.get("name"), spacing=label.grid.spacing
                )
        return figures

    def _note(self, error: DataError) -> None:
        self._faults.append(error)
        say(f"left out: {error}")

    def _summary(self) -> DataError:
        if len(self._faults) == 1:
            return self._faults[0]
        found = "; ".join(fault.what for fault in self._faults[:5])
        return DataError(f"{len(self._faults)} of {len(self.loader)} images were left out", got=found)


def _grouped(
    metric: CaseMetric | MetricGroup | None,
    metrics: Sequence[CaseMetric] | Mapping[str, CaseMetric],
    key: str | None,
) -> MetricGroup | None:
    """What was given as one group; None if nothing was."""
    if metric is not None and metrics:
        raise ValueError(f"metric or metrics must be given, got both, {type(metric).__name__} and {len(metrics)} more")
    if isinstance(metric, MetricGroup):
        group = MetricGroup(metric.metrics, key or metric.key)
    elif metric is not None or metrics:
        group = MetricGroup(metrics if metric is None else [metric], key)
    else:
        return None
    if taken := _TAKEN & group.metrics.keys():
        raise ValueError(
            f"a metric's name must not be one of {', '.join(sorted(_TAKEN))}, got {', '.join(sorted(taken))}"
        )
    return group
