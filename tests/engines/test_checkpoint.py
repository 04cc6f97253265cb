"""A training that is broken off anywhere and resumed ends with the weights of one that wasn't."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from engines.test_trainer import Interrupt
from engines.tiny import found, make_evaluator, make_loader, make_network, make_trainer, same_weights

from bundlert.engines.checkpoint import load_state, save_state
from bundlert.engines.handlers.checkpoint_saver import CheckpointSaver
from bundlert.engines.handlers.lr_schedule import LrScheduleHandler
from bundlert.engines.handlers.validation import ValidationHandler
from bundlert.errors import WeightsError
from bundlert.networks.weights import load_weights, read_tensors

LAST, BEST = "checkpoints/last.safetensors", "checkpoints/best.safetensors"


def cosine(optimizer):
    return LrScheduleHandler(torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3))


def unbroken():
    trainer = make_trainer(3, schedule=cosine)
    trainer.run()
    return trainer


@pytest.mark.parametrize("step", [1, 3, 4, 8])
def test_a_stopped_training_goes_on_bit_by_bit(step, tmp_path):
    make_trainer(3, [Interrupt(step), CheckpointSaver(str(tmp_path))], schedule=cosine).run()
    torch.manual_seed(999)  # what a new process would have
    resumed = make_trainer(
        3, [CheckpointSaver(str(tmp_path), resume=str(tmp_path / LAST))], network=make_network(5), schedule=cosine
    )
    assert resumed.run()["iterations"] == 9
    assert same_weights(resumed.network, unbroken().network)


CHILD = """
import sys
sys.path.insert(0, {tests!r})
import os, signal
from engines.tiny import make_trainer
from engines.test_checkpoint import cosine
from bundlert.engines.handlers.checkpoint_saver import CheckpointSaver
from ignite.engine import Events

class Kill:
    def attach(self, trainer):
        def kill():
            if trainer.iteration == {step}:
                os.kill(os.getpid(), signal.SIGKILL)
        trainer.engine.add_event_handler(Events.ITERATION_COMPLETED, kill)

make_trainer(3, [Kill(), CheckpointSaver({folder!r})], schedule=cosine).run()
"""


@pytest.mark.parametrize("step", [5, 8])
def test_a_killed_process_goes_on_bit_by_bit(step, tmp_path):
    code = CHILD.format(tests=str(Path(__file__).parents[1]), step=step, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    saver = CheckpointSaver(str(tmp_path), resume=str(tmp_path / LAST))
    resumed = make_trainer(3, [saver], network=make_network(5), schedule=cosine)
    resumed.run()
    assert same_weights(resumed.network, unbroken().network)


def test_a_finished_training_may_be_resumed_and_does_nothing(tmp_path):
    trainer = make_trainer(2, [CheckpointSaver(str(tmp_path))])
    trainer.run()
    again = make_trainer(2, [CheckpointSaver(str(tmp_path), resume=str(tmp_path / LAST))], network=make_network(5))
    assert again.run()["iterations"] == 6
    assert same_weights(again.network, trainer.network)


def test_the_best_weights_are_kept_in_the_form_that_networks_read(tmp_path):
    trainer = make_trainer(3)
    CheckpointSaver(str(tmp_path)).attach(trainer)
    trainer.validated(found(0.8))
    best = [tensor.clone() for tensor in trainer.network.state_dict().values()]
    trainer.run()
    trainer.validated(found(0.7))
    loaded = load_weights(make_network(5), tmp_path / BEST)
    assert all(torch.equal(a, b) for a, b in zip(loaded.state_dict().values(), best, strict=True))


def test_the_best_result_survives_a_resume(tmp_path):
    def handlers(resume=None):
        return lambda network: [
            ValidationHandler(make_evaluator(network)),
            CheckpointSaver(str(tmp_path), resume=resume),
        ]

    network = make_network()
    first = make_trainer(2, handlers()(network), network=network)
    first.run()
    network = make_network(5)
    second = make_trainer(3, handlers(str(tmp_path / LAST))(network), network=network)
    assert second.best == first.best
    assert second.validation == first.validation


def test_saves_come_after_so_many_steps_too(tmp_path):
    make_trainer(3, [CheckpointSaver(str(tmp_path), every_steps=2), Interrupt(8, times=2)], schedule=cosine)
    trainer = make_trainer(3, [CheckpointSaver(str(tmp_path), every_steps=2), Interrupt(9, times=2)])
    with pytest.raises(KeyboardInterrupt):
        trainer.run()
    resumed = make_trainer(3, [], network=make_network(5))
    load_state(resumed, tmp_path / LAST)
    assert resumed.iteration == 8


def test_other_trainings_states_are_refused(tmp_path):
    trainer = make_trainer(1)
    save_state(trainer, tmp_path / "state.safetensors")
    with pytest.raises(WeightsError, match=r"is of a training with 3 steps an epoch\n  got: 2 now"):
        load_state(make_trainer(1, loader=make_loader(batch_size=4)), tmp_path / "state.safetensors")
    with pytest.raises(WeightsError, match="belongs to another network or optimizer"):
        load_state(make_trainer(1, network=torch.nn.Conv2d(1, 2, 1)), tmp_path / "state.safetensors")
    trainer.validated(found(1.0))
    CheckpointSaver(str(tmp_path)).attach(trainer)
    trainer.validated(found(2.0))
    with pytest.raises(WeightsError, match="holds weights, not the state of a training"):
        load_state(make_trainer(1), tmp_path / BEST)


def test_a_state_holds_no_pickle(tmp_path):
    trainer = make_trainer(1, schedule=cosine)
    trainer.run()
    save_state(trainer, tmp_path / "state.safetensors")
    tensors, header = read_tensors(tmp_path / "state.safetensors")
    assert set(header) == {"bundlert_state"}
    assert "/network/0.weight" in tensors
    assert (tmp_path / "state.safetensors").stat().st_size < 60_000


def test_numbers_below_one_are_told():
    with pytest.raises(ValueError, match="interval and every_steps must be >= 1, got 0 and None"):
        CheckpointSaver("x", interval=0)


def test_the_weights_in_a_state_can_be_used_alone(tmp_path):
    trainer = make_trainer(1)
    trainer.run()
    save_state(trainer, tmp_path / "state.safetensors")
    assert same_weights(load_weights(make_network(5), tmp_path / "state.safetensors"), trainer.network)
