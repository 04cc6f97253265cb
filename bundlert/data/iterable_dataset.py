"""Samples as they come: from what has no length, or can only be read from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import numpy as np
from torch.utils import data as torch_data

from bundlert.data.about_item import about_item
from bundlert.transforms.base import Sample, SampleTransform
from bundlert.transforms.compose import as_list

Numbered = tuple[int, Sample]


class IterableDataset(torch_data.IterableDataset[Sample]):
    """A source of samples, and what is done to each; served by `StreamLoader`, or by torch's loader.

    The chance in a sample is a function of `seed`, the epoch and its number in the source, as in `Loader`: the same
    whatever serves it, and after a resume. Each worker of torch's loader gets every n-th sample of the source.

    Args:
        data: What can be run through once an epoch, or a function that gives such.
        transform: Applied when a sample comes; nothing if None.
        seed: Of random transforms.
    """

    def __init__(
        self,
        data: Iterable[Sample] | Callable[[], Iterable[Sample]],
        transform: SampleTransform | None = None,
        *,
        seed: int = 0,
    ) -> None:
        self.data, self.transform, self.seed = data, transform, seed
        self._epoch = 1

    def set_epoch(self, epoch: int) -> None:
        """Which epoch is run through next, where nobody says so then."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[Sample]:
        worker = torch_data.get_worker_info()
        part, parts = (worker.id, worker.num_workers) if worker else (0, 1)
        for number, item in self.items(self._epoch, part, parts):
            yield from self.transformed(self._epoch, number, item)

    def items(self, epoch: int, part: int = 0, parts: int = 1) -> Iterator[Numbered]:
        """The samples of an epoch as the source has them, with their numbers there: one part of several.

        Args:
            epoch: From 1.
            part: Which part, from 0: every `parts`-th sample.
            parts: How many there are.
        """
        source = self.data() if callable(self.data) else self.data
        chance = np.random.SeedSequence([self.seed, epoch], spawn_key=(part, parts))
        return self.ordered(islice(enumerate(source), part, None, parts), np.random.default_rng(chance))

    def ordered(self, items: Iterator[Numbered], rng: np.random.Generator) -> Iterator[Numbered]:  # noqa: ARG002
        """The samples of one part in the order in which they are served: as they come."""
        return items

    def transformed(self, epoch: int, number: int, item: Sample) -> list[Sample]:
        """What a sample becomes: one, or several random parts of it."""
        with about_item(number, item):
            rng = np.random.default_rng([self.seed, epoch, number])
            return [item] if self.transform is None else as_list(self.transform(item, rng))


class ShuffleBuffer(IterableDataset):
    """Samples in a random order, as far as a buffer allows: each is one of the `buffer_size` that came last.

    The order is a function of `seed`, the epoch, and the part that is asked for.

    Args:
        data: As in `IterableDataset`.
        transform: As there; applied after the buffer, which holds samples as the source has them.
        buffer_size: Samples that wait.
        seed: Of the order and of random transforms.

    Raises:
        ValueError: A buffer_size < 1.
    """

    def __init__(
        self,
        data: Iterable[Sample] | Callable[[], Iterable[Sample]],
        transform: SampleTransform | None = None,
        buffer_size: int = 512,
        seed: int = 0,
    ) -> None:
        super().__init__(data, transform, seed=seed)
        if buffer_size < 1:
            raise ValueError(f"buffer_size must be >= 1, got {buffer_size}")
        self.buffer_size = buffer_size

    def ordered(self, items: Iterator[Numbered], rng: np.random.Generator) -> Iterator[Numbered]:
        """One of those that wait, whenever another comes; at last those that are left."""
        waiting = list(islice(items, self.buffer_size))
        for item in items:
            place = int(rng.integers(len(waiting)))
            yield waiting[place]
            waiting[place] = item
        for place in rng.permutation(len(waiting)):
            yield waiting[place]
