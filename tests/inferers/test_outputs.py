import pytest
import torch

from bundlert.inferers.outputs import changed, parts_of, put_together, shape_of

OUTPUTS = [
    torch.ones(1),
    (torch.ones(1), torch.ones(2)),
    [torch.ones(1)],
    {"a": torch.ones(1), "b": [torch.ones(2), (torch.ones(3),)]},
]


def structure(output):
    if isinstance(output, torch.Tensor):
        return output.numel()
    if isinstance(output, dict):
        return {key: structure(one) for key, one in output.items()}
    return type(output)(structure(one) for one in output)


@pytest.mark.parametrize("output", OUTPUTS)
def test_what_was_taken_apart_is_put_together_again(output):
    again = put_together(shape_of(output), parts_of(output))
    assert structure(again) == structure(output)
    assert [part.sum() for part in parts_of(again)] == [part.sum() for part in parts_of(output)]


def test_the_shape_holds_no_values():
    assert [part.numel() for part in parts_of(shape_of(OUTPUTS[-1]))] == [0, 0, 0]


def test_each_tensor_is_changed():
    assert [part.tolist() for part in changed((torch.ones(1), torch.ones(2)), lambda part: part * 3)] == [[3], [3, 3]]


def test_something_else_is_told():
    with pytest.raises(TypeError, match=r"a network must give tensors, or tuples, .* got float"):
        parts_of([torch.ones(1), 3.0])
