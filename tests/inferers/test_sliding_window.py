import itertools
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from inferers.tiny import Remembering, Two, conv_network, needs_gpu
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from bundlert.inferers.simple import SimpleInferer
from bundlert.inferers.sliding_window import SlidingWindowInferer
from bundlert.inferers.windows import importance, window_starts
from bundlert.progress import shown_by


class Seen:
    """A network that gives its windows back, and remembers what it was given."""

    def __init__(self, change=lambda windows: windows):
        self.change, self.sizes, self.strides = change, [], []

    def __call__(self, windows):
        self.sizes.append(len(windows))
        self.strides.append(windows.stride())
        return self.change(windows)


def brute_force(network, images, roi, overlap, mode):
    """Each window for itself, voxel sums in float64."""
    weight = importance(roi, mode, 0.125).double()
    sums = None
    for x, y in itertools.product(*window_starts(tuple(images.shape[2:]), roi, overlap)):
        place = (slice(None), slice(None), slice(x, x + roi[0]), slice(y, y + roi[1]))
        scores = network(images[place]).double()
        if sums is None:
            sums = torch.zeros(images.shape[0], scores.shape[1], *images.shape[2:]).double()
            weights = torch.zeros(images.shape[2:]).double()
        sums[place] += scores * weight
        weights[place[2:]] += weight
    return (sums / weights).float()


# ---- the blend


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_identity_gives_the_image_back(data):
    size = data.draw(st.lists(st.integers(1, 14), min_size=1, max_size=3), label="size")
    roi = [data.draw(st.integers(1, 16), label="roi") for _ in size]
    overlap = data.draw(st.floats(0, 0.9) | st.lists(st.floats(0, 0.9), min_size=len(size), max_size=len(size)))
    mode, batch = data.draw(st.sampled_from(["constant", "gaussian"])), data.draw(st.integers(1, 9))
    images = torch.rand(data.draw(st.integers(1, 3)), 2, *size)
    found = SlidingWindowInferer(roi, batch, overlap, mode)(lambda windows: windows, images)
    torch.testing.assert_close(found, images, atol=1e-6, rtol=0)


@pytest.mark.parametrize("mode", ["constant", "gaussian"])
@pytest.mark.parametrize("batch", [1, 3, 4, 100])
def test_the_blend_is_the_weighted_mean_of_all_windows_that_cover_a_voxel(mode, batch):
    images = torch.rand(2, 1, 9, 7)
    network = lambda windows: torch.cat([windows.cumsum(dim=2), windows.cumsum(dim=3)], dim=1)  # noqa: E731
    found = SlidingWindowInferer((4, 3), batch, 0.5, mode)(network, images)
    torch.testing.assert_close(found, brute_force(network, images, (4, 3), 0.5, mode), atol=1e-6, rtol=1e-6)


def test_a_network_of_convolutions_gives_what_it_gives_window_by_window():
    network, images = conv_network(dims=2), torch.rand(2, 1, 20, 17)
    with torch.inference_mode():
        found = SlidingWindowInferer((8, 8), 4, 0.25, "gaussian")(network, images)
        expected = brute_force(network, images, (8, 8), 0.25, "gaussian")
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_a_network_may_give_other_channels():
    result = SlidingWindowInferer((4, 4))(lambda windows: windows.repeat(1, 5, 1, 1), torch.rand(1, 1, 6, 6))
    assert result.shape == (1, 5, 6, 6)


def test_the_weights_sum_may_be_kept():
    image = torch.rand(1, 1, 9, 8)
    plain, keeping = (
        SlidingWindowInferer((4, 4), mode="gaussian", cache_roi_weight_map=kept) for kept in (False, True)
    )
    for _ in range(2):
        network = lambda windows: windows.cumsum(dim=2)  # noqa: E731
        torch.testing.assert_close(keeping(network, image), plain(network, image))


def test_gradients_flow_through_all_windows():
    images = torch.rand(2, 1, 9, 7, requires_grad=True)
    weight = torch.tensor(2.0, requires_grad=True)
    inferer = SlidingWindowInferer((4, 3), 2, 0.5, "gaussian")
    inferer(lambda windows: windows.square() * weight, images).sum().backward()
    torch.testing.assert_close(images.grad, 4 * images.detach(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(weight.grad, images.detach().square().sum())


# ---- groups


def test_windows_of_several_images_share_even_groups():
    network = Seen()
    SlidingWindowInferer((4, 4), sw_batch_size=3, overlap=0)(network, torch.rand(2, 1, 8, 8))
    assert network.sizes == [3, 3, 2]


def test_volume_windows_are_never_run_alone_on_a_cpu():
    network, image = Seen(), torch.rand(1, 1, 4, 4, 12)
    inferer = SlidingWindowInferer((4, 4, 4), sw_batch_size=1, overlap=0)
    torch.testing.assert_close(inferer(network, image), image)
    assert network.sizes == [2, 2]  # 3 windows: the third is given twice
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inferer(network, image)
    assert network.sizes[2:] == [1, 1, 1]  # in half precision there is nothing to be won


@pytest.mark.parametrize(("wanted", "last"), [(None, True), (True, True), (False, False)])
def test_windows_have_the_channel_last_in_memory_where_there_are_convolutions(wanted, last):
    strides = []
    network = conv_network()
    network.register_forward_pre_hook(lambda _module, given: strides.append(given[0].stride()))
    SlidingWindowInferer((4, 4, 4), 2, channels_last=wanted)(network, torch.rand(1, 1, 4, 4, 6))
    assert strides[0][1] == (1 if last else 64)


def test_windows_of_any_other_function_are_as_ever():
    network = Seen()
    SlidingWindowInferer((4, 4, 4), 2)(network, torch.rand(1, 2, 4, 4, 6))
    assert network.strides == [(128, 64, 16, 4, 1)]


# ---- several outputs


@pytest.mark.parametrize("size", [(8, 12, 16), (9, 11, 14)])
def test_outputs_are_blended_each_at_its_own_resolution(size):
    images = torch.rand(2, 1, *size)

    def network(windows):
        halves = [functional.avg_pool3d(windows, 2), functional.avg_pool3d(windows, 4)]
        return {"whole": windows, "deep": halves, "fine": (functional.interpolate(windows, scale_factor=2.0),)}

    found = SlidingWindowInferer((8, 8, 8), 3, 0.3, "gaussian")(network, images)
    assert list(found) == ["whole", "deep", "fine"]
    whole, (half, quarter), (fine,) = found.values()
    torch.testing.assert_close(whole, images, atol=1e-6, rtol=0)
    torch.testing.assert_close(fine, functional.interpolate(images, scale_factor=2.0), atol=1e-6, rtol=0)
    for coarse, factor in ((half, 2), (quarter, 4)):
        assert coarse.shape[2:] == tuple(-(-length // factor) for length in size)
        inner = functional.avg_pool3d(images, factor)  # without the voxels that padding takes part in
        cut = tuple(slice(0, length) for length in inner.shape)
        torch.testing.assert_close(coarse[cut], inner, atol=1e-6, rtol=1e-6)


def test_a_tuple_stays_a_tuple():
    found = SlidingWindowInferer((4,))(lambda windows: (windows, -windows), torch.rand(1, 1, 9))
    assert isinstance(found, tuple)
    torch.testing.assert_close(found[0], -found[1])


# ---- empty windows


def test_constant_windows_are_computed_once_for_each_value_and_give_the_same():
    images = torch.zeros(2, 1, 20, 20)
    images[0, 0, :7, :7] = torch.rand(7, 7)
    images[1, 0, 10:] = 3
    change = lambda windows: windows.cumsum(2) + 1  # noqa: E731
    plain, skipping = Seen(change), Seen(change)
    expected = SlidingWindowInferer((5, 5), 4, 0, "gaussian")(plain, images)
    found = SlidingWindowInferer((5, 5), 4, 0, "gaussian", skip_constant=True)(skipping, images)
    torch.testing.assert_close(found, expected)
    assert (sum(plain.sizes), sum(skipping.sizes)) == (32, 6)


@pytest.mark.parametrize("by", ["threshold", "function", "call"])
def test_voxels_of_the_mask_get_what_they_get_without_it_and_the_rest_one_answer(by):
    images = torch.zeros(2, 1, 20, 20)
    images[0, 0, 2:6, 3:9] = torch.rand(4, 6) + 0.1
    images[1, 0, 12, 12] = 1
    mask = images > 0
    option = {"threshold": 0.0, "function": lambda given: given > 0, "call": None}[by]
    plain, masked = (Seen(lambda windows: windows.cumsum(2) + 1) for _ in range(2))
    expected = SlidingWindowInferer((5, 5), 4, 0.4, "gaussian")(plain, images)
    inferer = SlidingWindowInferer((5, 5), 4, 0.4, "gaussian", roi_mask=option, cval=2.0)
    found = inferer(masked, images, *([mask] if by == "call" else []))
    torch.testing.assert_close(found[mask], expected[mask])
    answer = torch.tensor([7.0, 9, 11])[:, None].expand(3, 3)  # the end of a window filled with 2
    torch.testing.assert_close(found[0, 0, 17:, 17:], answer)
    assert sum(masked.sizes) < sum(plain.sizes) / 2


def test_a_mask_of_an_image_that_is_padded_is_padded_too():
    image = torch.rand(1, 1, 3, 9)
    inferer = SlidingWindowInferer((4, 4), roi_mask=torch.ones_like)
    torch.testing.assert_close(inferer(lambda windows: windows, image), image)


# ---- padding


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_small_images_are_padded_as_torch_pads(mode):
    images, seen = torch.rand(1, 1, 4, 9), []
    SlidingWindowInferer((6, 9), padding_mode=mode, cval=7)(lambda given: seen.append(given.clone()) or given, images)
    value = {"value": 7} if mode == "constant" else {}
    torch.testing.assert_close(seen[0], functional.pad(images, (0, 0, 1, 1), mode=mode, **value))


@pytest.mark.parametrize("whole", [None, 0, -1])
def test_a_window_may_be_the_whole_axis(whole):
    seen = []
    SlidingWindowInferer((4, whole))(lambda windows: seen.append(windows.shape) or windows, torch.rand(1, 1, 8, 9))
    assert seen[0][2:] == (4, 9)


def test_one_number_stands_for_all_axes():
    seen = []
    SlidingWindowInferer(4)(lambda windows: seen.append(windows.shape) or windows, torch.rand(1, 1, 8, 9, 10))
    assert seen[0][2:] == (4, 4, 4)


# ---- where, in what, and what is told


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_is_near_and_the_result_is_float32(precision):
    network, image = conv_network(), torch.rand(1, 1, 8, 8, 12)
    with torch.inference_mode():
        half = SlidingWindowInferer((8, 8, 8), 2, precision=precision)(network, image)
        whole = SlidingWindowInferer((8, 8, 8), 2)(network, image)
    assert half.dtype is torch.float32
    assert 0 < (half - whole).abs().max() < 0.02


def test_fp32_overrules_autocast_and_no_precision_follows_it():
    network, image = conv_network(), torch.rand(1, 1, 8, 8, 12)
    plain = SlidingWindowInferer((8, 8, 8), 2)(network, image)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(SlidingWindowInferer((8, 8, 8), 2, precision="fp32")(network, image), plain)
        assert not torch.equal(SlidingWindowInferer((8, 8, 8), 2)(network, image), plain)


def test_devices_are_taken_by_name():
    inferer = SlidingWindowInferer((4, 4), sw_device="cpu", device="cpu", cpu_thresh=3)
    image = torch.rand(1, 1, 8, 8)
    torch.testing.assert_close(inferer(lambda windows: windows, image), image)


@needs_gpu
@pytest.mark.parametrize(("sw_device", "device"), [("cuda", "cpu"), ("cuda", None), ("cuda", "cuda"), (None, None)])
def test_windows_and_result_may_be_on_other_devices(sw_device, device):
    network, image = conv_network().cuda(), torch.rand(2, 1, 12, 9, 17)
    given = image if sw_device else image.cuda()
    with torch.inference_mode():
        found = SlidingWindowInferer((8, 8, 8), 3, 0.5, sw_device=sw_device, device=device)(network, given)
        expected = SlidingWindowInferer((8, 8, 8), 3, 0.5)(network.cpu(), image)
    assert found.device.type == (device or given.device.type)
    torch.testing.assert_close(found.cpu(), expected, atol=1e-3, rtol=1e-3)


@needs_gpu
def test_large_images_are_put_together_on_the_cpu():
    inferer = SlidingWindowInferer((4, 4), cpu_thresh=50)
    for size, device in ((8, "cpu"), (7, "cuda")):
        assert inferer(lambda windows: windows, torch.rand(1, 1, size, size).cuda()).device.type == device


def test_progress_is_told_if_it_is_wanted():
    display, image = Remembering(), torch.rand(1, 1, 8, 8)
    with shown_by(display):
        SlidingWindowInferer((4, 4), overlap=0, progress=True)(lambda windows: windows, image)
        SlidingWindowInferer((4, 4), overlap=0)(lambda windows: windows, image)
    assert display.tasks == [("windows", 4, "window")]


# ---- memory


class Live(TorchDispatchMode):
    """The most bytes of tensors that were alive at once."""

    def __init__(self):
        super().__init__()
        self.owners, self.bytes, self.most = {}, 0, 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        if isinstance(found, torch.Tensor):
            storage = found.untyped_storage()
            place, size = storage.data_ptr(), storage.nbytes()
            if place not in self.owners:
                self.owners[place] = 0
                self.bytes += size
                self.most = max(self.most, self.bytes)
            self.owners[place] += 1
            weakref.finalize(found, self.let_go, place, size)
        return found

    def let_go(self, place, size):
        self.owners[place] -= 1
        if not self.owners[place]:
            del self.owners[place]
            self.bytes -= size


def test_memory_is_that_of_the_result_and_of_the_windows():
    image, roi, batch, classes = torch.rand(1, 1, 80, 80, 60), 48, 4, 2
    inferer = SlidingWindowInferer((roi,) * 3, batch, 0.25, "gaussian")
    importance.cache_clear()
    with torch.inference_mode(), Live() as live:
        inferer(lambda windows: torch.zeros(len(windows), classes, roi, roi, roi), image)
    result = classes * image.numel() * 4
    windows = (1 + classes) * batch * roi**3 * 4
    assert result + windows < live.most < 1.3 * (result + windows)


# ---- mistakes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlap": 1.0}, "overlap must be >= 0 and < 1, got 1.0"),
        ({"overlap": [0.5, -1]}, r"overlap must be >= 0 and < 1, got \[0.5, -1\]"),
        ({"mode": "gauss"}, "mode must be one of constant, gaussian, got 'gauss'"),
        ({"padding_mode": "zero"}, "padding_mode must be one of"),
        ({"sw_batch_size": 0}, "sw_batch_size must be >= 1, got 0"),
        ({"backend": "tensorrt"}, "backend must be one of auto, eager, .* got 'tensorrt'"),
        ({"precision": "fp8"}, "precision must be one of fp32, bf16, fp16, got 'fp8'"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        SlidingWindowInferer((4, 4), **options)


def test_a_window_of_other_dimensions_is_told():
    with pytest.raises(ValueError, match=r"roi_size must have 3 values, got \(4, 4\)"):
        SlidingWindowInferer((4, 4))(lambda windows: windows, torch.zeros(1, 1, 4, 4, 4))


def test_no_images_are_told():
    with pytest.raises(ValueError, match=r"images must have at least one item, got \(0, 1, 4, 4\)"):
        SlidingWindowInferer((4, 4))(lambda windows: windows, torch.zeros(0, 1, 4, 4))


def test_the_simple_inferer_is_the_network():
    image = torch.rand(1, 1, 4)
    assert SimpleInferer()(torch.nn.Identity(), image) is image


def test_a_network_with_two_outputs_is_blended_as_each_alone():
    network, images = Two().eval(), torch.rand(1, 1, 8, 8, 12)
    inferer = SlidingWindowInferer((8, 8, 8), 2, 0.5, "gaussian")
    with torch.inference_mode():
        found = inferer(network, images)
        scores = inferer(lambda windows: network(windows)["scores"], images)
    torch.testing.assert_close(found["scores"], scores, atol=1e-5, rtol=1e-5)
    assert found["deep"][0].shape == (1, 3, 4, 4, 6)
