import itertools

import pytest
import torch
from inferers.tiny import conv_network

from bundlert.inferers.augmentation import TestTimeAugmentation as Augmentation  # by its own name pytest would take it
from bundlert.inferers.sliding_window import SlidingWindowInferer


def brute_force(network, images, flips, planes):
    results = [network(images)]
    for axes in ([axis + 2 for axis in flip] for flip in flips):
        mirrored = images.flip(axes)
        results.append(network(mirrored).flip(axes))
    for (a, b), quarters in itertools.product(planes, (1, 2, 3)):
        turned = torch.rot90(images, quarters, (a + 2, b + 2))
        results.append(torch.rot90(network(turned), 4 - quarters, (a + 2, b + 2)))
    return torch.stack(results)


@pytest.mark.parametrize(
    ("flips", "planes"), [([], []), ([[0], [1, 2]], []), ([], [[0, 1], [1, 2]]), ([[0], [1], [0, 1, 2]], [[0, 2]])]
)
def test_it_gives_the_mean_and_the_deviation_of_all_results(flips, planes):
    network, images = conv_network(), torch.rand(2, 1, 5, 6, 7)
    with torch.inference_mode():
        expected = brute_force(network, images, flips, planes).double()
        mean, deviation = Augmentation(flips=flips, rotations=planes, return_std=True)(network, images)
        alone = Augmentation(flips=flips, rotations=planes)(network, images)
    torch.testing.assert_close(mean.double(), expected.mean(0), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(deviation.double(), expected.std(0, correction=0), atol=1e-5, rtol=1e-4)
    assert torch.equal(alone, mean)


def test_what_doesnt_depend_on_direction_comes_back_exactly():
    images = torch.rand(1, 1, 5, 6)
    mean, deviation = Augmentation(flips=[[0], [1]], rotations=[[0, 1]], return_std=True)(lambda given: given, images)
    assert torch.equal(mean, images)
    assert deviation.abs().max() == 0


def test_another_inferer_applies_the_network():
    sizes = []
    inner = SlidingWindowInferer((4, 4), 8)
    images = torch.rand(1, 1, 6, 9)
    found = Augmentation(inner, rotations=[[0, 1]])(lambda windows: sizes.append(windows.shape[2:]) or windows, images)
    torch.testing.assert_close(found, images)
    assert set(sizes) == {(4, 4)}


def test_each_of_several_outputs_has_its_mean():
    images = torch.rand(1, 1, 4, 4)
    found = Augmentation()(lambda given: {"up": given.cumsum(2), "twice": [given * 2]}, images)
    expected = (images.cumsum(2) + images.flip(2).cumsum(2).flip(2)) / 2
    torch.testing.assert_close(found["up"], expected)
    torch.testing.assert_close(found["twice"][0], images * 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"flips": [[0, 0]]}, r"must name different axes, from 0, got \[0, 0\]"),
        ({"flips": [[-1]]}, r"must name different axes, from 0, got \[-1\]"),
        ({"flips": [[]]}, r"must name different axes, from 0, got \[\]"),
        ({"rotations": [[0]]}, r"a plane has two axes, got \[\[0\]\]"),
    ],
)
def test_wrong_axes_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(**options)


def test_an_axis_that_isnt_there_is_told():
    with pytest.raises(ValueError, match=r"there is no axis 2 in images \(1, 1, 4, 4\)"):
        Augmentation(flips=[[2]])(lambda given: given, torch.zeros(1, 1, 4, 4))
