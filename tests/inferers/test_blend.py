import itertools

import pytest
import torch
from inferers.tiny import Remembering

from bundlert.inferers.blend import Blend, MisalignedError, Weighting, alignment
from bundlert.inferers.windows import importance, layout_of
from bundlert.progress import shown_by

CPU = torch.device("cpu")
WEIGHTING = Weighting("gaussian", 0.2, None, cached=False)


def added(layout, window, *, weighting=WEIGHTING):
    """Random results of windows of a size, blended; and the same added one by one in float64."""
    chance = torch.Generator().manual_seed(0)
    scale = [out / width for out, width in zip(window, layout.roi, strict=True)]
    size = [round(length * factor) for length, factor in zip(layout.padded, scale, strict=True)]
    sums, weights = torch.zeros(2, *size, dtype=torch.float64), torch.zeros(size, dtype=torch.float64)
    weight = importance(window, weighting.mode, weighting.sigma_scale).double()
    blend = Blend(1, torch.zeros(1, 2, *window), layout, weighting, CPU)
    for corner in itertools.product(*layout.starts):
        scores = torch.randn(2, *window, generator=chance)
        place = tuple(
            slice(round(at * factor), round(at * factor) + width)
            for at, factor, width in zip(corner, scale, window, strict=True)
        )
        sums[(slice(None), *place)] += scores * weight
        weights[place] += weight
        blend.add(0, corner, blend.placed(scores[None])[0])
    return blend.finished()[0], (sums / weights).float()


@pytest.mark.parametrize("window", [(8, 6), (4, 3), (16, 12), (4, 6)])
@pytest.mark.parametrize("cached", [False, True])
def test_an_output_is_the_weighted_mean_at_its_own_resolution(window, cached):
    layout = layout_of((18, 15), (8, 6), (0.5, 0.5), (2, 2))
    for _ in range(2):  # the second time from the cache
        found, expected = added(layout, window, weighting=Weighting("gaussian", 0.2, None, cached))
        torch.testing.assert_close(found, expected[:, : found.shape[1], : found.shape[2]], atol=1e-5, rtol=1e-5)
    assert found.shape[1:] == tuple(
        -(-size * out // roi) for size, out, roi in zip((18, 15), window, (8, 6), strict=True)
    )


def test_long_images_are_divided_plane_by_plane(monkeypatch):
    monkeypatch.setattr("bundlert.inferers.blend._VALUES_AT_ONCE", 20)
    found, expected = added(layout_of((13, 9), (4, 4), (0.25, 0.25), (1, 1)), (4, 4))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_padding_is_cut_off():
    layout = layout_of((3, 4), (8, 4), (0.0, 0.0), (2, 2))
    assert layout.before == (2, 0)
    blend = Blend(1, torch.zeros(1, 1, 4, 2), layout, Weighting("constant", 0.1, None, False), CPU)
    blend.add(0, (0, 0), torch.arange(8.0).view(1, 4, 2))
    assert blend.finished().tolist() == [[[[2, 3], [4, 5]]]]


@pytest.mark.parametrize(
    ("dtype", "kept"), [("float16", "float32"), ("bfloat16", "float32"), ("float64", "float64"), ("int64", "float32")]
)
def test_the_sum_is_kept_in_float32_at_least(dtype, kept):
    scores = torch.ones(1, 1, 4).to(getattr(torch, dtype))
    blend = Blend(1, scores, layout_of((4,), (4,), (0.0,), (1,)), Weighting("constant", 0.1, None, False), CPU)
    blend.add(0, (0,), blend.placed(scores)[0])
    assert blend.finished().dtype is getattr(torch, kept)


@pytest.mark.parametrize(
    ("windows", "steps"), [([(8, 6)], (1, 1)), ([(4, 3), (2, 6)], (4, 2)), ([(16, 6)], (1, 1)), ([(6, 4)], (4, 3))]
)
def test_coarse_outputs_say_what_windows_must_begin_at(windows, steps):
    layout = layout_of((18, 15), (8, 6), (0.5, 0.5), (1, 1))
    assert alignment([torch.zeros(1, 2, *window) for window in windows], layout) == steps


def test_an_output_without_the_axes_of_the_image_is_told():
    with pytest.raises(ValueError, match=r"a network must give \[B, K, X, Y\] for a window, got \(1, 2\)"):
        alignment([torch.zeros(1, 2)], layout_of((8, 8), (4, 4), (0.0, 0.0), (1, 1)))


def test_misaligned_windows_carry_what_they_must_begin_at():
    assert str(MisalignedError((2, 4))) == "windows must begin at multiples of (2, 4) voxels"


def test_a_result_that_doesnt_fit_beside_the_images_is_kept_on_the_cpu(monkeypatch):
    zeros = torch.zeros

    def full(*arguments, **options):
        if options.get("device") == torch.device("meta"):
            raise torch.OutOfMemoryError("full")
        return zeros(*arguments, **options)

    monkeypatch.setattr(torch, "zeros", full)
    layout, display = layout_of((4,), (4,), (0.0,), (1,)), Remembering()
    with shown_by(display):
        blend = Blend(1, zeros(1, 2, 4), layout, Weighting("constant", 0.1, None, False), torch.device("meta"))
    assert blend.placed(zeros(1)).device == CPU
    assert display.said == ["the result, [1, 2, 4], doesn't fit on meta: it is kept on the CPU"]
    with pytest.raises(torch.OutOfMemoryError):  # who names a device gets it or nothing
        Blend(1, zeros(1, 2, 4), layout, Weighting("constant", 0.1, torch.device("meta"), False), CPU)
