"""Weights on disk: safetensors only, so that reading them runs no code. The one reader and writer of the house."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from bundlert.errors import WeightsError
from bundlert.files import atomic, readable
from bundlert.text import did_you_mean, listed

Network = TypeVar("Network", bound=nn.Module)

_SHOWN = 5
STATE_PREFIX = "/network/"  # before the names of the network's own tensors in the whole state of a training
_CODE = (".pt", ".pth", ".ts", ".ckpt", ".pkl", ".bin")


def read_tensors(file: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a safetensors file by name, and the texts of its header.

    Raises:
        WeightsError: There is no such file, or it isn't a whole safetensors file.
    """
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 (20 ms that most imports needn't pay)

    place = Path(file)
    _look(place)
    try:
        with safe_open(place, framework="pt") as opened:
            return {name: opened.get_tensor(name) for name in opened.keys()}, opened.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise WeightsError(f"'{place}' isn't a whole safetensors file", got=str(error)) from None


def write_tensors(file: str | Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write tensors, whole or not at all."""
    from safetensors.torch import save_file  # noqa: PLC0415

    with atomic(Path(file)) as temporary:
        save_file(
            {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
            temporary,
            dict(metadata or {}),
        )


def save_weights(network: nn.Module, file: str | Path, about: Mapping[str, object] | None = None) -> None:
    """Write a network's weights, with words about them in the header."""
    texts = {"about": json.dumps(about)} if about else None
    write_tensors(file, {name: tensor.clone() for name, tensor in network.state_dict().items()}, texts)


def load_weights(network: Network, file: str | Path, *, strict: bool = True) -> Network:
    """Put the weights of a file into a network, and give the network.

    Args:
        network: Any module.
        file: A `.safetensors` file of weights, or the whole state of a training (`last.safetensors`).
        strict: Whether every weight must be in the file, and the file hold nothing else.

    Raises:
        WeightsError: The file can't be read, holds NaN or infinity, or belongs to another network.
    """
    tensors = _weights_of(file)
    own = network.state_dict()
    shapes = [
        f"{name}: {tuple(tensors[name].shape)} in the file, {tuple(own[name].shape)} in the network"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    differences = {
        "missing in the file": [name for name in own if name not in tensors] if strict else [],
        "not in the network": [name for name in tensors if name not in own] if strict else [],
        "of another shape": shapes,
    }
    if any(differences.values()):
        raise WeightsError(
            f"the weights in '{file}' belong to another network",
            got="; ".join(_row(words, names) for words, names in differences.items() if names),
            hint="use the sizes that these weights were trained with",
        )
    bad = [name for name, tensor in tensors.items() if tensor.is_floating_point() and not torch.isfinite(tensor).all()]
    if bad:
        raise WeightsError(f"the weights in '{file}' hold NaN or infinity", got=listed(bad, most=_SHOWN))
    network.load_state_dict({name: tensors[name] for name in own if name in tensors}, strict=strict)
    return network


def _weights_of(file: str | Path) -> dict[str, Tensor]:
    tensors, _ = read_tensors(file)
    inside = {name: tensor for name, tensor in tensors.items() if name.startswith(STATE_PREFIX)}
    return {name.removeprefix(STATE_PREFIX): tensor for name, tensor in inside.items()} or tensors


def _row(words: str, names: Iterable[str]) -> str:
    names = list(names)
    return f"{len(names)} {words}: {listed(names, most=_SHOWN)}"


def _look(place: Path) -> None:
    readable(place)
    if place.suffix in _CODE:
        raise WeightsError(
            f"'{place}' may hold code and isn't loaded",
            expected="a .safetensors file",
            hint="where you trust it: safetensors.torch.save_file(torch.load(FILE, weights_only=True), NEW_FILE)",
        )
    if not place.is_file():
        beside = [one.name for one in place.parent.glob("*.safetensors")] if place.parent.is_dir() else []
        raise WeightsError(
            f"there are no weights '{place}'",
            expected=f"one of {listed(beside)}" if beside else None,
            hint=did_you_mean(place.name, beside) or "train first, or name another file: weights=FILE",
        )
