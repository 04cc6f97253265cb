"""Energies of a displacement field: sums of squared central differences, with their gradient, slab by slab.

A field is walked through as one long row, which is what memory is: the neighbour along an axis stands that axis's
stride away. What this makes of voxels at a border, where the row goes on elsewhere, is cleared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from bundlert.losses.images import check_field, exact
from bundlert.ops.scratch import Scratch, slabs

_COPIES = 5  # tensors of the size of a slab that are needed on the way


def field_energy(pred: Tensor, *, second: bool, normalize: bool, reduction: str) -> Tensor:
    """The energy of a displacement field, reduced over items, components and inner voxels.

    Args:
        pred: Displacements in voxels.
        second: As in `energy_map`.
        normalize: As in `energy_map`.
        reduction: `mean`, `sum` or `none`.

    Shape:
        pred [B, D, *S] -> a number, or [B, D, *(S - 2)] if not reduced.

    Raises:
        ValueError: Another number of components than of axes, or an axis shorter than 3.
    """
    check_field(pred)
    with torch.autocast(pred.device.type, enabled=False):
        field = exact(pred)
        if reduction == "none":
            return energy_map(field, second=second, normalize=normalize)
        total = energy_sum(field, second=second, normalize=normalize)
    inner = math.prod(pred.shape[:2]) * math.prod(size - 2 for size in pred.shape[2:])
    return total / inner if reduction == "mean" else total


def energy_map(field: Tensor, *, second: bool, normalize: bool) -> Tensor:
    """The energy of each component and inner voxel as its formula: for maps, and to compare with.

    Args:
        field: Displacements.
        second: Whether of second differences, u[i+1] - 2 u[i] + u[i-1] and (u[++] - u[+-] - u[-+] + u[--]) / 4; else
            of first ones, (u[i+1] - u[i-1]) / 2.
        normalize: Whether those of component i are taken in units of the size: times N_d / N_i, or N_d N_e / N_i.

    Shape:
        field [B, D, *S] -> [B, D, *(S - 2)]
    """
    axes = range(field.ndim - 2)
    middle = _neighbours(field, {})
    total = torch.zeros_like(middle)
    for axis in axes:
        ahead, behind = _neighbours(field, {axis: 1}), _neighbours(field, {axis: -1})
        found = ahead - 2 * middle + behind if second else (ahead - behind) / 2
        units = _units(field, [axis, axis] if second else [axis], normalize=normalize)
        total = total + found.square() * units.view(-1, *[1] * len(axes))
    for one, other in combinations(axes, 2) if second else ():
        signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
        corners = torch.stack([_neighbours(field, {one: a, other: b}) * a * b for a, b in signs])
        units = _units(field, [one, other], normalize=normalize)
        total = total + 2 * (corners.sum(0) / 4).square() * units.view(-1, *[1] * len(axes))
    return total


def energy_sum(field: Tensor, *, second: bool, normalize: bool) -> Tensor:
    """The sum of `energy_map`, differentiable once."""
    found: Tensor = _Energy.apply(field, second, normalize, torch.is_grad_enabled())  # type: ignore[no-untyped-call]
    return found


def _neighbours(field: Tensor, steps: dict[int, int]) -> Tensor:
    """What stands so many steps along an axis away from each inner voxel."""
    for axis in range(field.ndim - 2):
        field = field.narrow(2 + axis, 1 + steps.get(axis, 0), field.shape[2 + axis] - 2)
    return field


def _units(field: Tensor, axes: Sequence[int], *, normalize: bool) -> Tensor:
    """What squared differences along axes count for each component, [D]."""
    sizes = torch.tensor(field.shape[2:], dtype=field.dtype, device=field.device)
    return (sizes[list(axes)].prod() / sizes).square() if normalize else torch.ones_like(sizes)


class _Energy(torch.autograd.Function):
    """The gradient is made on the way forward, while differences are at hand: later it needs no more than a factor."""

    @staticmethod
    def forward(ctx: Any, field: Tensor, second: bool, normalize: bool, learns: bool) -> Tensor:
        """The sum."""
        ctx.options = {"second": second, "normalize": normalize}
        ctx.save_for_backward(field)
        total, ctx.gradient = _sum_and_gradient(field, wanted=learns and ctx.needs_input_grad[0], **ctx.options)
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor, None, None, None]:
        """The gradient, scaled."""
        gradient, ctx.gradient = ctx.gradient, None
        if gradient is None:  # the second time through one graph
            _, gradient = _sum_and_gradient(*ctx.saved_tensors, wanted=True, **ctx.options)
        return gradient.mul_(slope), None, None, None


def _sum_and_gradient(field: Tensor, *, second: bool, normalize: bool, wanted: bool) -> tuple[Tensor, Tensor | None]:
    field = field.detach().contiguous()
    gradient = torch.zeros_like(field) if wanted else None
    total, scratch, axes = field.new_zeros((), dtype=torch.float64), Scratch(field), range(field.ndim - 2)
    inner = (field.shape[0], field.shape[2] - 2, field.shape[1], *field.shape[3:])
    for items, begin, end in slabs(inner, _COPIES, field.device):
        near = slice(begin, end + 2)
        slab = _Slab(field[items, :, near], None if gradient is None else gradient[items, :, near], scratch)
        for axis in axes:
            if not second:
                total += slab.first(axis, _units(field, [axis], normalize=normalize) / 4)
                continue
            total += slab.pure(axis, _units(field, [axis, axis], normalize=normalize))
            others = [_units(field, [axis, other], normalize=normalize) for other in axes[axis + 1 :]]
            total += slab.mixed(axis, [units / 8 for units in others])  # twice the square of a quarter
    return total.to(field.dtype), gradient


class _Slab:
    """Some rows of a field, the first and the last only as neighbours, and of its gradient.

    Args:
        field: [m, D, R + 2, ...].
        gradient: The same, to be added to; None where it isn't wanted.
        scratch: For what is needed on the way.
    """

    def __init__(self, field: Tensor, gradient: Tensor | None, scratch: Scratch) -> None:
        self._field, self._scratch = field.flatten(2), scratch
        self._gradient = None if gradient is None else gradient.flatten(2)
        self._shape = (*field.shape[:2], field.shape[2] - 2, *field.shape[3:])
        self._strides = field.stride()[2:]
        self._lead = sum(self._strides[1:])  # from the first voxel of a row to its first inner one
        self._begin = self._strides[0] + self._lead
        self._rows = self._shape[2] * self._strides[0]
        self._length = self._rows - 2 * self._lead

    def first(self, axis: int, factor: Tensor) -> Tensor:
        """The sum of factor (u[+] - u[-])^2."""
        step, inner = self._strides[axis], self._room().narrow(2, self._lead, self._length)
        torch.sub(self._part(self._field, step), self._part(self._field, -step), out=inner)
        total = self._squared(factor)
        if self._gradient is not None:
            self._part(self._gradient, step).add_(inner)
            self._part(self._gradient, -step).sub_(inner)
        return total

    def pure(self, axis: int, factor: Tensor) -> Tensor:
        """The sum of factor (u[+] - 2 u + u[-])^2."""
        step, inner = self._strides[axis], self._room().narrow(2, self._lead, self._length)
        torch.add(self._part(self._field, step), self._part(self._field, -step), out=inner)
        inner.sub_(self._part(self._field, 0), alpha=2)
        total = self._squared(factor)
        if self._gradient is not None:
            self._part(self._gradient, step).add_(inner)
            self._part(self._gradient, -step).add_(inner)
            self._part(self._gradient, 0).sub_(inner, alpha=2)
        return total

    def mixed(self, axis: int, factors: Sequence[Tensor]) -> Tensor:
        """The sums of factor (u[++] - u[+-] - u[-+] + u[--])^2 over this axis and each after it."""
        total, row, step = self._field.new_zeros(()), self._strides[0], self._strides[axis]
        if not factors:
            return total
        ahead, behind = (slice(row + sign * step, row + sign * step + self._rows) for sign in (1, -1))
        along = torch.sub(self._field[..., ahead], self._field[..., behind], out=self._room("along"))
        back = self._room("back").zero_()
        inner = self._room().narrow(2, self._lead, self._length)
        for other, factor in enumerate(factors, start=axis + 1):
            near, far = (self._lead + sign * self._strides[other] for sign in (1, -1))
            torch.sub(along.narrow(2, near, self._length), along.narrow(2, far, self._length), out=inner)
            total += self._squared(factor)
            back.narrow(2, near, self._length).add_(inner)
            back.narrow(2, far, self._length).sub_(inner)
        if self._gradient is not None:
            self._gradient[..., ahead].add_(back)
            self._gradient[..., behind].sub_(back)
        return total

    def _part(self, values: Tensor, shift: int) -> Tensor:
        """What stands so far from the inner voxels, and from those of the border between them."""
        return values.narrow(2, self._begin + shift, self._length)

    def _room(self, name: str = "difference") -> Tensor:
        return self._scratch(name, (*self._shape[:2], self._rows))

    def _squared(self, factor: Tensor) -> Tensor:
        """The weighted sum of squared differences, which become their slopes."""
        found = self._room()
        for axis in range(3, len(self._shape)):  # the border
            shaped = found.view(self._shape)
            shaped.select(axis, 0).zero_()
            shaped.select(axis, -1).zero_()
        squares = torch.mul(found, found, out=self._room("squares"))
        total = (squares.sum((0, 2)) * factor).sum()
        if self._gradient is not None:
            found.mul_(2 * factor[:, None])
        return total
