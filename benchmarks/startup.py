"""How soon something happens: `bundlert --help`, `check`, and the end of the first training step.

    python benchmarks/startup.py [--rounds 5] [--json startup.json]

Each figure is the median of whole processes, ours and the baseline in turn. The baselines are what nobody can go below
who uses torch: `python -c "import torch"`, and the same with ignite. The limit of `--help` is a Python that does
nothing. The training is `bundlert run bundles/spleen_fast train` on its phantoms (made before the clock starts); its
first step ends when `run.jsonl` says so. Exits with 1 where a claim isn't kept:

- `bundlert --help` takes at most 0.15 of `import torch`;
- to the end of the first step it takes at most `import torch` + `import ignite` + 1 s.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
BUNDLE = ROOT / "bundles" / "spleen_fast"
PYTHON = sys.executable
BUNDLERT = [PYTHON, "-c", "from bundlert.cli.main import main; main()"]
HELP_SHARE, OWN_TIME_S = 0.15, 1.0


def whole(command: list[str]) -> float:
    """Seconds from start to exit."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def first_step() -> float:
    """Seconds from the command to the end of the first training step."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.time()
        command = [*BUNDLERT, "run", str(BUNDLE), "train", "--runs", folder, "--quiet"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                while process.poll() is None:
                    time.sleep(0.01)
                    for log in Path(folder).rglob("run.jsonl"):
                        for line in log.read_text().splitlines(keepends=True):
                            if line.endswith("\n") and json.loads(line)["event"] == "step":
                                return float(json.loads(line)["time"]) - begun
            finally:
                process.kill()
    raise RuntimeError("the training ended without a step")


MEASURED = {
    "python": lambda: whole([PYTHON, "-c", "pass"]),
    "import torch": lambda: whole([PYTHON, "-c", "import torch"]),
    "import torch, ignite": lambda: whole([PYTHON, "-c", "import torch, ignite.engine"]),
    "bundlert --help": lambda: whole([*BUNDLERT, "--help"]),
    "bundlert check": lambda: whole([*BUNDLERT, "check", str(BUNDLE)]),
    "first training step": first_step,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    first_step()  # phantoms made, files in the page cache, bytecode compiled
    times: dict[str, list[float]] = {name: [] for name in MEASURED}
    for _ in range(asked.rounds):
        for name, measure in MEASURED.items():
            times[name].append(measure())
    typical = {name: median(found) for name, found in times.items()}
    for name, found in times.items():
        print(f"{name:<22} {typical[name]:6.3f} s   ({min(found):.3f} to {max(found):.3f})")
    share = typical["bundlert --help"] / typical["import torch"]
    own = typical["first training step"] - typical["import torch, ignite"]
    print(f"--help is {share:.3f} of `import torch` (claim: {HELP_SHARE}), {1 / share:.0f} times sooner")
    print(f"--help is {typical['bundlert --help'] / typical['python']:.1f} times a Python that does nothing")
    print(f"check is {typical['bundlert check'] / typical['import torch']:.3f} of `import torch`")
    print(f"own time before the first step is done: {own:.2f} s (claim: {OWN_TIME_S})")
    if asked.json:
        figures = {"seconds": typical, "help_share": share, "own_time_s": own, "rounds": asked.rounds}
        asked.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0 if share <= HELP_SHARE and own <= OWN_TIME_S else 1


if __name__ == "__main__":
    sys.exit(main())
