"""What happens to one batch, top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from bundlert.data.collate import Batch
from bundlert.engines.precision import Precision

Inferer: TypeAlias = Callable[[nn.Module, Tensor], Tensor]


@dataclass(frozen=True)
class Training:
    """All that a training step needs."""

    network: nn.Module
    optimizer: Optimizer
    loss: nn.Module
    inferer: Inferer
    precision: Precision
    device: torch.device
    image_key: str
    label_key: str


@dataclass(frozen=True)
class Prediction:
    """All that a prediction step needs."""

    network: nn.Module
    inferer: Inferer
    precision: Precision
    device: torch.device
    image_key: str


def train_step(run: Training, batch: Batch) -> Tensor:
    """Learn from one batch; gives the loss, detached."""
    images, labels = placed(batch[run.image_key], run.device), placed(batch[run.label_key], run.device)
    run.optimizer.zero_grad(set_to_none=True)
    with run.precision.forward():
        loss: Tensor = run.loss(run.inferer(run.network, images), labels)
    run.precision.backward(loss)
    run.precision.step(run.optimizer)
    return loss.detach()


def predict_step(run: Prediction, batch: Batch) -> Tensor:
    """The network's scores for one batch, [B, K, *S], in float32."""
    images = placed(batch[run.image_key], run.device)
    with torch.inference_mode(), run.precision.forward():
        return run.inferer(run.network, images).float()


def placed(tensor: Tensor, device: torch.device) -> Tensor:
    """A batch on the device; volumes with the channel last in memory, in which 3-D convolutions are fastest."""
    if tensor.ndim == 5:
        return tensor.to(device, memory_format=torch.channels_last_3d)
    return tensor.to(device)


def place_network(network: nn.Module, device: torch.device) -> nn.Module:
    """The network on the device, its 3-D kernels laid out as `placed` lays out volumes."""
    if any(parameter.ndim == 5 for parameter in network.parameters()):
        network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    return network.to(device)
