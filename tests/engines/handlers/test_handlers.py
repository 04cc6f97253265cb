import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import torch
from engines.test_trainer import Interrupt
from engines.tiny import found, make_evaluator, make_network, make_trainer

from bundlert.engines.handlers.lr_schedule import LrScheduleHandler
from bundlert.engines.handlers.preview import PreviewSaver
from bundlert.engines.handlers.run_log import RunLog
from bundlert.engines.handlers.validation import ValidationHandler
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.hausdorff import HausdorffDistance

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "run_log.schema.json").read_text())


def log_of(tmp_path, epochs=3, interval=2, more=()):
    network = make_network()
    validation = ValidationHandler(make_evaluator(network), interval=interval)
    trainer = make_trainer(epochs, [RunLog(str(tmp_path)), validation, *more], network=network)
    trainer.run()
    return [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]


def test_the_log_tells_everything_in_order(tmp_path):
    events = log_of(tmp_path)
    kinds = [event["event"] for event in events]
    steps = ["step"] * 3 + ["epoch"]
    assert kinds == ["start", *steps, *steps, "validation", *steps, "validation", "end"]
    assert [event["iteration"] for event in events if event["event"] == "step"] == list(range(1, 10))
    assert [event["epoch"] for event in events if event["event"] == "validation"] == [2, 3]


def test_every_line_of_the_log_follows_the_schema(tmp_path):
    for event in log_of(tmp_path, more=[Interrupt(8)]):
        jsonschema.validate(event, SCHEMA)


def test_a_dice_that_is_no_number_is_null(tmp_path):
    log = RunLog(str(tmp_path))
    trainer = make_trainer(1, [log])
    trainer.validated(found(float("nan"), cases={"a": float("nan"), "b": 0.5}))
    event = json.loads((tmp_path / "run.jsonl").read_text(), parse_constant=pytest.fail)
    assert (event["dice"], event["cases"]) == (None, {"a": None, "b": 0.5})
    jsonschema.validate(event, SCHEMA)


def test_the_log_has_each_metric(tmp_path):
    network = make_network()
    evaluator = make_evaluator(network, metric=None, metrics=[HausdorffDistance(percentile=95), MeanDice()])
    trainer = make_trainer(1, [RunLog(str(tmp_path)), ValidationHandler(evaluator)], network=network)
    result = trainer.run()
    event = json.loads((tmp_path / "run.jsonl").read_text().splitlines()[-2])
    jsonschema.validate(event, SCHEMA)
    assert (event["key_metric"], event["dice"]) == ("hausdorff95", trainer.validation["dice"])
    assert event["metrics"]["dice"]["classes"].keys() == {"1"}
    assert event["metrics"]["hausdorff95"]["cases"] == event["cases"]
    assert result["best_hausdorff95"] == trainer.validation["hausdorff95"]


def test_a_torn_line_stays_apart_from_what_follows(tmp_path):
    (tmp_path / "run.jsonl").write_text('{"event": "ste')
    lines = [event["event"] for event in log_of_lines(tmp_path)]
    assert lines == ["start", "step", "step", "step", "epoch", "end"]


def log_of_lines(tmp_path):
    make_trainer(1, [RunLog(str(tmp_path))]).run()
    torn, *lines = (tmp_path / "run.jsonl").read_text().splitlines()
    assert torn == '{"event": "ste'
    return [json.loads(line) for line in lines]


def test_an_epochs_loss_is_the_mean_of_its_steps(tmp_path):
    events = log_of(tmp_path)
    steps = [event["loss"] for event in events if event["event"] == "step"]
    epochs = [event["loss"] for event in events if event["event"] == "epoch"]
    assert epochs == pytest.approx([np.mean(steps[first : first + 3]) for first in (0, 3, 6)])


def test_a_stop_is_the_last_word(tmp_path):
    events = log_of(tmp_path, more=[Interrupt(4)])
    assert events[-1]["event"] == "stop"
    assert (events[-1]["reason"], events[-1]["iteration"]) == ("SIGINT", 4)


@pytest.mark.parametrize(("by_epoch", "expected"), [(True, 0.1 * 0.5**2), (False, 0.1 * 0.5**6)])
def test_a_schedule_steps_by_epoch_or_by_step(by_epoch, expected):
    handlers = []

    def schedule(optimizer):
        handlers.append(LrScheduleHandler(torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5), by_epoch=by_epoch))
        return handlers[0]

    trainer = make_trainer(2, lr=0.1, schedule=schedule)
    trainer.run()
    assert trainer.optimizer.param_groups[0]["lr"] == pytest.approx(expected)


def test_an_interval_below_one_is_told():
    with pytest.raises(ValueError, match="interval must be >= 1 epochs, got 0"):
        ValidationHandler(make_evaluator(make_network()), interval=0)
    with pytest.raises(ValueError, match="evaluator must have a metric, got none"):
        ValidationHandler(make_evaluator(make_network(), metric=None))


def test_previews_show_the_middle_of_the_label_as_radiologists_look_at_it(tmp_path):
    label = torch.zeros(1, 4, 5, 7)
    label[0, 3, 4, 2:5] = 1  # at the patient's right, in front
    grid = Grid((4, 5, 7), np.diag([1.0, 2.0, 3.0, 1.0]))
    image = torch.zeros(1, 4, 5, 7)
    image[..., 3] = 1.0
    sample = {"image": Image(image, grid), "label": Image(label, grid), "pred": Image(label * 0, grid), "name": "a"}
    evaluator = make_evaluator(make_network())
    trainer = make_trainer(1)
    PreviewSaver(str(tmp_path), evaluator, cases=1).attach(trainer)
    for name in ("../a/1", "b"):
        evaluator.observers[0]({**sample, "name": name})
    assert [file.name for file in (tmp_path / "previews" / "epoch_0000").iterdir()] == ["_._a_1.npz"]
    slices = np.load(tmp_path / "previews" / "epoch_0000" / "_._a_1.npz")
    assert slices["truth"].shape == (5, 4)
    assert slices["spacing"].tolist() == [2, 1]
    assert slices["truth"][0, 0] == 1  # front is up, the patient's right is on the left
    assert slices["truth"].sum() == 1
    assert slices["image"].max() == 255 or slices["image"].max() == 0
    assert slices["prediction"].sum() == 0
