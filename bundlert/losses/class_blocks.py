"""Block by block through scores and target: what `class_sums` adds up, and its gradient.

Blocks fit the cache; what is needed on the way is allocated once for all blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from bundlert.losses.classes import Classes
from bundlert.ops.scratch import Scratch

Part: TypeAlias = tuple[slice, slice]  # items and voxels

_LOG2_E = 1.4426950408889634
_LEAST, _MOST_ON_CPU, _MOST_ELSEWHERE = 2**15, 2**18, 2**25  # values in a block: worth a thread; a cache's; a GPU's
_TOGETHER, _PRODUCT_BITS = 32, 120  # factors of a product, of which float32 can hold no more bits


@dataclass(frozen=True)
class Terms:
    """Which sums are wanted.

    Attributes:
        overlap: Whether those of the overlap are.
        squared: Whether predictions and truth are squared in theirs.
        gamma: The focal exponent, 0 for cross-entropy; None where neither is wanted.
        apart: Whether misses of each class are; else only the sum of these over classes, in which they may stand under
            any of them.
    """

    overlap: bool = True
    squared: bool = False
    gamma: float | None = None
    apart: bool = True


def blocks(shape: torch.Size, device: torch.device, threads: int) -> Iterator[Part]:
    """Items and voxels of [B, K, N] that go through together: enough of them for so many threads."""
    items, classes, voxels = shape
    values, most = items * classes * voxels, _MOST_ELSEWHERE
    if device.type == "cpu":
        most = min(_MOST_ON_CPU, max(_LEAST, values // threads))
    if values <= most:
        yield slice(0, items), slice(0, voxels)
        return
    step = max(1, most // classes // _TOGETHER * _TOGETHER)
    for item in range(items):
        for begin in range(0, voxels, step):
            yield slice(item, item + 1), slice(begin, min(begin + step, voxels))


class Truth:
    """A target [B, 1 or K, N] block by block, one channel a class: 1 where it is, 0 elsewhere, or what was given.

    Args:
        target: Labels, of the type of the scratch, or one channel a class.
        classes: How many there are.
        labels: Whether it is labels.
        scratch: Where blocks are made, in which type.
    """

    def __init__(self, target: Tensor, classes: int, *, labels: bool, scratch: Scratch) -> None:
        self._target, self._scratch, self._classes, self._labels = target, scratch, classes, labels
        self._known = torch.arange(classes, out=scratch("classes", (classes,)))[:, None]

    def block(self, items: slice, voxels: slice) -> Tensor:
        """Some items and voxels, to be changed at will."""
        found = self._target[items, :, voxels]
        room = self._scratch("truth", (found.shape[0], self._classes, found.shape[2]))
        return torch.eq(found, self._known, out=room) if self._labels else room.copy_(found)


def probabilities(scores: Tensor, classes: Classes) -> Tensor:
    """What scores are as probabilities, [B, K, ...]."""
    return scores.softmax(1) if classes.softmax else scores.sigmoid() if classes.sigmoid else scores


class BlockSums:
    """The arithmetic of one block: z scores, p probabilities, g truth, all [b, K, n].

    Args:
        classes: How scores are read.
        terms: Which sums are wanted.
        scratch: For what is needed on the way.
    """

    def __init__(self, classes: Classes, terms: Terms, scratch: Scratch) -> None:
        self._classes, self._terms, self._scratch = classes, terms, scratch

    def fill(self, z: Tensor, p: Tensor) -> tuple[Tensor, Tensor] | None:
        """Make the probabilities p. Of a softmax, gives how many bits z is below the greatest, and p's denominator."""
        if not self._classes.softmax:
            p.copy_(probabilities(z, self._classes))
            return None
        bits, one = self._scratch("bits", z.shape), (z.shape[0], 1, z.shape[2])
        if z.stride(2) != 1:
            z = bits.copy_(z)
        greatest = torch.amax(z, 1, keepdim=True, out=self._scratch("voxels", one))
        torch.sub(z, greatest, out=bits).mul_(_LOG2_E)
        torch.exp2(bits, out=p)  # as exact as exp, and three times as fast
        total = _over_classes(p, out=greatest)
        p.mul_(torch.reciprocal(total, out=self._scratch("inverse", one)))
        return bits, total

    def sums(self, z: Tensor, g: Tensor, p: Tensor) -> Tensor:
        """The five sums over voxels, [5, b, K]; makes p, spoils g."""
        logs, nothing = self.fill(z, p), g.new_zeros(g.shape[:2])
        if self._terms.gamma is None:
            costs = nothing, nothing
        elif logs is None:
            costs = self._missed_and_false(z, g, p)
        else:
            costs = self._missed_of_softmax(*logs, g, p), nothing
        return torch.stack([*self._overlaps(g, p), *costs])

    def _overlaps(self, g: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if not self._terms.overlap:
            return g.new_zeros(g.shape[:2]), g.new_zeros(g.shape[:2]), g.sum(2)
        if not self._terms.squared:
            predicted, truth = p.sum(2), g.sum(2)
        else:
            room = self._scratch("squares", g.shape)
            predicted, truth = torch.mul(p, p, out=room).sum(2), torch.mul(g, g, out=room).sum(2)
        return g.mul_(p).sum(2), predicted, truth

    def _missed_of_softmax(self, bits: Tensor, total: Tensor, g: Tensor, p: Tensor) -> Tensor:
        """The sums of -g (1 - p)^gamma log p, where log2 p = bits - log2 total."""
        if self._terms.apart or self._terms.gamma or not self._classes.to_onehot_y:
            return self._missed(bits.sub_(total.log2_()), g, p).div_(_LOG2_E)
        missed = self._missed(bits, g, p)
        missed[:, 0] += _log2_sums(total[:, 0], most=g.shape[1])
        return missed.div_(_LOG2_E)

    def _missed(self, log_p: Tensor, g: Tensor, p: Tensor) -> Tensor:
        """The sums of -g (1 - p)^gamma log p."""
        if self._terms.gamma:
            log_p *= torch.sub(1, p, out=self._scratch("rest", p.shape)).pow_(self._terms.gamma)
        return log_p.mul_(g).sum(2).neg_()

    def _missed_and_false(self, z: Tensor, g: Tensor, p: Tensor) -> tuple[Tensor, Tensor]:
        """The sums of -g (1 - p)^gamma log p and of -(1 - g) p^gamma log(1 - p), for a sigmoid.

        log p = min(z, 0) - c and log(1 - p) = -max(z, 0) - c, with c = log(1 + exp(-|z|)): exact at both ends.
        """
        c = torch.abs(z, out=self._scratch("common", z.shape)).mul_(-_LOG2_E).exp2_().log1p_()
        log_p = torch.clamp_max(z, 0, out=self._scratch("log", z.shape)).sub_(c)
        present = self._missed(log_p, g, p)
        false = torch.clamp_min(z, 0, out=self._scratch("log", z.shape)).add_(c)
        if self._terms.gamma:
            false *= torch.pow(p, self._terms.gamma, out=c)
        return present, false.mul_(torch.sub(1, g, out=c)).sum(2)

    def gradient(self, p: Tensor, g: Tensor, slopes: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The gradient in the scores of a block whose sums have slopes [5, b, K, 1]; `out` may be p."""
        overlap, predicted, _, present, absent = slopes
        h = self._scratch("gradient", p.shape)  # the slope of p, then of log p
        if not self._terms.overlap:
            h.zero_()
        elif self._terms.squared:
            torch.mul(g, overlap, out=h).addcmul_(p, 2 * predicted)
        else:
            torch.mul(g, overlap, out=h).add_(predicted)
        if self._classes.softmax:
            return self._through_softmax(h, p, g, present, out=out)
        if self._classes.sigmoid:
            self._through_sigmoid(h, p, g, present, absent)
        return h if out is None else out.copy_(h)

    def _through_softmax(self, h: Tensor, p: Tensor, g: Tensor, present: Tensor, *, out: Tensor | None) -> Tensor:
        h *= p
        if self._terms.gamma is not None:
            h.addcmul_(self._steepness(g, p), present, value=-1)
        total = _over_classes(h, out=self._scratch("voxels", (h.shape[0], 1, h.shape[2])))
        return torch.addcmul(h, p, total, value=-1, out=h if out is None else out)

    def _through_sigmoid(self, h: Tensor, p: Tensor, g: Tensor, present: Tensor, absent: Tensor) -> None:
        h *= p
        if self._terms.gamma is not None:
            h.addcmul_(self._steepness(g, p), present, value=-1)
        rest = torch.sub(1, p, out=self._scratch("rest", p.shape))
        h *= rest
        if self._terms.gamma is not None:
            none = torch.sub(1, g, out=self._scratch("none", g.shape))
            h.addcmul_(self._steepness(none, rest).mul_(p), absent)

    def _steepness(self, g: Tensor, p: Tensor) -> Tensor:
        """The slope of g (1 - p)^gamma log p in log p: g ((1 - p)^gamma - gamma (1 - p)^(gamma - 1) p log p)."""
        gamma = self._terms.gamma
        if not gamma:
            return g
        rest = torch.sub(1, p, out=self._scratch("far", p.shape))
        tiny = torch.finfo(p.dtype).tiny
        steep = torch.clamp_min(p, tiny, out=self._scratch("steep", p.shape)).log_().mul_(p).mul_(-gamma)
        if gamma != 1:
            power = self._scratch("power", p.shape)
            steep *= torch.pow(rest.clamp_min_(tiny), gamma - 1, out=power)
        return steep.add_(rest.pow_(gamma)).mul_(g)


def _over_classes(values: Tensor, *, out: Tensor) -> Tensor:
    """The sum over classes, [b, 1, n]."""
    if values.shape[1] == 2:
        return torch.add(values[:, :1], values[:, 1:], out=out)  # a sum of few is two times slower
    return torch.sum(values, 1, keepdim=True, out=out)


def _log2_sums(values: Tensor, most: int) -> Tensor:
    """Sums of the logarithms of values [b, n], each from 1 to `most`: of products, since a logarithm takes long."""
    together = min(_TOGETHER, int(_PRODUCT_BITS / math.log2(most)))
    items, size = values.shape
    whole = size - size % together
    sums = values[:, :whole].view(items, together, whole // together).prod(1).log2_().sum(1)
    return sums if whole == size else sums + values[:, whole:].log2().sum(1)
