"""A network beside all that several backends need of it, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor, nn

from bundlert.inferers.backends.runner import Request, computing_in, random_windows

_T = TypeVar("_T")


class Source:
    """A network that is to be made ready for windows.

    Args:
        network: The network, in evaluation mode.
        request: What windows it is for.
        folder: Where what is converted is kept, and looked for; None for nowhere.
    """

    def __init__(self, network: nn.Module, request: Request, folder: Path | None) -> None:
        self.network, self.request, self.folder = network, request, folder
        self._made: dict[str, Any] = {}

    @property
    def dims(self) -> int:
        """Axes of a window."""
        return len(self.request.shape) - 1

    @cached_property
    def windows(self) -> Tensor:
        """Random windows."""
        return random_windows(self.request)

    @cached_property
    def output(self) -> Any:
        """What the network gives for the random windows when torch runs it as it is, in float32."""
        with computing_in("fp32", self.request.device):
            return self.network(self.windows)

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What `make` gave when it was first asked for under this name."""
        if name not in self._made:
            self._made[name] = make()
        found: _T = self._made[name]
        return found
