"""`report.html` of a run: one file that opens anywhere, with nothing fetched from elsewhere."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from typing import Any

from bundlert.files import write_text
from bundlert.reports.figures import loss_curve, metric_curve, rate_curve, speed_curve
from bundlert.reports.run_log import (
    History,
    as_number,
    higher_is_better,
    key_metric,
    read_facts,
    read_history,
    worded,
)
from bundlert.reports.slices import read_slice
from bundlert.text import human_size, human_time

_TEMPLATES = Path(__file__).parent / "templates"
REPORT = "report.html"


def write_report(folder: Path) -> Path:
    """Make the report of a run from the files in its folder; what is missing is left out."""
    from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415 (50 ms that only a report needs)

    history = read_history(folder / "run.jsonl")
    facts = read_facts(folder / "environment.json")
    metrics = read_facts(folder / "metrics.json")
    template = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True).get_template("report.html.j2")
    page = template.render(
        title=f"{facts.get('bundle', folder.parent.name)} {facts.get('entry', '')}".strip(),
        folder=folder.name,
        figures_of_merit=_summary(history, facts, metrics),
        curves=_curves(history),
        metric=worded(key_metric(metrics if metrics.get("cases") else history.best or {})),
        cases=_cases(history, metrics),
        cases_of=None if metrics.get("cases") or not history.best else history.best["epoch"],
        files=[str(file) for file in metrics.get("files", [])],
        previews=_previews(folder, history),
        facts=_flat(facts),
        config=_text(folder / "config.yaml"),
    )
    write_text(folder / REPORT, page)
    return folder / REPORT


def _summary(history: History, facts: dict[str, Any], metrics: dict[str, Any]) -> list[tuple[str, str]]:
    """The few figures that people look for first."""
    rows = []
    for name in metrics.get("metrics", ["dice"]):
        if isinstance(metrics.get(name), float):
            rows += [(f"mean {worded(name)}", f"{metrics[name]:.4f}"), *_classes(name, metrics)]
    if best := history.best:
        name = key_metric(best)
        rows += [(f"best {worded(name)}, epoch {best['epoch']}", f"{best[name]:.4f}"), *_classes(name, best)]
    if history.epochs:
        rows.append(("last loss", f"{history.epochs[-1]['loss']:.4f}"))
    if history.steps:
        rows += [("steps", str(history.steps[-1]["iteration"])), ("state", history.state)]
        rows.append(("duration", human_time(history.duration_s)))
        rows += _speed_and_memory(history)
    return rows + [(key, str(facts[key])) for key in ("device", "seed") if facts.get(key) is not None]


def _classes(name: str, record: dict[str, Any]) -> list[tuple[str, str]]:
    """A metric of each class, where there are several."""
    found = record.get("metrics", {}).get(name, {}).get("classes", {})
    rows = [(f"{worded(name)} of class {kind}", f"{as_number(value):.4f}") for kind, value in found.items()]
    return rows if len(rows) > 1 else []


def _speed_and_memory(history: History) -> list[tuple[str, str]]:
    speeds = [one["samples_per_s"] for one in history.steps if "samples_per_s" in one]
    memory = [one["memory_bytes"] for one in history.steps if "memory_bytes" in one]
    rows = [("median speed", f"{median(speeds):.1f} samples/s")] if speeds else []
    return rows + ([("most memory", human_size(max(memory)))] if memory else [])


def _curves(history: History) -> list[tuple[str, str]]:
    drawn = (
        ("Training loss", loss_curve(history)),
        (f"{worded(key_metric(history.best or {}))} of the validation cases", metric_curve(history)),
        ("Learning rate", rate_curve(history)),
        ("Training speed", speed_curve(history)),
    )
    return [(title, svg) for title, svg in drawn if svg is not None]


def _cases(history: History, metrics: dict[str, Any]) -> list[tuple[str, float]]:
    """The figure of each case, those without one and the worst first: of the evaluation, or of the best validation."""
    record = metrics if metrics.get("cases") else history.best or {}
    rows = [(str(name), as_number(value)) for name, value in record.get("cases", {}).items()]
    worst = 1 if higher_is_better(record) else -1
    return sorted(rows, key=lambda pair: -math.inf if math.isnan(pair[1]) else worst * pair[1])


def _previews(folder: Path, history: History) -> list[dict[str, Any]]:
    """Slices of the best validation, and of the last if that is another."""
    best = history.best
    wanted = {one["epoch"]: one for one in (best, *history.validations[-1:]) if one is not None}
    made = []
    for epoch, validation in wanted.items():
        words = "best" if validation is best else "last"
        files = sorted((folder / "previews" / f"epoch_{epoch:04d}").glob("[!.]*.npz"))
        pictures = [
            {"name": file.stem, "figure": validation["cases"].get(file.stem), "slice": read_slice(file)}
            for file in files
        ]
        if pictures:
            made.append({"title": f"Epoch {epoch} ({words} validation)", "pictures": pictures})
    return made


def _flat(facts: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for key, value in facts.items():
        if isinstance(value, dict):
            rows += [(f"{key}: {name}", str(part)) for name, part in value.items()]
        else:
            rows.append((key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return rows


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""
