"""What a run folder tells, as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


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
        """The best validation."""
        return max(self.validations, key=lambda one: float(one["dice"]), default=None)


def read_history(file: Path) -> History:
    """The history in a `run.jsonl`; empty if there is none. A torn last line, of a killed run, is passed over."""
    events = list(_events(file))
    history = History(
        steps=_last_of_each(events, "step", "iteration"),
        epochs=_last_of_each(events, "epoch", "epoch"),
        validations=_last_of_each(events, "validation", "epoch"),
    )
    if events:
        history.duration_s = events[-1]["time"] - events[0]["time"]
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
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event and "time" in event:
            yield event


def _last_of_each(events: list[dict[str, Any]], kind: str, key: str) -> list[dict[str, Any]]:
    found = {event[key]: event for event in events if event["event"] == kind}
    return [found[number] for number in sorted(found)]
