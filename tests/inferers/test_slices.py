import pytest
import torch
from inferers.tiny import conv_network

from bundlert.inferers.slices import SliceInferer


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_slice_is_what_the_network_gives_for_it_alone(axis):
    network, images = conv_network(dims=2), torch.rand(2, 1, 6, 7, 8)
    with torch.inference_mode():
        found = SliceInferer(axis, sw_batch_size=5)(network, images)
        expected = torch.stack([network(one) for one in images.unbind(axis + 2)], dim=axis + 2)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_windows_slide_in_each_slice():
    shapes = []

    def network(windows):
        shapes.append(tuple(windows.shape))
        return windows

    image = torch.rand(1, 1, 6, 9, 4)
    found = SliceInferer(2, (4, 5), sw_batch_size=3, overlap=0.5, mode="gaussian")(network, image)
    torch.testing.assert_close(found, image)
    assert set(shapes) == {(3, 1, 4, 5)}


def test_slices_of_images_are_lines():
    image = torch.rand(2, 3, 6, 5)
    torch.testing.assert_close(SliceInferer(1, 4)(lambda lines: lines * 2, image), image * 2)


def test_slices_outside_of_the_mask_are_left_out():
    images, count = torch.rand(2, 1, 4, 4, 6), []
    mask = torch.zeros(1, 1, 4, 4, 6)
    mask[..., 3] = 1
    found = SliceInferer(2, sw_batch_size=50)(lambda windows: count.append(len(windows)) or windows, images, mask)
    torch.testing.assert_close(found[..., 3], images[..., 3])
    assert found[..., 2].abs().max() == 0
    assert count == [3]


def test_several_outputs_are_put_together_each():
    image = torch.rand(1, 1, 4, 4, 6)
    one, two = SliceInferer(0)(lambda windows: (windows, -windows), image)
    torch.testing.assert_close(one, -two)
    assert one.shape == image.shape


@pytest.mark.parametrize(("axis", "shape"), [(3, (1, 1, 4, 4, 4)), (-1, (1, 1, 4, 4, 4)), (0, (1, 1, 4))])
def test_an_axis_that_isnt_there_is_told(axis, shape):
    with pytest.raises(ValueError, match=f"spatial_dim {axis} can't be cut across in images"):
        SliceInferer(axis)(lambda windows: windows, torch.zeros(shape))
