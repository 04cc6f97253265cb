"""Sliding windows: what each way of running the network takes, what the inferer itself takes, and what it gives.

    python benchmarks/inference.py [--rounds 5] [--minutes 5] [--threads 1] [--compile] [--json inference.json]

A volume of 160 x 160 x 120 voxels, 18 windows of 96^3 (overlap 1/2, Gaussian), the spleen U-Net with random weights. A
plain loop over the windows, batches of four as they come, is what others are compared with: in time, by the greatest
difference, and by the share of voxels whose class differs. "bare" is the network alone on the same windows, laid out
as the inferer lays them out: the limit. Then the same at one window at a time. Every backend that is installed takes
part; MONAI does if it is installed.

The inferer's own time is all that isn't spent in the network, in the same run. Memory is the most that a run adds to a
process, against the result and the windows, given and got. At last Dice, with the trained network of spleen_fast on a
phantom held out, so that half precision shows what it costs.

Ways take turns; seconds are those of the CPU (all threads together), which neighbours disturb least with one thread.
What is converted is converted before. Ours run in a process that keeps memory that it freed, as `bundlert run` does,
the others in one as it is; new pages of memory are counted.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from math import prod
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from bundlert.allocator import keep_freed_memory
from bundlert.data.phantom.dataset import abdomen_phantom
from bundlert.inferers.backends.packages import installed
from bundlert.inferers.sliding_window import SlidingWindowInferer
from bundlert.inferers.windows import importance, window_starts
from bundlert.metrics.dice import MeanDice
from bundlert.networks.unet import UNet
from bundlert.networks.weights import load_weights
from bundlert.progress import Display, shown_by
from bundlert.transforms.base import image_of
from bundlert.transforms.channel import EnsureChannelFirst
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.foreground import CropForeground
from bundlert.transforms.intensity.scale_range import ScaleIntensityRange
from bundlert.transforms.lazy import realize
from bundlert.transforms.load import LoadImage
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.spacing import Spacing

SHAPE, ROI, OVERLAP, BATCH, CLASSES = (160, 160, 120), (96, 96, 96), 0.5, 4, 2
HAS_PEER = importlib.util.find_spec("monai") is not None
WEIGHTS = Path(__file__).parents[1] / "bundles" / "spleen_fast" / "models" / "model.safetensors"
Way = Callable[[], Any]
Times = dict[str, dict[str, list[float]]]


class Told(Display):
    """Prints what is said."""

    def say(self, text: str) -> None:
        """Print a line."""
        print(f"  {text}")


def unet(*channels: int) -> UNet:
    torch.manual_seed(0)
    return UNet(3, 1, CLASSES, channels, [2] * 4, num_res_units=2, norm="BATCH").eval()


def places() -> list[tuple[slice, ...]]:
    corners = product(*window_starts(SHAPE, ROI, OVERLAP))
    return [tuple(slice(start, start + width) for start, width in zip(corner, ROI, strict=True)) for corner in corners]


def plain_loop(network: Callable[[Tensor], Tensor], volume: Tensor, batch: int = BATCH) -> Tensor:
    """A loop over the windows in torch."""
    weight = importance(ROI, "gaussian", 0.125)
    total, weights = torch.zeros(1, CLASSES, *SHAPE), torch.zeros(SHAPE)
    all_of_them = places()
    for first in range(0, len(all_of_them), batch):
        group = all_of_them[first : first + batch]
        scores = network(torch.cat([volume[(..., *window)] for window in group]))
        for window, score in zip(group, scores, strict=True):
            total[(0, slice(None), *window)] += score * weight
            weights[window] += weight
    return total / weights


def bare(network: Callable[[Tensor], Tensor], volume: Tensor, precision: str = "fp32") -> None:
    """The network alone, on groups as the inferer makes them, laid out as it lays them out."""
    stacked = torch.cat([volume[(..., *window)] for window in places()])
    windows = torch.empty_like(stacked, memory_format=torch.channels_last_3d).copy_(stacked)
    half = precision != "fp32"
    begun = time.process_time()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        for group in windows.split([4, 4, 4, 3, 3]):
            network(group)
    bare.seconds = time.process_time() - begun  # type: ignore[attr-defined]


def ours(**options: Any) -> SlidingWindowInferer:
    return SlidingWindowInferer(
        **{"roi_size": ROI, "sw_batch_size": BATCH, "overlap": OVERLAP, "mode": "gaussian", **options}
    )


def monai_inferer(batch: int = BATCH) -> Any:
    from monai.inferers import SlidingWindowInferer as Peer  # noqa: PLC0415 (a peer, if installed)

    return Peer(ROI, sw_batch_size=batch, overlap=OVERLAP, mode="gaussian")


def inferers(*, compiled: bool) -> dict[str, Any]:
    """Ours, by name."""
    found = {
        "ours, eager, layout as it is": ours(channels_last=False),
        "ours, eager": ours(),
        "ours, eager bf16": ours(precision="bf16"),
    }
    if compiled:
        found["ours, compile"] = ours(backend="compile")
        found["ours, compile bf16"] = ours(backend="compile", precision="bf16")
    if installed("onnxruntime", "onnx", "onnxscript"):
        found["ours, onnxruntime"] = ours(backend="onnxruntime")
    if installed("openvino"):
        found["ours, openvino"] = ours(backend="openvino")
        found["ours, openvino bf16"] = ours(backend="openvino", precision="bf16")
    return found | {"ours, auto": ours(backend="auto"), "ours, auto bf16": ours(backend="auto", precision="bf16")}


def ways_of(network: UNet, volume: Tensor, *, compiled: bool) -> dict[str, Way]:
    """All ways of the whole volume, the one that others are compared with first."""
    ways: dict[str, Way] = {"plain loop, batch 4": partial(plain_loop, network, volume)}
    if HAS_PEER:
        ways["MONAI, batch 4"] = partial(monai_inferer(), volume, network)
    ways["bare"], ways["bare bf16"] = partial(bare, network, volume), partial(bare, network, volume, "bf16")
    ways |= {name: partial(inferer, network, volume) for name, inferer in inferers(compiled=compiled).items()}
    ways["plain loop, batch 1"] = partial(plain_loop, network, volume, 1)
    if HAS_PEER:
        ways["MONAI, batch 1"] = partial(monai_inferer(1), volume, network)
    ways["ours, eager, batch 1"] = partial(ours(sw_batch_size=1), network, volume)
    if installed("openvino"):
        for precision in ("fp32", "bf16"):
            inferer = ours(sw_batch_size=1, backend="openvino", precision=precision)
            ways[f"ours, openvino {precision}, batch 1"] = partial(inferer, network, volume)
    return ways


class Process:
    """Another process, in which ways run: one that keeps freed memory, or one as it is."""

    def __init__(self, threads: int, *, kept: bool, compiled: bool) -> None:
        self._pool = get_context("spawn").Pool(1, Process._begin, (threads, kept, compiled))

    def __call__(self, work: Callable[..., Any], *given: Any) -> Any:
        """Call a function there."""
        return self._pool.apply(work, given)

    @staticmethod
    def _begin(threads: int, kept: bool, compiled: bool) -> None:
        torch.set_num_threads(threads)
        if kept:
            keep_freed_memory()
        volume = torch.rand(1, 1, *SHAPE, generator=torch.Generator().manual_seed(0))
        Process.ways = ways_of(unet(16, 32, 64, 128, 256), volume, compiled=compiled)

    ways: ClassVar[dict[str, Way]]


def result_of(name: str) -> Any:
    """What a way gives, as an array."""
    with torch.inference_mode(), shown_by(Told()):
        found = Process.ways[name]()
    return None if found is None else found.numpy()


def cost_of(name: str) -> dict[str, float]:
    """Seconds and new pages of one run of a way."""
    cpu, wall, pages = time.process_time(), time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    with torch.inference_mode():
        Process.ways[name]()
    taken = time.process_time() - cpu
    return {
        "cpu": getattr(bare, "seconds", taken) if name.startswith("bare") else taken,
        "wall": time.perf_counter() - wall,
        "pages": resource.getrusage(resource.RUSAGE_SELF).ru_minflt - pages,
    }


def process_of(name: str, kept: Process, plain: Process) -> Process:
    return kept if name.startswith(("ours", "bare")) else plain


def measure(kept: Process, plain: Process, rounds: int, minutes: float) -> tuple[Times, dict[str, Any]]:
    """What each way takes, taking turns, and what each gives; a first round is not counted."""
    home = {name: process_of(name, kept, plain) for name in kept(list_ways)}
    given = {name: process(result_of, name) for name, process in home.items()}
    times: Times = {name: {"cpu": [], "wall": [], "pages": []} for name in home}
    begun = time.monotonic()
    for number in range(rounds):
        if number and (time.monotonic() - begun) * (number + 1) / number > minutes * 60:
            break
        for name, process in home.items():
            for kind, value in process(cost_of, name).items():
                times[name][kind].append(value)
    return times, {name: None if found is None else torch.from_numpy(found) for name, found in given.items()}


def list_ways() -> list[str]:
    return list(Process.ways)


def agreement(found: Tensor, expected: Tensor) -> tuple[float, float]:
    return float((found - expected).abs().max()), float((found.argmax(1) != expected.argmax(1)).float().mean())


def whole_volume(kept: Process, plain: Process, rounds: int, minutes: float) -> dict[str, Any]:
    times, given = measure(kept, plain, rounds, minutes)
    cpu = {name: median(found["cpu"]) for name, found in times.items()}
    four, one = "plain loop, batch 4", "plain loop, batch 1"
    peers = {four: "MONAI, batch 4", one: "MONAI, batch 1"}
    figures: dict[str, Any] = {"rounds": len(times[four]["cpu"])}
    print(f"whole volume, {figures['rounds']} rounds; x in CPU time, and in wall time")
    heads = ("CPU s", "min", "wall s", "pages", "x loop", "x MONAI", "in wall", "max err", "argmax")
    print(f"  {'':<30}" + "".join(f"{head:>9}" for head in heads))
    for name, seconds in cpu.items():
        loop = one if name.endswith("batch 1") else four
        peer = peers[loop] if HAS_PEER else loop
        wall, pages = median(times[name]["wall"]), median(times[name]["pages"])
        ratios = cpu[loop] / seconds, cpu[peer] / seconds, median(times[peer]["wall"]) / wall
        err = None if name.startswith("bare") else agreement(given[name], given[four])
        figures[name] = {"cpu": seconds, "wall": wall, "pages": pages, "over loop": ratios[0], "over MONAI": ratios[1]}
        figures[name] |= {"over MONAI, wall": ratios[2], "max err": err and err[0], "argmax differs": err and err[1]}
        line = f"  {name:<30}{seconds:9.2f}{min(times[name]['cpu']):9.2f}{wall:9.2f}{pages:9.0f}"
        line += "".join(f"{ratio:9.2f}" for ratio in ratios)
        print(line + (f"{err[0]:9.1e}{err[1]:9.3%}" if err else ""), flush=True)
    return figures


class Clocked(nn.Module):
    """A network that counts the seconds spent in it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.seconds = network, 0.0

    def forward(self, windows: Tensor) -> Tensor:
        """Run the network."""
        begun = time.process_time()
        found: Tensor = self.network(windows)
        self.seconds += time.process_time() - begun
        return found


def own_time(rounds: int) -> dict[str, float]:
    """What an inferer takes beside the network, as a share of the time in the network."""
    network, volume = Clocked(unet(16, 32, 64, 128, 256)).eval(), torch.rand(1, 1, *SHAPE)
    ways: dict[str, Way] = {"ours": partial(ours(), network, volume)}
    if HAS_PEER:
        ways["MONAI"] = partial(monai_inferer(), volume, network)
    shares: dict[str, list[float]] = {name: [] for name in ways}
    for _, (name, way) in product(range(rounds + 1), ways.items()):
        network.seconds, begun = 0.0, time.process_time()
        with torch.inference_mode():
            way()
        shares[name].append((time.process_time() - begun) / network.seconds - 1)
    typical = {name: median(found[1:]) for name, found in shares.items()}
    for name, share in typical.items():
        print(f"own time, {name:<8} {share:.2%} of the time in the network, {min(shares[name]):.2%} at least")
    return typical


def memory() -> dict[str, float]:
    """The most memory that a run adds to a new process, over result and windows."""
    needed = 4 * (CLASSES * prod(SHAPE) + (1 + CLASSES) * BATCH * prod(ROI))
    shares = {}
    os.environ["MALLOC_MMAP_THRESHOLD_"] = str(1 << 20)  # what is freed is given back: tensors are counted, not malloc
    for name in ("ours", "MONAI") if HAS_PEER else ("ours",):
        with get_context("spawn").Pool(1) as process:
            shares[name] = process.apply(memory_of, [name]) / needed
        print(f"memory, {name:<8} {shares[name]:.2f} x (result + windows)")
    del os.environ["MALLOC_MMAP_THRESHOLD_"]
    return shares


def memory_of(name: str) -> int:
    """Bytes that one run adds."""
    torch.set_num_threads(1)
    volume = torch.rand(1, 1, *SHAPE)
    way = partial(ours(), new_scores, volume) if name == "ours" else partial(monai_inferer(), volume, new_scores)
    with torch.inference_mode():
        ours(roi_size=(8, 8, 8))(torch.nn.Identity(), volume[..., :20, :20, :20])  # so that its code is there
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the greatest size so far
        before = resident("VmRSS")
        way()
        return resident("VmHWM") - before


def new_scores(windows: Tensor) -> Tensor:
    return torch.ones(len(windows), CLASSES, *ROI)


def resident(which: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(which))


def trained_dice() -> dict[str, float]:
    """Dice of each way, with the trained network on a phantom that it wasn't trained with."""
    network = unet(8, 16, 32, 64, 128)
    load_weights(network, str(WEIGHTS))
    network.eval()
    folder = Path(abdomen_phantom(16, 0))
    file = max((folder / "imagesTr").glob("[!.]*.nii.gz"))
    keys = ["image", "label"]
    prepare = Compose(
        [
            LoadImage(keys),
            EnsureChannelFirst(keys),
            Orientation(keys, axcodes="RAS"),
            Spacing(keys, pixdim=[2.5, 2.5, 3.0], mode=["bilinear", "nearest"]),
            ScaleIntensityRange("image", a_min=-57, a_max=164, b_min=0.0, b_max=1.0, clip=True),
            CropForeground(keys, source_key="image"),
        ]
    )
    sample = prepare({"image": str(file), "label": str(folder / "labelsTr" / file.name)})
    image, label = (realize(image_of(sample, key)).data for key in keys)
    found = {}
    for name, inferer in inferers(compiled=False).items():
        inferer.roi_size, inferer.overlap = (64, 64, 48), 0.5
        with torch.inference_mode():
            found[name] = MeanDice().update(inferer(network, image[None].float())[0], label)
        print(f"  Dice by {name:<30} {found[name]:.5f}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=5, help="fewer rounds if they would take longer")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="torch.compile too, which needs a C++ compiler")
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    figures: dict[str, Any] = {"threads": asked.threads}
    with shown_by(Told()):
        figures["memory"] = memory()
        kept, plain = (Process(asked.threads, kept=one, compiled=asked.compile) for one in (True, False))
        figures["volume"] = whole_volume(kept, plain, asked.rounds, asked.minutes)
        figures["own time"] = kept(own_time, asked.rounds)
        figures["dice"] = trained_dice()
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
