"""What a run folder tells, as plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

_BEGINNINGS = ("start", "resume")  # before them nothing ran


@dataclass
class History:
    """The log of a run: the last word on each step, epoch and validation (a resumed run repeats some)."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    epochs: list[dict[str, Any]] = field(default_factory=list)
    validations: list[dict[str, Any]] = field(default_factory=list)
    duration_s: float = 0.0
    state: str = "not finished"

    @property
    def best(self) -> dict[str, Any] | None:
        """The best validation, the earliest where several are; a figure that isn't a number is never best."""
        valid = [one for one in self.validations if not math.isnan(one[key_metric(one)])]
        return max(valid, key=lambda one: one[key_metric(one)] * (1 if higher_is_better(one) else -1), default=None)


def read_history(file: Path) -> History:
    """The history in a `run.jsonl`; empty if there is none. A torn last line, of a killed run, is passed over."""
    events = list(_events(file))
    history = History(
        steps=_last_of_each(events, "step", "iteration"),
        epochs=_last_of_each(events, "epoch", "epoch"),
        validations=_last_of_each(events, "validation", "epoch"),
    )
    if events:
        spans = (later["time"] - one["time"] for one, later in pairwise(events) if later["event"] not in _BEGINNINGS)
        history.duration_s = sum(spans)
        history.state = {"end": "complete", "stop": "stopped"}.get(events[-1]["event"], "not finished")
    return history


def read_facts(file: Path) -> dict[str, Any]:
    """The JSON object in a file; empty if there is none."""
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _events(file: Path) -> Iterator[dict[str, Any]]:
    if not file.is_file():
        return
    for line in file.read_bytes().splitlines():  # bytes, since a line may be torn within a letter
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event and "time" in event:
            yield _with_nan(event)


def _with_nan(event: dict[str, Any]) -> dict[str, Any]:
    """The event with what stands as null, since JSON has no NaN, as a number again."""
    if event["event"] != "validation":
        return event
    cases = {name: as_number(value) for name, value in event["cases"].items()}
    return {**{name: as_number(value) for name, value in event.items()}, "cases": cases}


def key_metric(record: dict[str, Any]) -> str:
    """The figure that decides, of a validation or a result; logs of old know Dice alone."""
    return str(record.get("key_metric", "dice"))


def worded(metric: str) -> str:
    """A metric's name as people read it: `Surface dice` for `surface_dice`."""
    return metric[:1].upper() + metric[1:].replace("_", " ")


def higher_is_better(record: dict[str, Any]) -> bool:
    """Whether a greater figure of it is the better one."""
    found = record.get("metrics", {}).get(key_metric(record), {})
    return bool(found.get("higher_is_better", True))


def as_number(value: Any) -> Any:
    """A value of a file, in which null stands for NaN."""
    return math.nan if value is None else value


def _last_of_each(events: list[dict[str, Any]], kind: str, key: str) -> list[dict[str, Any]]:
    found = {event[key]: event for event in events if event["event"] == kind}
    return [found[number] for number in sorted(found)]
