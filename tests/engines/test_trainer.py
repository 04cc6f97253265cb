import math
import os
import signal

import pytest
import torch
from engines.tiny import found, make_evaluator, make_loader, make_loss, make_network, make_trainer, same_weights
from ignite.engine import Events

from bundlert import progress
from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.engines.events import TrainingEvents
from bundlert.engines.trainer import Trainer
from bundlert.errors import DataError
from bundlert.metrics.dice import MeanDice
from bundlert.metrics.iou import MeanIoU


class Listen:
    """Notes the events of a training."""

    def __init__(self, *events):
        self.events, self.heard = events, []

    def attach(self, trainer):
        for event in self.events:
            trainer.engine.add_event_handler(event, self.hear, trainer, event.value)

    def hear(self, trainer, name):
        self.heard.append((name, trainer.iteration))


def test_all_data_is_seen_so_many_times():
    listen = Listen(Events.EPOCH_COMPLETED)
    result = make_trainer(3, [listen]).run()
    assert result == {"stopped": False, "epochs": 3, "iterations": 9, "loss": result["loss"]}
    assert [iteration for _, iteration in listen.heard] == [3, 6, 9]


def test_the_loss_falls():
    trainer = make_trainer(12, lr=0.05)
    first = make_trainer(1, lr=0.0)
    first.run()
    assert trainer.run()["loss"] < 0.7 * first.loss


def test_the_same_seeds_give_the_same_weights():
    one = make_trainer(2)
    one.run()
    other = make_trainer(2)
    other.run()
    assert same_weights(one.network, other.network)


def test_the_best_validation_is_remembered():
    trainer = make_trainer(1, [listen := Listen(TrainingEvents.VALIDATED)])
    for dice in (0.4, 0.6, 0.5):
        trainer.validated(found(dice))
    assert trainer.best == {"dice": 0.6, "epoch": 0}
    assert trainer.validation["best"] is False
    assert len(listen.heard) == 3


def test_the_best_distance_is_the_least_and_no_number_is_never_best():
    trainer, best = make_trainer(1), []
    for distance in (math.nan, math.inf, 4.0, 5.0, 3.0):
        trainer.validated(found(distance, "hausdorff95", higher_is_better=False))
        best.append(trainer.validation["best"])
    assert best == [False, True, True, False, True]
    assert trainer.run().items() >= {"best_hausdorff95": 3.0, "best_epoch": 0}.items()


class Interrupt:
    """Presses Ctrl-C at a step."""

    def __init__(self, step, times=1):
        self.step, self.times = step, times

    def attach(self, trainer):
        def press():
            if trainer.iteration == self.step:
                for _ in range(self.times):
                    os.kill(os.getpid(), signal.SIGINT)

        trainer.engine.add_event_handler(Events.ITERATION_STARTED, press)


def test_ctrl_c_finishes_the_step_and_stops():
    listen = Listen(TrainingEvents.STOPPED, Events.COMPLETED)
    before = signal.getsignal(signal.SIGINT)
    result = make_trainer(3, [Interrupt(4), listen]).run()
    assert (result["stopped"], result["iterations"]) == (True, 4)
    assert listen.heard == [("stopped", 4)]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_stops_at_once():
    with pytest.raises(KeyboardInterrupt):
        make_trainer(3, [Interrupt(2, times=2)]).run()


def test_a_loss_that_is_no_number_stops_with_the_cases():
    network = make_network()
    network[0].bias.data[0] = float("nan")
    with pytest.raises(DataError, match=r"the loss is nan at epoch 1, step 1\n  got: samples of case \d, case \d"):
        make_trainer(network=network).run()


def test_progress_shows_figures():
    shown = {}

    class Bar(progress.Task):
        def advance(self, _steps=1, **figures):
            shown.update(figures)

    class Screen(progress.Display):
        from contextlib import contextmanager

        @contextmanager
        def task(self, _what, *, total, unit, done):
            assert (total, unit, done) == (3, "step", 0)
            yield Bar()

    trainer = make_trainer(1)
    with progress.shown_by(Screen()):
        trainer.run()
    assert set(shown) == {"loss", "samples_per_s", "memory_bytes"}
    assert shown["memory_bytes"] > 1e6
    trainer = make_trainer(1)
    trainer.validated(make_evaluator(trainer.network, metrics=[MeanDice(), MeanIoU()], metric=None).run())
    with progress.shown_by(Screen()):
        trainer.run()
    assert set(shown) == {"loss", "samples_per_s", "memory_bytes", "dice", "iou"}


def test_wrong_arguments_are_told():
    with pytest.raises(ValueError, match="max_epochs must be >= 1, got 0"):
        make_trainer(0)
    with pytest.raises(ValueError, match="loader must have at least one batch"):
        make_trainer(loader=Loader(Dataset([])))
    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    with pytest.raises(ValueError, match="amp must be true, false, fp16 or bf16, got 'fp8'"):
        Trainer(network, optimizer, make_loss(), make_loader(), 1, amp="fp8")


def test_mixed_precision_trains_too():
    network = make_network()
    optimizer = torch.optim.Adam(network.parameters(), 0.05)
    trainer = Trainer(network, optimizer, make_loss(), make_loader(), 8, amp="bf16")
    assert trainer.run()["loss"] < 1.2
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
