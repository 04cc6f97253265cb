"""`report.html` of a run: one file that opens anywhere, with nothing fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bundlert.files import write_text
from bundlert.reports.figures import dice_curve, loss_curve, overlay, rate_curve
from bundlert.reports.run_log import History, read_facts, read_history
from bundlert.text import human_time

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
        cases=_cases(history, metrics),
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
    if isinstance(metrics.get("dice"), float):
        rows.append(("mean Dice", f"{metrics['dice']:.4f}"))
    if history.best:
        rows.append(("best Dice", f"{history.best['dice']:.4f} (epoch {history.best['epoch']})"))
    if history.epochs:
        rows.append(("last loss", f"{history.epochs[-1]['loss']:.4f}"))
    if history.steps:
        rows += [("steps", str(history.steps[-1]["iteration"])), ("state", history.state)]
        rows.append(("duration", human_time(history.duration_s)))
    rows += [(key, str(facts[key])) for key in ("device", "seed", "started") if facts.get(key) is not None]
    return rows


def _curves(history: History) -> list[tuple[str, str]]:
    drawn = (
        ("Loss: each step faint, the mean of each epoch bold", loss_curve(history)),
        ("Dice of validation: cases faint, their mean bold", dice_curve(history)),
        ("Learning rate", rate_curve(history)),
    )
    return [(title, svg) for title, svg in drawn if svg is not None]


def _cases(history: History, metrics: dict[str, Any]) -> list[tuple[str, float]]:
    """Dice of each case, the worst first: of the evaluation, or of the best validation."""
    cases = metrics.get("cases") or (history.best["cases"] if history.best else {})
    return sorted(((str(name), float(value)) for name, value in cases.items()), key=lambda pair: pair[1])


def _previews(folder: Path, history: History) -> list[dict[str, Any]]:
    """Slices of the last validation, and of the best if that is another."""
    epochs = [history.validations[-1]["epoch"], history.best["epoch"]] if history.best else []
    made = []
    for epoch in dict.fromkeys(epochs):
        dice: dict[str, float] = next((one["cases"] for one in history.validations if one["epoch"] == epoch), {})
        pictures = []
        for file in sorted((folder / "previews" / f"epoch_{epoch:04d}").glob("*.npz")):
            with np.load(file) as slices:
                picture = overlay({name: slices[name] for name in ("image", "truth", "prediction")})
            pictures.append({"name": file.stem, "dice": dice.get(file.stem), "picture": picture})
        if pictures:
            words = "best" if history.best and epoch == history.best["epoch"] else "last"
            made.append({"title": f"Epoch {epoch} ({words})", "pictures": pictures})
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
