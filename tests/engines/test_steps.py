import torch
from torch import nn

from bundlert.data.collate import Batch
from bundlert.engines.precision import Precision, make_precision
from bundlert.engines.steps import Prediction, Training, place_network, placed, predict_step, train_step

CPU = torch.device("cpu")
BATCH = Batch({"ct": torch.tensor([[1.0, 2.0], [3.0, -1.0]]), "truth": torch.tensor([[1.0], [0.0]])}, [{}, {}])


def plain(network, images):
    return network(images)


def linear():
    network = nn.Linear(2, 1, bias=False)
    network.weight.data = torch.tensor([[0.5, -0.5]])
    return network


def training(network, lr=0.1):
    optimizer = torch.optim.SGD(network.parameters(), lr)
    return Training(network, optimizer, nn.MSELoss(), plain, Precision(), CPU, "ct", "truth")


def test_a_training_step_worked_out_by_hand():
    network = linear()
    loss = train_step(training(network), BATCH)
    # outputs -0.5 and 2, errors -1.5 and 2; gradient = mean of 2 * error * image
    assert loss.item() == (1.5**2 + 2**2) / 2
    assert not loss.requires_grad
    gradient = torch.tensor([-1.5 * 1 + 2 * 3, -1.5 * 2 + 2 * -1])
    torch.testing.assert_close(network.weight[0].detach(), torch.tensor([0.5, -0.5]) - 0.1 * gradient)


def test_gradients_of_the_step_before_dont_count():
    network = linear()
    network.weight.grad = torch.full((1, 2), 1e6)
    train_step(training(network, lr=0.0), BATCH)
    assert network.weight.grad.abs().max() < 10


def test_a_prediction_needs_no_gradient_and_is_float32_whatever_the_precision():
    for amp in (False, "bf16"):
        scores = predict_step(Prediction(linear(), plain, make_precision(amp, CPU), CPU, "ct"), BATCH)
        assert scores.dtype == torch.float32
        assert not scores.requires_grad
        assert scores.flatten().tolist() == [-0.5, 2.0]


def test_the_inferer_decides_how_the_network_is_applied():
    run = Prediction(linear(), lambda network, images: network(images) + 10, Precision(), CPU, "ct")
    assert predict_step(run, BATCH).flatten().tolist() == [9.5, 12.0]


def test_volumes_and_their_kernels_have_the_channel_last_and_keep_their_values():
    volume = torch.randn(2, 3, 4, 5, 6)
    assert placed(volume, CPU).is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(placed(volume, CPU), volume)
    assert placed(volume[0], CPU).is_contiguous()
    network = nn.Sequential(nn.Conv3d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2))
    before = network[0].weight.clone()
    assert place_network(network, CPU) is network
    assert network[0].weight.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(network[0].weight, before)


def test_flat_networks_stay_as_they_are():
    network = nn.Conv2d(3, 4, 3)
    assert place_network(network, CPU).weight.is_contiguous()
