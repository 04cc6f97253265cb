"""What the Trainer adds to a plain torch loop.

    python benchmarks/engine.py [--rounds 7] [--json engine.json]

One network (the small profile's), one loss, one optimizer, the same batches: a loop of a dozen lines of torch, the
Trainer alone, and the Trainer with the handlers of spleen_fast but validation (log, schedule, checkpoint a round). Each
trains for some steps in turn. The limit is the forward and backward pass alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.engines.handlers.checkpoint_saver import CheckpointSaver
from bundlert.engines.handlers.lr_schedule import LrScheduleHandler
from bundlert.engines.handlers.run_log import RunLog
from bundlert.engines.trainer import Trainer
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.losses.dice_ce import DiceCELoss
from bundlert.networks.unet import UNet
from bundlert.optimizers.novograd import Novograd

SIZE, BATCH, STEPS = (64, 64, 48), 4, 8
GRID = Grid(SIZE, np.eye(4))


def samples() -> list[dict[str, Any]]:
    chance = torch.Generator().manual_seed(0)
    images = [torch.rand((1, *SIZE), generator=chance) for _ in range(BATCH * STEPS)]
    return [{"image": Image(one, GRID), "label": Image((one > 0.5).to(torch.uint8), GRID)} for one in images]


def parts() -> tuple[UNet, Novograd, DiceCELoss]:
    torch.manual_seed(0)
    network = UNet(3, 1, 2, [8, 16, 32, 64, 128], [2] * 4, num_res_units=2, norm="BATCH")
    network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    return network, Novograd(network.parameters(), 0.004), DiceCELoss(to_onehot_y=True, softmax=True, squared_pred=True)


def plain_loop(data: list[dict[str, Any]], *, learns: bool = True) -> float:
    """Seconds a step of torch alone."""
    network, optimizer, loss_of = parts()
    batches = []
    for first in range(0, len(data), BATCH):
        group = data[first : first + BATCH]
        image = torch.stack([sample["image"].data for sample in group])
        batches.append((image, torch.stack([sample["label"].data for sample in group])))
    begun = time.perf_counter()
    for images, labels in batches:
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(images.to(memory_format=torch.channels_last_3d)), labels)
        loss.backward()
        if learns:
            optimizer.step()
            float(loss.detach())
    return (time.perf_counter() - begun) / STEPS


def trainer(data: list[dict[str, Any]], folder: str | None = None) -> float:
    """Seconds a step of the Trainer."""
    network, optimizer, loss_of = parts()
    handlers: Sequence[Any] = ()
    if folder:
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
        handlers = (RunLog(folder), LrScheduleHandler(schedule), CheckpointSaver(folder))
    engine = Trainer(network, optimizer, loss_of, Loader(Dataset(data), BATCH), 1, handlers=handlers)
    begun = time.perf_counter()
    engine.run()
    return (time.perf_counter() - begun) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    data = samples()
    plain_loop(data)
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(asked.rounds):
            times.setdefault("forward and backward", []).append(plain_loop(data, learns=False))
            times.setdefault("plain torch loop", []).append(plain_loop(data))
            times.setdefault("Trainer", []).append(trainer(data))
            times.setdefault("Trainer with handlers", []).append(trainer(data, folder))
    typical = {name: median(found) for name, found in times.items()}
    for name, found in typical.items():
        print(f"{name:<22} {found * 1000:7.1f} ms a step (min {min(times[name]) * 1000:.1f})")
    for name in ("Trainer", "Trainer with handlers"):
        over, of_limit = (typical[name] / typical[base] for base in ("plain torch loop", "forward and backward"))
        print(f"{name}: {over:.3f} times the plain loop, {of_limit:.3f} times the limit")
    if asked.json:
        asked.json.write_text(json.dumps({"seconds": typical, "rounds": asked.rounds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
