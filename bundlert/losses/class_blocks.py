"""Block by block through scores and target: what `class_sums` adds up, and its gradient.

Blocks fit the cache; what is needed on the way is allocated once for all blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from bundlert.losses.classes import Classes
from bundlert.losses.scratch import Scratch

_LOG2_E = 1.4426950408889634
_MOST_ON_CPU, _MOST_ELSEWHERE = 2**20, 2**25  # values in a block: a cache's share, for each thread; a GPU's fill


@dataclass(frozen=True)
class Terms:
    """Which sums are wanted.

    Attributes:
        overlap: Whether those of the overlap are.
        squared: Whether predictions and truth are squared in theirs.
        gamma: The focal exponent, 0 for cross-entropy; None where neither is wanted.
    """

    overlap: bool = True
    squared: bool = False
    gamma: float | None = None


def blocks(shape: torch.Size, device: torch.device) -> Iterator[tuple[slice, slice]]:
    """Items and voxels of [B, K, N] that go through together; each costs threads a wait for each other at each step."""
    items, classes, voxels = shape
    values, threads = items * classes * voxels, torch.get_num_threads()
    most = _MOST_ON_CPU * threads if device.type == "cpu" else _MOST_ELSEWHERE
    if device.type == "cpu" and threads == 1:  # nobody waits for anybody: small blocks are best
        most = min(most // 2, max(most // 4, values // 8))
    if values <= most:
        yield slice(0, items), slice(0, voxels)
        return
    step = max(1, most // classes)
    for item in range(items):
        for begin in range(0, voxels, step):
            yield slice(item, item + 1), slice(begin, min(begin + step, voxels))


class Truth:
    """A target [B, 1 or K, N] block by block, one channel a class: 1 where it is, 0 elsewhere, or what was given.

    Args:
        target: Labels, or one channel a class.
        classes: How many there are.
        labels: Whether it is labels.
        scratch: Where blocks are made, in which type.
    """

    def __init__(self, target: Tensor, classes: int, *, labels: bool, scratch: Scratch) -> None:
        self._target, self._scratch = target, scratch
        known = scratch("classes", (1, classes, 1))
        self._known = torch.arange(classes, out=known.view(-1)).view(1, classes, 1) if labels else None

    def block(self, items: slice, voxels: slice) -> Tensor:
        """Some items and voxels, to be changed at will."""
        found = self._target[items, :, voxels]
        given = self._scratch("target", found.shape).copy_(found)
        if self._known is None:
            return given
        shape = (given.shape[0], self._known.shape[1], given.shape[2])
        return torch.eq(given, self._known, out=self._scratch("truth", shape))


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

    def fill(self, z: Tensor, p: Tensor) -> Tensor | None:
        """Make the probabilities p; gives the logarithms too where they come first."""
        if self._terms.gamma is None or not self._classes.softmax:
            p.copy_(probabilities(z, self._classes))
            return None
        log_p = torch.log_softmax(z, 1, out=self._scratch("log", z.shape))
        torch.mul(log_p, _LOG2_E, out=p).exp2_()  # as exact as exp, and three times as fast
        return log_p

    def sums(self, z: Tensor, g: Tensor, p: Tensor) -> Tensor:
        """The five sums over voxels, [5, b, K]; makes p, spoils g."""
        log_p = self.fill(z, p)
        present = absent = g.new_zeros(g.shape[:2])
        if log_p is not None:
            present = self._missed(log_p, g, p)
        elif self._terms.gamma is not None:
            present, absent = self._missed_and_false(z, g, p)
        return torch.stack([*self._overlaps(g, p), present, absent])

    def _overlaps(self, g: Tensor, p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if not self._terms.overlap:
            return g.new_zeros(g.shape[:2]), g.new_zeros(g.shape[:2]), g.sum(2)
        if not self._terms.squared:
            predicted, truth = p.sum(2), g.sum(2)
        else:
            room = self._scratch("squares", g.shape)
            predicted, truth = torch.mul(p, p, out=room).sum(2), torch.mul(g, g, out=room).sum(2)
        return g.mul_(p).sum(2), predicted, truth

    def _missed(self, log_p: Tensor, g: Tensor, p: Tensor) -> Tensor:
        """The sums of -g (1 - p)^gamma log p."""
        if self._terms.gamma:
            log_p *= torch.sub(1, p, out=self._scratch("rest", p.shape)).pow_(self._terms.gamma)
        return -log_p.mul_(g).sum(2)

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
        return torch.addcmul(h, p, h.sum(1, keepdim=True), value=-1, out=h if out is None else out)

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
