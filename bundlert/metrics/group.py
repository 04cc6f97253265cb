"""Several metrics of the same cases at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from torch import Tensor

from bundlert.metrics.base import CaseMetric
from bundlert.metrics.case import Case


class MetricGroup:
    """Several metrics, each under a name, that take in the same cases and share what they need.

    Labels, counts and the distances between surfaces are worked out once for all of them: several surface metrics
    together take hardly longer than one. One of them, the chief one, speaks for the group where a single figure is
    asked for.

    Args:
        metrics: Name -> metric.
        key: Name of the chief one; the first, if None.

    Raises:
        ValueError: There is no metric, or none of that name.
    """

    def __init__(self, metrics: Mapping[str, CaseMetric], key: str | None = None) -> None:
        self.metrics = dict(metrics)
        if not self.metrics or (key is not None and key not in self.metrics):
            raise ValueError(f"key must name one of the metrics, {', '.join(self.metrics) or 'none given'}, got {key}")
        self._chief = self.metrics[key or next(iter(self.metrics))]

    @property
    def cases(self) -> dict[str, float]:
        """The chief metric's value of each case."""
        return self._chief.cases

    @property
    def higher_is_better(self) -> bool:
        """Whether a greater figure of the chief metric is the better one."""
        return self._chief.higher_is_better

    def reset(self) -> None:
        """Forget all cases."""
        for metric in self.metrics.values():
            metric.reset()

    def update(
        self,
        prediction: Tensor,
        target: Tensor,
        name: str | None = None,
        *,
        spacing: float | Sequence[float] | None = None,
    ) -> float:
        """Take in one case and give the chief metric's value. If one metric refuses the case, none takes it in.

        Args:
            prediction: What was found, channels first.
            target: What is right.
            name: What to call the case; its number if None.
            spacing: Size of a voxel along each spatial axis, in mm.

        Raises:
            ValueError: A metric can't measure the case.
        """
        case = Case(prediction, target, spacing)
        parts = [(metric, metric.measure(case)) for metric in self.metrics.values()]
        values = {id(metric): metric.keep(part, name) for metric, part in parts}
        return values[id(self._chief)]

    def compute(self) -> float:
        """The chief metric's figure of all cases.

        Raises:
            ValueError: No case was taken in.
        """
        return self._chief.compute()

    def compute_all(self) -> dict[str, float]:
        """Each metric's figure of all cases.

        Raises:
            ValueError: No case was taken in.
        """
        return {name: metric.compute() for name, metric in self.metrics.items()}

    def state_dict(self) -> dict[str, Any]:
        """What each metric took in."""
        return {name: metric.state_dict() for name, metric in self.metrics.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Have taken in what a state says, and nothing else.

        Raises:
            ValueError: The state is one of other metrics.
        """
        self._check_names(state)
        for name, metric in self.metrics.items():
            metric.load_state_dict(state[name])

    def merge(self, other: Self | Mapping[str, Any], *, tolerance: float = 1e-3) -> None:
        """Take in the cases of another group of these metrics, or of its state: see `CaseMetric.merge`.

        Raises:
            ValueError: The other has other metrics, or contributes something else for a case.
        """
        state = other.state_dict() if isinstance(other, MetricGroup) else other
        self._check_names(state)
        for name, metric in self.metrics.items():
            metric.merge(state[name], tolerance=tolerance)

    def _check_names(self, state: Mapping[str, Any]) -> None:
        if set(state) != set(self.metrics):
            raise ValueError(f"both must have one set of metrics, got {', '.join(self.metrics)} and {', '.join(state)}")
