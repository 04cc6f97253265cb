"""Run folders for tests of reports: a real training of a moment, and logs written by hand."""

import json

import numpy as np
from engines.tiny import make_evaluator, make_network, make_trainer

from bundlert.engines.handlers.run_log import RunLog
from bundlert.engines.handlers.validation import ValidationHandler


def train(folder, epochs=3, *, validate=True):
    """Train and log; slices of two cases stand for those that a volume would have."""
    network = make_network()
    handlers = [ValidationHandler(make_evaluator(network))] if validate else []
    result = make_trainer(epochs, [RunLog(str(folder)), *handlers], network=network).run()
    (folder / "metrics.json").write_text(json.dumps(result))
    (folder / "environment.json").write_text(json.dumps({"bundle": "toy", "entry": "train", "packages": {"a": "1"}}))
    (folder / "config.yaml").write_text("epochs: 3\n")
    if validate:
        write_slice(folder / "previews" / f"epoch_{epochs:04d}" / "case 1.npz")
    return folder


def write_slice(file, rows=20, columns=30, spacing=(1.0, 1.0)):
    """A bright box as image, its left two thirds as truth, its right two thirds as prediction."""
    image, truth, prediction = (np.zeros((rows, columns), dtype=np.uint8) for _ in range(3))
    image[5:10, 6:15], truth[5:10, 6:12], prediction[5:10, 9:15] = 200, 1, 1
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, image=image, truth=truth, prediction=prediction, spacing=spacing)


def write_log(folder, *events):
    """A log of events `(name, {facts})`, a second apart."""
    lines = [
        json.dumps({"event": name, "time": 100.0 + second, **facts}) for second, (name, facts) in enumerate(events)
    ]
    (folder / "run.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return folder / "run.jsonl"


def step(iteration, loss=0.5, epoch=1, **more):
    return "step", {"epoch": epoch, "iteration": iteration, "loss": loss, "lr": 0.1, **more}


def epoch(number, loss=0.5):
    return "epoch", {"epoch": number, "loss": loss, "time_s": 1.0}


def validation(epoch, dice, cases=None):
    return "validation", {"epoch": epoch, "iteration": epoch, "dice": dice, "cases": cases or {}, "best": True}
