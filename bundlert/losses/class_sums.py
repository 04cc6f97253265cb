"""Sums over voxels of what overlap losses and cross-entropies need, each voxel read once, with their gradient.

No one-hot copy of the target is made, nor one of the scores: the only tensor of their size is the one that holds the
probabilities on the way forward, and on the way back becomes the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import logsigmoid

from bundlert.losses.class_blocks import BlockSums, Part, Terms, Truth, blocks, probabilities
from bundlert.losses.classes import Classes, as_classes
from bundlert.ops.scratch import Scratch
from bundlert.ops.threads import shared


@dataclass(frozen=True)
class ClassSums:
    """Sums over the voxels of each item and class, all [B, K], in float32 or float64.

    Attributes:
        overlap: Of p g.
        predicted: Of p, or of p^2.
        truth: Of g, or of g^2.
        present: Of -g (1 - p)^gamma log p: what misses cost.
        absent: Of -(1 - g) p^gamma log(1 - p): what false alarms cost; 0 with softmax.
        voxels: How many were summed.
    """

    overlap: Tensor
    predicted: Tensor
    truth: Tensor
    present: Tensor
    absent: Tensor
    voxels: int

    def counted(self, classes: Classes) -> ClassSums:
        """The sums of the classes that count."""
        return ClassSums(
            classes.counted(self.overlap),
            classes.counted(self.predicted),
            classes.counted(self.truth),
            classes.counted(self.present),
            classes.counted(self.absent),
            self.voxels,
        )


def class_sums(scores: Tensor, target: Tensor, classes: Classes, terms: Terms) -> ClassSums:
    """The sums of scores against a target, over all classes; differentiable once in scores.

    Args:
        scores: What the network gives.
        target: Labels, or one channel a class. Where it needs a gradient itself, all is slower.
        classes: How both are read.
        terms: Which sums are wanted; the others are 0.

    Shape:
        scores [B, K, *S], target [B, 1, *S] labels or [B, K, *S].

    Raises:
        ValueError: Shapes that don't agree; on the CPU also a label that is no class. (A GPU stops with torch's own
            words for it, later.)
    """
    classes.check(scores, target)
    with torch.autocast(scores.device.type, enabled=False):
        if target.requires_grad:
            sums = plain_sums(scores, target, classes, terms)
        else:
            sums = _Sums.apply(scores, target, classes, terms, torch.is_grad_enabled())  # type: ignore[no-untyped-call]
    overlap, predicted, truth, present, absent = sums
    truth = truth if target.requires_grad else truth.detach()
    return ClassSums(overlap, predicted, truth, present, absent, voxels=math.prod(scores.shape[2:]))


def plain_sums(scores: Tensor, target: Tensor, classes: Classes, terms: Terms) -> Tensor:
    """The same as formulas, [5, B, K]: for gradients of targets, and to compare with."""
    z = _flat(scores).to(_exact(scores.dtype))
    g = _flat(as_classes(target, scores.shape[1]) if classes.to_onehot_y else target).to(z)
    p = probabilities(z, classes)
    zero = torch.zeros_like(g)
    values = [p * g, p * p, g * g] if terms.squared else [p * g, p, g]
    if not terms.overlap:
        values = [zero, zero, g]
    present = absent = zero
    if terms.gamma is not None:
        present = -g * (1 - p) ** terms.gamma * (z.log_softmax(1) if classes.softmax else logsigmoid(z))
    if terms.gamma is not None and classes.sigmoid:
        absent = -(1 - g) * p**terms.gamma * logsigmoid(-z)
    return torch.stack([value.sum(2) for value in (*values, present, absent)])


class _Sums(torch.autograd.Function):
    """`class_sums`, with the gradient worked out by hand."""

    @staticmethod
    def forward(  # noqa: PLR0917 (torch passes no names)
        ctx: Any, scores: Tensor, target: Tensor, classes: Classes, terms: Terms, learns: bool
    ) -> Tensor:
        """The sums, [5, B, K]."""
        z, dtype = _flat(scores.detach()), _exact(scores.dtype)
        g = _flat(target.to(dtype) if classes.to_onehot_y else target)
        kept = z.new_empty(z.shape, dtype=dtype) if ctx.needs_input_grad[0] and learns else None
        parts, threads = _parts(z)
        found = shared(parts, lambda: _Worker(z, g, kept, classes, terms).sums, threads)
        sums = z.new_zeros((5, *z.shape[:2]), dtype=torch.float64)
        for (items, _), part in zip(parts, found, strict=True):
            sums[:, items] += part
        if classes.to_onehot_y:
            _refuse_strangers(target, sums[2], z.shape[1])
        ctx.save_for_backward(scores, g)
        ctx.kept, ctx.classes, ctx.terms = kept, classes, terms
        return sums.to(dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slopes: Tensor) -> tuple[Tensor, None, None, None, None]:
        """The gradient in scores; `slopes` are those of the sums."""
        scores, g = ctx.saved_tensors
        z, kept, ctx.kept = _flat(scores.detach()), ctx.kept, None
        writes_over = kept is not None and kept.dtype == z.dtype and kept.stride() == z.stride()
        made = kept if writes_over else torch.empty_like(z)
        parts, threads = _parts(z)

        def worker() -> Callable[[Part], None]:
            return partial(_Worker(z, g, kept, ctx.classes, ctx.terms).write_gradient, slopes=slopes, made=made)

        shared(parts, worker, threads)
        return made.view(scores.shape), None, None, None, None


class _Worker:
    """What a thread needs to go through parts of scores and target.

    Args:
        z: Scores, [B, K, N].
        target: [B, 1 or K, N].
        kept: Probabilities, written on the way forward; None where they aren't kept.
        classes: How both are read.
        terms: Which sums are wanted.
    """

    def __init__(self, z: Tensor, target: Tensor, kept: Tensor | None, classes: Classes, terms: Terms) -> None:
        self._z, self._kept, self._dtype = z, kept, _exact(z.dtype)
        self._scratch = Scratch(z.new_empty(0, dtype=self._dtype))
        self._truth = Truth(target, z.shape[1], labels=classes.to_onehot_y, scratch=self._scratch)
        self._block = BlockSums(classes, terms, self._scratch)

    def sums(self, part: Part) -> Tensor:
        """The sums over a part."""
        return self._block.sums(self._scores(part), self._truth.block(*part), self._probabilities(part))

    def write_gradient(self, part: Part, *, slopes: Tensor, made: Tensor) -> None:
        """Write the gradient of a part, which may be where its probabilities are kept."""
        items, voxels = part
        p = self._probabilities(part)
        if self._kept is None:  # the second time through one graph
            self._block.fill(self._scores(part), p)
        out = p if made is self._kept else None
        found = self._block.gradient(p, self._truth.block(*part), slopes[:, items, :, None], out=out)
        if out is None:
            made[items, :, voxels] = found

    def _scores(self, part: Part) -> Tensor:
        items, voxels = part
        return self._z[items, :, voxels].to(self._dtype)

    def _probabilities(self, part: Part) -> Tensor:
        """Where those of a part are, or are to be written."""
        items, voxels = part
        if self._kept is None:
            return self._scratch("probabilities", self._z[items, :, voxels].shape)
        return self._kept[items, :, voxels]


def _parts(z: Tensor) -> tuple[list[Part], int]:
    """What goes through together, and how many threads share it."""
    threads = torch.get_num_threads() if z.device.type == "cpu" else 1
    return list(blocks(z.shape, z.device, threads)), threads


def _flat(tensor: Tensor) -> Tensor:
    """[B, K, *S] as [B, K, N]."""
    return tensor.flatten(2) if tensor.ndim > 2 else tensor.unsqueeze(2)


def _exact(dtype: torch.dtype) -> torch.dtype:
    """What sums are made in: never in half precision."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def _refuse_strangers(target: Tensor, counts: Tensor, classes: int) -> None:
    """Refuse labels that are no class, given how often each class was found."""
    complete = counts.sum() == target.numel()
    if target.device.type != "cpu":  # asked for without waiting for the GPU
        torch._assert_async(complete, "target has labels that are no class")  # noqa: SLF001
    elif not complete:
        raise ValueError(
            f"target must have labels 0 to {classes - 1} for {classes} classes of input, "
            f"got {target.min().item()} to {target.max().item()}"
        )
