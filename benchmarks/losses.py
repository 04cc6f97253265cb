"""How long losses take, forward and backward: DiceCE, local cross-correlation, bending energy.

    python benchmarks/losses.py [--rounds 5] [--threads 1] [--json losses.json]

The baseline is the formula written down plainly in torch, with its own gradient: a softmax and a one-hot target and
`cross_entropy`; five convolutions with the window; slices of neighbours. Where MONAI is installed, it runs too. All
take turns in one process; values and gradients are compared. The limit is one way through memory: to read what is given
once and to write the gradient once. One thread is timed in CPU seconds, so that neighbours don't count; several in
seconds.
Exits with 1 where a claim isn't kept: 3 times faster than the plain formula for DiceCE and local cross-correlation, 2
times for bending energy, and equal to it in float64 to 1e-6.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional

from bundlert.losses.bending_energy import BendingEnergyLoss
from bundlert.losses.dice_ce import DiceCELoss
from bundlert.losses.local_normalized_cross_correlation import LocalNormalizedCrossCorrelationLoss

Loss = Callable[..., Tensor]
MOST_OFF = 1e-6


def plain_dice_ce(scores: Tensor, labels: Tensor) -> Tensor:
    p = scores.softmax(1)
    g = functional.one_hot(labels[:, 0], scores.shape[1]).movedim(-1, 1).to(p)
    axes = tuple(range(2, scores.ndim))
    dice = 1 - (2 * (p * g).sum(axes) + 1e-5) / (p.sum(axes) + g.sum(axes) + 1e-5)
    return dice.mean() + functional.cross_entropy(scores, labels[:, 0])


def plain_correlation(width: int) -> Loss:
    def loss(first: Tensor, second: Tensor) -> Tensor:
        window = first.new_ones(1, 1, width, width, width)
        products = (first, second, first * first, second * second, first * second)
        f, s, ff, ss, fs = (functional.conv3d(one, window, padding=width // 2) for one in products)
        cross = fs - f * s / width**3
        variances = (ff - f * f / width**3).clamp_min(1e-5) * (ss - s * s / width**3).clamp_min(1e-5)
        return -(cross * cross / variances).mean()

    return loss


def plain_bending(field: Tensor) -> Tensor:
    def u(steps: dict[int, int]) -> Tensor:
        return field[
            :, :, *(slice(1 + steps.get(a, 0), n - 1 + steps.get(a, 0)) for a, n in enumerate(field.shape[2:]))
        ]

    axes = range(field.ndim - 2)
    bends = [(u({d: 1}) - 2 * u({}) + u({d: -1})) ** 2 for d in axes]
    for d, e in combinations(axes, 2):
        twist = u({d: 1, e: 1}) - u({d: 1, e: -1}) - u({d: -1, e: 1}) + u({d: -1, e: -1})
        bends.append(2 * (twist / 4) ** 2)
    return torch.stack([bend.mean() for bend in bends]).sum()


@dataclass(frozen=True)
class Case:
    """A loss, what else computes it, what it is given, and how many times faster than plain it must be."""

    name: str
    ours: Loss
    plain: Loss
    peer: tuple[str, Mapping[str, object]]
    given: tuple[Tensor, ...]
    claim: float


def dice_ce_case(batch: int, classes: int, size: int) -> Case:
    scores, labels = torch.randn(batch, classes, *[size] * 3), torch.randint(0, classes, (batch, 1, *[size] * 3))
    options = {"to_onehot_y": True, "softmax": True}
    ours = DiceCELoss(to_onehot_y=True, softmax=True)
    name = f"DiceCE {batch}x{classes}x{size}^3"
    return Case(name, ours, plain_dice_ce, ("DiceCELoss", options), (scores, labels), 3)


def correlation_case(size: int, width: int) -> Case:
    pair = torch.rand(1, 1, *[size] * 3), torch.rand(1, 1, *[size] * 3)
    ours, options = LocalNormalizedCrossCorrelationLoss(3, width), {"spatial_dims": 3, "kernel_size": width}
    peer = "LocalNormalizedCrossCorrelationLoss", options
    return Case(f"LNCC {size}^3, window {width}", ours, plain_correlation(width), peer, pair, 3)


def bending_case(size: int) -> Case:
    field = torch.randn(1, 3, *[size] * 3)
    return Case(f"bending 3x{size}^3", BendingEnergyLoss(), plain_bending, ("BendingEnergyLoss", {}), (field,), 2)


def peer_of(case: Case) -> Loss | None:
    """The same of MONAI, if it is installed."""
    name, options = case.peer
    try:
        loss: Loss = getattr(importlib.import_module("monai.losses"), name)(**options)
    except ImportError:
        return None
    return loss


def learned(loss: Loss, given: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """The value, and the gradient in the first of what is given."""
    leaf = given[0].detach().requires_grad_()
    value = loss(leaf, *given[1:])
    (gradient,) = torch.autograd.grad(value, leaf)
    return value.detach(), gradient


def once(given: tuple[Tensor, ...], out: Tensor) -> None:
    """Read what is given, write what must be."""
    torch.add(given[0], 1, out=out)
    for other in given[1:]:
        other.sum()


def measured(case: Case, rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    """Median seconds of each way; all take turns, the first round doesn't count."""
    peer, out = peer_of(case), torch.empty_like(case.given[0])
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: learned(case.ours, case.given),
        "plain torch": lambda: learned(case.plain, case.given),
    }
    if peer is not None:
        ways["MONAI"] = lambda: learned(peer, case.given)
    ways["limit"] = lambda: once(case.given, out)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            begun = clock()
            way()
            times[name].append(clock() - begun)
    return {name: median(found[1:]) for name, found in times.items()}


def differences(case: Case) -> tuple[float, float]:
    """How far ours is from the plain formula in float64, as shares: of the value (of 1, if less); of its steepest."""
    exact = tuple(one.double() if one.is_floating_point() else one for one in case.given)
    (value, gradient), (found, slope) = learned(case.plain, exact), learned(case.ours, case.given)
    return float((found - value).abs() / value.abs().clamp_min(1)), float(
        (slope - gradient).abs().max() / gradient.abs().max()
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # the peer's
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    clock = time.process_time if asked.threads == 1 else time.perf_counter
    cases = [dice_ce_case(2, 2, 64), dice_ce_case(4, 2, 96), dice_ce_case(2, 14, 64), correlation_case(64, 3)]
    cases += [correlation_case(64, 9), bending_case(64), bending_case(96)]
    figures, kept = {}, True
    for case in cases:
        found = measured(case, asked.rounds, clock)
        value_off, gradient_off = differences(case)
        ratio, to_limit = found["plain torch"] / found["ours"], found["ours"] / found["limit"]
        peer = f", MONAI {found['MONAI'] / found['ours']:.1f}" if "MONAI" in found else ""
        times = ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in found.items())
        print(f"{case.name:<22} {ratio:5.1f} times faster than plain torch{peer}; {to_limit:.0f} times the limit")
        print(f"{'':<22} {times}; off by {value_off:.1e}, gradient by {gradient_off:.1e}")
        figures[case.name] = {"seconds": found, "value_off": value_off, "gradient_off": gradient_off}
        kept = kept and ratio >= case.claim and value_off <= MOST_OFF
    if asked.json:
        asked.json.write_text(json.dumps({"threads": asked.threads, "cases": figures}, indent=2) + "\n")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
