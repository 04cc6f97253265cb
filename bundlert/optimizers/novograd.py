"""Novograd: gradients normalised layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class Novograd(Optimizer):
    """Stochastic gradient descent with one second moment a tensor.

    v = beta2 v + (1 - beta2) |g|^2 (v = |g|^2 at first); m = beta1 m + g / (sqrt(v) + eps) + weight_decay w; w -= lr m.
    The size of the loss doesn't matter. Source: Ginsburg et al., arXiv 1905.11286.

    Args:
        params: Parameters, or groups of them.
        lr: Learning rate; about ten times Adam's.
        betas: Decay of the first and the second moment.
        eps: Added to the norm.
        weight_decay: Share of the weight added to its normalised gradient.
        grad_averaging: Whether the new gradient is weighted by 1 - beta1.
        amsgrad: Whether to use the largest second moment so far.

    Raises:
        ValueError: A number out of its range.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.98),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        grad_averaging: bool = False,
        amsgrad: bool = False,
    ) -> None:
        if lr < 0 or eps < 0 or weight_decay < 0:
            raise ValueError(f"lr, eps and weight_decay must be >= 0, got {lr}, {eps} and {weight_decay}")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must be in 0..1, got {tuple(betas)}")
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "grad_averaging": grad_averaging,
            "amsgrad": amsgrad,
        }
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Make one step."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [param for param in group["params"] if param.grad is not None]
            if params:
                self._step_group(params, group)
        return loss

    def _step_group(self, params: list[Tensor], group: dict[str, Any]) -> None:
        beta1, beta2 = group["betas"]
        grads = [param.grad for param in params if param.grad is not None]
        norms = [norm.square() for norm in torch._foreach_norm(grads)]  # noqa: SLF001 (torch.optim itself uses it)
        for param, norm in zip(params, norms, strict=True):
            state = self.state[param]
            if not state:
                state["momentum"] = torch.zeros_like(param)
                state["second"] = norm.clone()
                if group["amsgrad"]:
                    state["largest"] = norm.clone()
            else:
                state["second"].mul_(beta2).add_(norm, alpha=1 - beta2)
        seconds = [self._second(param, group) for param in params]
        moments = [self.state[param]["momentum"] for param in params]
        scaled = torch._foreach_div(grads, [second.sqrt().add_(group["eps"]) for second in seconds])  # noqa: SLF001
        if group["weight_decay"]:
            torch._foreach_add_(scaled, params, alpha=group["weight_decay"])
        torch._foreach_mul_(moments, beta1)
        torch._foreach_add_(moments, scaled, alpha=1 - beta1 if group["grad_averaging"] else 1)
        torch._foreach_add_(params, moments, alpha=-group["lr"])

    def _second(self, param: Tensor, group: dict[str, Any]) -> Tensor:
        state = self.state[param]
        if not group["amsgrad"]:
            second: Tensor = state["second"]
            return second
        state["largest"] = torch.maximum(state["largest"], state["second"])
        largest: Tensor = state["largest"]
        return largest
