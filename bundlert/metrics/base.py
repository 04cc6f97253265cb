"""What every metric keeps to: values by case, merged exactly."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from bundlert.metrics.case import Case


def mean_of_known(values: Iterable[float]) -> float:
    """The mean without NaN, whatever the order; NaN if nothing is left."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


class CaseMetric(ABC):
    """Takes in cases one by one and keeps, by name, what each contributes.

    Attributes:
        name: What its figure is called, unless somebody gives another name.
        higher_is_better: Whether a greater figure is the better one.
        cases: The value of each case alone, NaN where it has none.
        parts: What each case contributes to the figure of all.
    """

    name: str = "metric"
    higher_is_better: ClassVar[bool] = True

    def __init__(self) -> None:
        self.reset()

    @abstractmethod
    def measure(self, case: Case) -> Tensor:
        """What a case contributes, of any shape.

        Raises:
            ValueError: The case isn't one that this metric can measure.
        """

    def value_of(self, part: Tensor) -> float:
        """The value of one case alone: the mean of what it contributes, without NaN."""
        return float(part.nanmean())

    def by_class(self) -> dict[int, float]:
        """The figure of each class that counts, of all cases; empty where there are no classes."""
        return {}

    def total(self) -> float:
        """The figure of all cases, of which there is at least one: the mean of their values, without NaN."""
        return mean_of_known(self.cases.values())

    def reset(self) -> None:
        """Forget all cases."""
        self.cases: dict[str, float] = {}
        self.parts: dict[str, Tensor] = {}
        self._unnamed: set[str] = set()

    def update(
        self,
        prediction: Tensor,
        target: Tensor,
        name: str | None = None,
        *,
        spacing: float | Sequence[float] | None = None,
    ) -> float:
        """Take in one case and give its value.

        Args:
            prediction: What was found, channels first.
            target: What is right.
            name: What to call the case; its number if None. A second case of one name gets its number behind it.
            spacing: Size of a voxel along each spatial axis, in mm. Metrics without a length don't look at it.

        Raises:
            ValueError: The case isn't one that this metric can measure.
        """
        return self.keep(self.measure(Case(prediction, target, spacing)), name)

    def keep(self, part: Tensor, name: str | None = None) -> float:
        """Take in what a case contributes and give its value."""
        final = self._free_name(name)
        if name is None:
            self._unnamed.add(final)
        self.parts[final] = part.detach().cpu()
        self.cases[final] = self.value_of(self.parts[final])
        return self.cases[final]

    def compute(self) -> float:
        """The figure of all cases.

        Raises:
            ValueError: No case was taken in.
        """
        if not self.cases:
            raise ValueError(f"{type(self).__name__} needs at least one case, got none")
        return self.total()

    def state_dict(self) -> dict[str, Any]:
        """What was taken in, as plain containers of strings and tensors on the CPU."""
        return {"metric": type(self).__name__, "parts": dict(self.parts), "unnamed": sorted(self._unnamed)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Have taken in what a state says, and nothing else.

        Raises:
            ValueError: The state is one of another metric.
        """
        self._check_kind(state)
        self.reset()
        self._unnamed = set(state["unnamed"])
        self.parts = dict(state["parts"])
        self.cases = {name: self.value_of(part) for name, part in self.parts.items()}

    def merge(self, other: Self | Mapping[str, Any], *, tolerance: float = 1e-3) -> None:
        """Take in the cases of another metric of this kind, or of its state. A name that both have counts once.

        Args:
            other: Made with the same options as this one.
            tolerance: How far what a case contributes here and there may differ, relative to it and absolute: two
                computations of one case may round differently. What is here stays. `inf` asks for no agreement.

        Raises:
            ValueError: The other is of another kind, or contributes something else for a case: two cases of one name.
        """
        state = other.state_dict() if isinstance(other, CaseMetric) else other
        self._check_kind(state)
        unnamed = set(state["unnamed"])
        shared = self.parts.keys() & state["parts"].keys() - unnamed - self._unnamed
        for name in sorted(shared):
            self._check_same(name, state["parts"][name], tolerance)
        for name, part in state["parts"].items():
            if name not in shared:
                self.keep(part, None if name in unnamed else name)

    def _free_name(self, name: str | None) -> str:
        number = len(self.cases) + 1
        wanted = f"case {number}" if name is None else name
        behind = (f"{wanted} ({other})" for other in count(number))
        return wanted if wanted not in self.cases else next(one for one in behind if one not in self.cases)

    def _check_kind(self, state: Mapping[str, Any]) -> None:
        if state["metric"] != type(self).__name__:
            raise ValueError(f"{type(self).__name__} can't take in what {state['metric']} kept")

    def _check_same(self, name: str, part: Tensor, tolerance: float) -> None:
        own = self.parts[name]
        if math.isinf(tolerance):
            return
        agree = own.shape == part.shape and torch.allclose(own, part, tolerance, tolerance, equal_nan=True)
        if not agree:
            values = f"{self.cases[name]:.6g} here and {self.value_of(part):.6g} there"
            raise ValueError(f"a name must stand for one case, got '{name}' with {values}")
