"""Everything that can be said against a bundle without running it."""

from __future__ import annotations

from collections.abc import Iterator

from bundlert.bundle.assemble import META
from bundlert.bundle.metadata import metadata_problems
from bundlert.config import check
from bundlert.config.tree import Node, Path, find, is_component, joined
from bundlert.errors import BundleError, BundlertError
from bundlert.registry.registry import Registry

# The metadata's side -> the argument of the network that must agree.
_SIDES = {"inputs": "in_channels", "outputs": "out_channels"}
_NETWORKS = ("network", "network_def")


def problems_of(root: Node, registry: Registry) -> list[BundlertError]:
    """All mistakes of an entry's tree: of the language, of the metadata, and between the two."""
    found = check.find_problems(root, registry)
    return [*found, *metadata_problems(root.value[META]), *_channel_problems(root)]


def _channel_problems(root: Node) -> Iterator[BundlertError]:
    """A network whose channels aren't those that the metadata promises."""
    network_id = next((name for name in _NETWORKS if name in root.value), None)
    if network_id is None or not is_component(root.value[network_id]):
        return
    for side, argument in _SIDES.items():
        taken = root.value[network_id].child(argument)
        promised = _promised(root, (META, "network_data_format", side))
        if taken is None or promised is None or not isinstance(taken.value, int) or not isinstance(promised.value, int):
            continue  # computed, or told elsewhere
        if taken.value != promised.value:
            yield BundleError(
                f"the network has {argument} {taken.value}, the metadata says {promised.value}",
                at=taken.key_mark,
                path=joined((network_id, argument)),
                expected=f"the num_channels at {promised.key_mark}",
                hint=f"write `{argument}: {promised.value}`, or correct the metadata",
            )


def _promised(root: Node, side: Path) -> Node | None:
    tensors = find(root, side)
    if tensors is None or not isinstance(tensors.value, dict) or not tensors.value:
        return None
    first: Node = next(iter(tensors.value.values()))
    return first.child("num_channels")
