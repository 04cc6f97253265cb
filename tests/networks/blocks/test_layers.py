import numpy as np
import pytest
import torch
from torch import nn

from bundlert.networks.blocks.layers import CONVOLUTIONS, DROPOUTS, TRANSPOSED, make_activation, make_norm


def norm_by_numpy(x, axes):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize(("name", "over"), [("INSTANCE", ()), ("BATCH", (0,))])
def test_a_norm_makes_mean_0_and_deviation_1(name, over, dims):
    x = torch.randn(3, 4, *[5, 6, 7][:dims], dtype=torch.double) * 3 + 2
    found = make_norm(name, dims, 4).double()(x).detach()
    np.testing.assert_allclose(found, norm_by_numpy(x.numpy(), (*over, *range(2, dims + 2))), atol=1e-12)


def test_a_group_norm_takes_channels_in_groups():
    x = torch.randn(2, 6, 5, dtype=torch.double)
    found = make_norm(("group", {"num_groups": 2}), 1, 6).double()(x).detach()
    np.testing.assert_allclose(found, norm_by_numpy(x.view(2, 2, 15).numpy(), (2,)).reshape(2, 6, 5), atol=1e-12)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("ELU", lambda x: np.where(x > 0, x, np.exp(x) - 1)),
        ("LEAKYRELU", lambda x: np.where(x > 0, x, 0.01 * x)),
        (["LEAKYRELU", {"negative_slope": 0.2}], lambda x: np.where(x > 0, x, 0.2 * x)),
        ("prelu", lambda x: np.where(x > 0, x, 0.25 * x)),
        ("Relu", lambda x: np.maximum(x, 0)),
        ("SIGMOID", lambda x: 1 / (1 + np.exp(-x))),
        ("SWISH", lambda x: x / (1 + np.exp(-x))),
        ("TANH", np.tanh),
    ],
)
def test_an_activation_is_the_function_of_its_name(act, expected):
    x = torch.linspace(-3, 3, 13, dtype=torch.double)
    np.testing.assert_allclose(make_activation(act).double()(x).detach(), expected(x.numpy()), atol=1e-7)


def test_layers_have_as_many_dimensions_as_asked():
    for kinds, name in ((CONVOLUTIONS, "Conv"), (TRANSPOSED, "ConvTranspose")):
        assert {dims: kind.__name__ for dims, kind in kinds.items()} == {dims: f"{name}{dims}d" for dims in (1, 2, 3)}
    assert [DROPOUTS[dims] for dims in (1, 2, 3)] == [nn.Dropout, nn.Dropout2d, nn.Dropout3d]


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ValueError, match=r"norm must be one of BATCH, GROUP, INSTANCE, got 'INSTANC': did you mean"):
        make_norm("instanc", 2, 4)
    with pytest.raises(ValueError, match=r"act must be one of ELU, GELU, .*, TANH, got 'XYZ'$"):
        make_activation("xyz")
