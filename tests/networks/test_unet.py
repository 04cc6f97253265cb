import pytest
import torch

from bundlert.networks.unet import UNet

PUBLISHED = [
    # channels, in, out, norm, parameters (the published counts of the residual U-Net with 2 units a level)
    ((16, 32, 64, 128, 256), 1, 2, "BATCH", 4_808_917),
    ((32, 64, 128, 256, 512), 1, 2, "BATCH", 19_221_797),
    ((64, 128, 256, 512, 1024), 1, 2, "BATCH", 76_859_845),
    ((16, 32, 64, 128, 256), 1, 1, "INSTANCE", 4_805_534),
    ((16, 32, 64, 128, 256), 4, 3, "INSTANCE", 4_810_074),
]


def make(dims=2, into=1, out=2, channels=(4, 8, 8), strides=(2, 2), **options):
    return UNet(dims, into, out, channels, strides, **options)


@pytest.mark.parametrize(("channels", "into", "out", "norm", "count"), PUBLISHED)
def test_parameters_are_as_many_as_published(channels, into, out, norm, count):
    with torch.device("meta"):  # shapes only
        network = make(3, into, out, channels, (2, 2, 2, 2), num_res_units=2, norm=norm)
    assert sum(parameter.numel() for parameter in network.parameters()) == count


@pytest.mark.parametrize("units", [0, 1, 2])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_size_stays(dims, units):
    network = make(dims, into=3, out=5, num_res_units=units).eval()
    assert network(torch.zeros(2, 3, *[8, 12, 16][:dims])).shape == (2, 5, *[8, 12, 16][:dims])


def test_strides_may_differ():
    network = make(2, channels=(2, 4, 6, 8), strides=(2, 1, 3), num_res_units=2).eval()
    assert network(torch.zeros(1, 1, 12, 18)).shape == (1, 2, 12, 18)


def test_every_parameter_has_a_gradient():
    network = make(3, num_res_units=2, norm="BATCH")
    network(torch.randn(2, 1, 8, 8, 8)).square().mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("norm", ["batch", "INSTANCE", ["GROUP", {"num_groups": 2}]])
@pytest.mark.parametrize("act", ["relu", ("LEAKYRELU", {"negative_slope": 0.1})])
def test_norm_and_activation_are_found_by_name(norm, act):
    assert make(norm=norm, act=act, dropout=0.1)(torch.zeros(1, 1, 8, 8)).shape == (1, 2, 8, 8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dims": 4}, "spatial_dims must be 1, 2 or 3, got 4"),
        ({"strides": (2,)}, r"strides must be one less than channels \(3\), got \[2\]"),
        ({"channels": (4,), "strides": ()}, r"channels must have at least 2 levels, got \[4\]"),
        ({"norm": "BACH"}, r"norm must be one of BATCH, GROUP, INSTANCE, got 'BACH': did you mean 'BATCH'\?"),
        ({"act": "RELLU"}, r"act must be one of .*, got 'RELLU': did you mean 'RELU'\?"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


def test_a_wrong_input_is_told_with_its_shape():
    with pytest.raises(ValueError, match=r"UNet: the input must be \[B, 1, X, Y\], got \(2, 3, 8, 8\)"):
        make()(torch.zeros(2, 3, 8, 8))
    with pytest.raises(ValueError, match=r"UNet: sizes must be multiples of 4, got \(8, 10\)"):
        make()(torch.zeros(1, 1, 8, 10))
