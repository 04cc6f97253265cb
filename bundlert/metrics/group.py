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
        metrics: Name -> metric; or a list of metrics, which then have their own names.
        key: Name of the chief one; the first, if None.

    Raises:
        ValueError: There is no metric, none of that name, or two of one name.
    """

    def __init__(self, metrics: Mapping[str, CaseMetric] | Sequence[CaseMetric], key: str | None = None) -> None:
        named = metrics.items() if isinstance(metrics, Mapping) else [(metric.name, metric) for metric in metrics]
        self.metrics = dict(named)
        names = ", ".join(name for name, _ in named)
        if len(self.metrics) < len(named):
            raise ValueError(f"metrics in a list must have different names, or be given as name: metric, got {names}")
        if not self.metrics or (key is not None and key not in self.metrics):
            raise ValueError(f"key must name one of the metrics, {names or 'none given'}, got {key}")
        self.key = key or next(iter(self.metrics))
        self._chief = self.metrics[self.key]

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
        """As `update_all`; gives the chief metric's value."""
        return self.update_all(prediction, target, name, spacing=spacing)[self.key]

    def update_all(
        self,
        prediction: Tensor,
        target: Tensor,
        name: str | None = None,
        *,
        spacing: float | Sequence[float] | None = None,
    ) -> dict[str, float]:
        """Take in one case and give each metric's value. If one metric refuses the case, none takes it in.

        Args:
            prediction: What was found, channels first.
            target: What is right.
            name: What to call the case; its number if None.
            spacing: Size of a voxel along each spatial axis, in mm.

        Raises:
            ValueError: A metric can't measure the case.
        """
        case = Case(prediction, target, spacing)
        parts = {called: metric.measure(case) for called, metric in self.metrics.items()}
        return {called: self.metrics[called].keep(part, name) for called, part in parts.items()}

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

    def summary(self) -> dict[str, Any]:
        """All that was found, as plain data.

        Returns:
            Each metric's figure under its name (of a metric that has one a class, their mean); `key_metric`, the chief
            one's name; `cases`, its values; `metrics`, name -> `higher_is_better`, `classes` and `cases` of each.

        Raises:
            ValueError: No case was taken in.
        """
        self.compute()  # told if there is nothing
        figures = {name: one.total() for name, one in self.metrics.items()}
        details = {
            name: {"higher_is_better": one.higher_is_better, "classes": one.by_class(), "cases": dict(one.cases)}
            for name, one in self.metrics.items()
        }
        return {**figures, "key_metric": self.key, "cases": dict(self.cases), "metrics": details}

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
