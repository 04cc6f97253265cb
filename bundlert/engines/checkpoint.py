"""A whole training state in one safetensors file: tensors as tensors, everything else as JSON in the header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from bundlert.errors import WeightsError
from bundlert.networks.weights import read_tensors, write_tensors

if TYPE_CHECKING:
    from bundlert.engines.trainer import Trainer

_STRUCTURE = "bundlert_state"


def save_state(trainer: Trainer, file: Path) -> None:
    """Write all that is needed to go on as if nothing had happened."""
    tensors: dict[str, Tensor] = {}
    structure = _packed(_state_of(trainer), "", tensors)
    write_tensors(file, {name: tensor.clone() for name, tensor in tensors.items()}, {_STRUCTURE: json.dumps(structure)})


def load_state(trainer: Trainer, file: Path) -> None:
    """Go on from a file that `save_state` wrote.

    Raises:
        WeightsError: It isn't such a file, or belongs to another network or optimizer.
    """
    tensors, header = read_tensors(file)
    if _STRUCTURE not in header:
        raise WeightsError(f"'{file}' holds weights, not the state of a training", hint="resume from last.safetensors")
    state = _unpacked(json.loads(header[_STRUCTURE]), tensors)
    if state["loop"]["epoch_length"] != len(trainer.loader):
        raise WeightsError(
            f"'{file}' is of a training with {state['loop']['epoch_length']} steps an epoch",
            got=f"{len(trainer.loader)} now",
            hint="resume with the same data, batch size and overrides",
        )
    try:
        trainer.network.load_state_dict(state["network"])
        trainer.optimizer.load_state_dict(state["optimizer"])
    except (RuntimeError, ValueError) as error:
        raise WeightsError(f"'{file}' belongs to another network or optimizer", got=str(error)[:300]) from None
    trainer.precision.load_state_dict(state["precision"])
    for handler, kept in zip(_with_state(trainer), state["handlers"], strict=True):
        handler.load_state_dict(kept)
    trainer.best = state["loop"]["best"]
    trainer.validation = state["loop"]["validation"]
    trainer.start_from(state["loop"]["iteration"])
    _set_chance(state["chance"])


def _state_of(trainer: Trainer) -> dict[str, Any]:
    loop = {
        "iteration": trainer.iteration,
        "epoch_length": len(trainer.loader),
        "best": trainer.best,
        "validation": trainer.validation,
    }
    return {
        "network": trainer.network.state_dict(),
        "optimizer": trainer.optimizer.state_dict(),
        "precision": trainer.precision.state_dict(),
        "handlers": [handler.state_dict() for handler in _with_state(trainer)],
        "loop": loop,
        "chance": _chance(),
    }


def _with_state(trainer: Trainer) -> list[Any]:
    return [handler for handler in trainer.handlers if hasattr(handler, "state_dict")]


def _chance() -> dict[str, Tensor]:
    """The states of torch's generators: dropout draws from them."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _set_chance(states: dict[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])


# ---- nested values to flat tensors and back; JSON knows neither tuples nor number keys, and rounds no float here


def _packed(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        tensors[name] = value
        return {"tensor": name}
    if isinstance(value, dict):
        pairs = [[_packed(key, "", tensors), _packed(kid, f"{name}/{key}", tensors)] for key, kid in value.items()]
        return {"dict": pairs}
    if isinstance(value, list | tuple):
        items = [_packed(kid, f"{name}/{index}", tensors) for index, kid in enumerate(value)]
        return {"tuple" if isinstance(value, tuple) else "list": items}
    if isinstance(value, float):
        return {"float": value.hex()}
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"a checkpoint can't hold a {type(value).__name__} (at '{name}')")


def _unpacked(value: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {_unpacked(key, tensors): _unpacked(kid, tensors) for key, kid in content}
    if kind == "float":
        return float.fromhex(content)
    items = [_unpacked(kid, tensors) for kid in content]
    return tuple(items) if kind == "tuple" else items
