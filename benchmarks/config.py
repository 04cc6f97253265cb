"""The config language on large configs: load + check + resolve, and how the time grows.

    python benchmarks/config.py [--sizes 1000 10000 100000] [--rounds 3] [--json config.json]

For each kind of node a JSON config of so many nodes: values, references, expressions, components (with an argument
each), macros, and one chain in which each node refers to the next. The baseline is what Python itself needs for the
same: `json.loads` of the text and, for expressions, `eval` of each. Times are CPU seconds; each kind has a process of
its own. Linear means that a node of the largest config takes at most 1.3 times what one of the smallest does. With
`--peer`, where MONAI is installed, its ConfigParser resolves the same configs of up to 10,000 nodes, once each, without
any check. Last come expressions that would compute without end: each must be refused within 100 ms.
"""

from __future__ import annotations

import argparse
import gc
import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median
from typing import Any

from bundlert.config.build import Builder
from bundlert.config.check import find_problems
from bundlert.config.load import parse
from bundlert.config.macros import expand
from bundlert.config.tree import Node
from bundlert.errors import ConfigError
from bundlert.registry.registry import standard

_PEER_SIZE = 10_000  # beyond that it takes half an hour

# Kind -> a config of n nodes of it; `salt` makes each text one that was never seen before.
KINDS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "values": lambda n, salt: {"a": [index * 0.5 + salt for index in range(n)]},
    "references": lambda n, _salt: {"x": 1, "a": ["@x"] * n},
    "expressions": lambda n, salt: {"x": 1, "a": [f"$@x + {index + salt}" for index in range(n)]},
    "components": lambda n, _salt: {"a": [{"_target_": "SimpleInferer"} for _ in range(n)]},
    "macros": lambda n, _salt: {"x": {"y": 1}, "a": ["%x::y"] * n},
    "chain": lambda n, _salt: {**{f"k{index}": f"@k{index + 1}" for index in range(n)}, f"k{n}": 1},
}

BOMBS = (
    "9 ** 9 ** 9 ** 9",
    "'a' * 10 ** 10",
    "[0 for a in range(10 ** 4) for b in range(10 ** 4)]",
    "[[a, b, c] for a in range(10 ** 3) for b in range(10 ** 3) for c in range(10 ** 3)]",
    "sum([sum([i for i in range(1000)]) for j in range(1000)])",
    "[[a, str(a)] for a in [[1]] if not a.extend([a, a])]",
    "[[*range(10 ** 6)] == [*range(10 ** 6)] for x in range(1000)]",
    "[f(10 ** 5) for f in [lambda n: len([i for i in range(n)])] for j in range(1000)]",
    "list(map(str, range(10 ** 6)))",
)


def stages(text: str) -> dict[str, float]:
    """CPU seconds of each stage."""
    times: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.process_time()
        result = work()
        times[name] = time.process_time() - begun
        return result

    root: Node = timed("load", lambda: parse(text, "big.json"))
    timed("macros", lambda: expand(root))
    problems = timed("check", lambda: find_problems(root, standard()))
    if problems:
        raise SystemExit(f"unexpected: {problems[0]}")
    timed("resolve", lambda: Builder(root, standard()).get(""))
    return times


def peer(kind: str, text: str) -> float | None:
    """CPU seconds that MONAI's parser needs to resolve the text; None for what it can't resolve."""
    from monai.bundle import ConfigParser  # noqa: PLC0415 (an optional baseline)

    text = text.replace("SimpleInferer", "monai.inferers.SimpleInferer") if kind == "components" else text
    begun = time.process_time()
    try:
        ConfigParser(json.loads(text)).get_parsed_content("k0" if kind == "chain" else "a")
    except (RecursionError, RuntimeError):
        return None
    return time.process_time() - begun


def refused_after(expression: str) -> float:
    """CPU seconds until an endless expression is refused."""
    root = parse(json.dumps({"a": f"${expression}"}), "bomb.json")
    begun = time.process_time()
    try:
        Builder(root, standard()).get("a")
    except ConfigError:
        return time.process_time() - begun
    raise SystemExit(f"{expression} was computed")


def python_alone(kind: str, text: str) -> float:
    """CPU seconds that Python needs to read the text and, for expressions, to evaluate each."""
    begun = time.process_time()
    tree = json.loads(text)
    if kind == "expressions":
        for expression in tree["a"]:
            eval(expression[1:].replace("@x", "x"), {"x": 1})  # noqa: S307 (the baseline)
    return time.process_time() - begun


def compare(kinds: list[str], sizes: list[int], figures: dict[str, Any]) -> None:
    """Print the peer's times and how many of ours they are."""
    for kind in kinds:
        for size in sizes:
            taken = peer(kind, json.dumps(KINDS[kind](size, 1)))
            ours = figures[kind][size]["all"]
            figures[kind][size]["peer"] = taken
            shown = "can't resolve it" if taken is None else f"{taken:.3f} s, {taken / ours:,.0f} times ours"
            print(f"MONAI: {size:,} {kind}: {shown}")


def measured(kind: str, sizes: list[int], number_of_rounds: int) -> dict[int, dict[str, float]]:
    """Print and give the typical CPU seconds for each size."""
    stages(json.dumps(KINDS["components"](10, 0)))  # imports
    found = {}
    for size in sizes:
        rounds, baselines = [], []
        for number in range(number_of_rounds):
            text = json.dumps(KINDS[kind](size, size * 10 * (number + 1)))
            gc.collect()
            rounds.append(stages(text))
            baselines.append(python_alone(kind, text))
        typical = {stage: median(one[stage] for one in rounds) for stage in rounds[0]}
        total, baseline = sum(typical.values()), median(baselines)
        shown = " ".join(f"{value:8.4f}" for value in (*typical.values(), total))
        print(f"{kind:<12} {size:7} {shown}  {total / size * 1e6:7.1f}  {total / max(baseline, 1e-9):8.1f}", flush=True)
        found[size] = {**typical, "all": total, "python": baseline}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS))
    parser.add_argument("--peer", action="store_true", help="compare with MONAI, which must be installed")
    parser.add_argument("--json", help="write the figures here")
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    stages_of = ("load", "macros", "check", "resolve", "all")
    print(f"{'kind':<12} {'nodes':>7}", *(f"{name:>8}" for name in stages_of), " us/node  of Python", flush=True)
    for kind in asked.kinds:
        with ProcessPoolExecutor(1, get_context("spawn")) as fresh:  # what another kind left in memory makes it slower
            figures[kind] = fresh.submit(measured, kind, asked.sizes, asked.rounds).result()
    if asked.peer:
        compare(asked.kinds, [size for size in asked.sizes if size <= _PEER_SIZE], figures)
    for kind, by_size in figures.items():
        first, last = min(by_size), max(by_size)
        growth = (by_size[last]["all"] / last) / (by_size[first]["all"] / first)
        print(f"{kind}: a node of {last:,} takes {growth:.2f} times one of {first:,}")
    bombs = {expression: median(refused_after(expression) for _ in range(asked.rounds)) for expression in BOMBS}
    for expression, taken in bombs.items():
        print(f"refused after {taken * 1000:5.1f} ms: {expression}")
    figures["bombs"] = bombs
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(figures, file, indent=2)


if __name__ == "__main__":
    main()
