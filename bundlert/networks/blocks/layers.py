"""Layers by name, in one to three spatial dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from torch import nn

from bundlert.text import did_you_mean, listed

# A name, or a name with its arguments: `PRELU`, `("LEAKYRELU", {"negative_slope": 0.1})`.
Named: TypeAlias = str | tuple[str, Mapping[str, Any]] | list[Any]

CONVOLUTIONS: dict[int, type[nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED: dict[int, type[nn.Module]] = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
DROPOUTS: dict[int, type[nn.Module]] = {1: nn.Dropout, 2: nn.Dropout2d, 3: nn.Dropout3d}
_NORMS: dict[str, dict[int, type[nn.Module]]] = {
    "BATCH": {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d},
    "INSTANCE": {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d},
}
_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "ELU": nn.ELU,
    "GELU": nn.GELU,
    "LEAKYRELU": nn.LeakyReLU,
    "PRELU": nn.PReLU,
    "RELU": nn.ReLU,
    "SIGMOID": nn.Sigmoid,
    "SWISH": nn.SiLU,
    "TANH": nn.Tanh,
}


def make_norm(norm: Named, spatial_dims: int, channels: int) -> nn.Module:
    """A normalisation: `BATCH`, `INSTANCE`, or `("GROUP", {"num_groups": 8})`.

    Raises:
        ValueError: There is no norm of this name.
    """
    name, arguments = _parsed(norm)
    if name == "GROUP":
        return nn.GroupNorm(num_channels=channels, **arguments)
    return _chosen("norm", name, {key: kinds[spatial_dims] for key, kinds in _NORMS.items()}, "GROUP")(
        channels, **arguments
    )


def make_activation(act: Named) -> nn.Module:
    """An activation: `PRELU`, `RELU`, ...

    Raises:
        ValueError: There is no activation of this name.
    """
    name, arguments = _parsed(act)
    return _chosen("act", name, _ACTIVATIONS)(**arguments)


def _parsed(named: Named) -> tuple[str, Mapping[str, Any]]:
    if isinstance(named, str):
        return named.upper(), {}
    name, arguments = named
    return str(name).upper(), arguments


def _chosen(what: str, name: str, known: Mapping[str, type[nn.Module]], *more: str) -> type[nn.Module]:
    if name not in known:
        names = sorted([*known, *more])
        guess = did_you_mean(name, names)
        raise ValueError(f"{what} must be one of {listed(names)}, got '{name}'{f': {guess}' if guess else ''}")
    return known[name]
