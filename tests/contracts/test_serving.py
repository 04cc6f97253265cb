"""What datasets, loaders, inferers and handlers promise."""

import numpy as np
import pytest
import torch
from contracts.examples import DATASETS, HANDLERS, INFERERS, LOADERS, SERVED, components, made
from engines.tiny import Noise, make_evaluator, make_loader, make_loss, make_network, samples

from bundlert.data.dataset import Dataset
from bundlert.engines.trainer import Trainer


def each(kind):
    return pytest.mark.parametrize("component", components(kind), ids=lambda one: one.name)


def numbers(items):
    return [item["image"].data.tolist() for item in items]


@each("dataset")
def test_an_item_depends_on_its_index_and_the_generator_alone(component):
    dataset = made(component, samples(3), Noise("image"), **DATASETS[component.name])
    plain = Dataset(samples(3), Noise("image"))
    assert len(dataset) == 3
    for index in (2, 0, 2, 1):  # any order, and again
        items = dataset.sample(index, np.random.default_rng(index))
        assert numbers(items) == numbers(plain.sample(index, np.random.default_rng(index)))
        assert items[0]["name"] == f"case {index}"
    other = dataset.sample(0, np.random.default_rng(1))
    assert numbers(other) != numbers(dataset.sample(0, np.random.default_rng(0)))


@each("loader")
def test_an_epoch_serves_every_item_once_and_can_be_served_again(component):
    loader = made(component, SERVED.get(component.name, Dataset)(samples(5)), **LOADERS[component.name])
    first, again, second = ([batch.samples for batch in loader.batches(epoch)] for epoch in (1, 1, 2))
    assert len(first) == len(loader) == 3
    named = [[sample["name"] for batch in epoch for sample in batch] for epoch in (first, again, second)]
    assert sorted(named[0]) == sorted(named[2]) == [f"case {number}" for number in range(5)]
    assert named[0] == named[1]


@each("inferer")
@pytest.mark.parametrize("size", [(8, 9), (3, 12)])
def test_an_inferer_gives_what_a_network_that_looks_at_single_voxels_gives(component, size):
    images = torch.randn(2, 1, *size, generator=torch.Generator().manual_seed(0))

    def network(windows):
        return torch.cat([windows * 2, windows.sin()], dim=1)

    found = made(component, **INFERERS[component.name])(network, images)
    torch.testing.assert_close(found, network(images))


@each("handler")
def test_a_handler_joins_a_training_and_lets_it_end(component, tmp_path):
    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    given = {
        "folder": str(tmp_path),
        "evaluator": make_evaluator(network),
        "schedule": torch.optim.lr_scheduler.ExponentialLR(optimizer, 1.0),
    }
    handler = made(component, **HANDLERS[component.name](**given))
    result = Trainer(network, optimizer, make_loss(), make_loader(), 2, handlers=[handler]).run()
    assert (result["epochs"], result["stopped"]) == (2, False)
    alone = make_network()
    Trainer(alone, torch.optim.SGD(alone.parameters(), 0.1), make_loss(), make_loader(), 2).run()
    for ours, theirs in zip(network.state_dict().values(), alone.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)  # it watches; a schedule with the factor 1 does, too
