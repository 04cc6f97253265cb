"""A Trainer equals the loop that anybody would write with torch alone, bit for bit."""

import pytest
import torch
from engines.tiny import make_loader, make_loss, make_network, samples

from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.engines.trainer import Trainer
from bundlert.networks.unet import UNet

OPTIMIZERS = {
    "sgd": lambda network: torch.optim.SGD(network.parameters(), 0.05, momentum=0.9),
    "adam": lambda network: torch.optim.Adam(network.parameters(), 0.01),
}


def plain_loop(network, optimizer, batches, loss):
    """Imports nothing from the engines."""
    network.train()
    for images, labels in batches:
        optimizer.zero_grad()
        value = loss(network(images), labels)
        value.backward()
        optimizer.step()
    return value.item()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_trainer_equals_the_plain_loop(name, threads):
    ours, theirs = make_network(), make_network()
    loader = make_loader(num_workers=threads)
    batches = [(batch["image"], batch["label"]) for epoch in (1, 2) for batch in make_loader().batches(epoch)]
    torch.manual_seed(11)  # for dropout
    loss = plain_loop(theirs, OPTIMIZERS[name](theirs), batches, make_loss())
    torch.manual_seed(11)
    result = Trainer(ours, OPTIMIZERS[name](ours), make_loss(), loader, 2).run()
    assert result["loss"] == loss
    for one, other in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_in_three_dimensions_it_equals_the_loop_with_the_same_memory_format():
    def volumes():
        for sample in samples(4):
            yield {key: value for key, value in sample.items() if key == "name"} | {
                key: _as_volume(sample[key]) for key in ("image", "label")
            }

    def network():
        torch.manual_seed(0)
        return UNet(3, 1, 2, (2, 4), (2,), num_res_units=2, norm="BATCH")

    ours, theirs = network(), network().to(memory_format=torch.channels_last_3d)
    loader = Loader(Dataset(list(volumes())), batch_size=2)
    batches = [
        (batch["image"].to(memory_format=torch.channels_last_3d), batch["label"])
        for _ in range(2)
        for batch in loader.batches()
    ]
    loss = plain_loop(theirs, OPTIMIZERS["sgd"](theirs), batches, make_loss())
    assert Trainer(ours, OPTIMIZERS["sgd"](ours), make_loss(), loader, 2).run()["loss"] == loss
    for one, other in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def _as_volume(image):
    import numpy as np

    from bundlert.images.grid import Grid
    from bundlert.images.image import Image

    return Image(image.data[..., None].repeat(1, 1, 1, 8), Grid((8, 8, 8), np.eye(4)))
