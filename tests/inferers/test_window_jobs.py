import pytest
import torch

from bundlert.inferers.window_jobs import Job, checked_mask, gathered, groups_of, window_jobs
from bundlert.inferers.windows import layout_of

LAYOUT = layout_of((8,), (4,), (0.0,), (1,))  # windows at 0 and 4


def test_each_window_is_a_job_of_its_own():
    jobs = window_jobs(torch.zeros(2, 1, 8), LAYOUT, mask=None, skip_constant=False)
    assert jobs == [Job(place, [place]) for place in [(0, (0,)), (0, (4,)), (1, (0,)), (1, (4,))]]


def test_constant_windows_are_one_job_for_each_value_of_all_channels():
    images = torch.zeros(3, 2, 8)
    images[1, 1] = 7
    images[2, 0, :4] = torch.arange(4)
    jobs = window_jobs(images, LAYOUT, mask=None, skip_constant=True)
    assert [job.places for job in jobs] == [
        [(0, (0,)), (0, (4,)), (2, (4,))],
        [(1, (0,)), (1, (4,))],
        [(2, (0,))],
    ]


def test_a_window_that_varies_between_the_voxels_looked_at_first_is_not_constant():
    layout = layout_of((64,), (32,), (0.0,), (1,))
    images = torch.zeros(1, 1, 64)
    images[0, 0, 5] = 1
    assert len(window_jobs(images, layout, mask=None, skip_constant=True)) == 2


def test_windows_of_nan_are_not_taken_for_constant():
    assert len(window_jobs(torch.full((1, 1, 8), torch.nan), LAYOUT, mask=None, skip_constant=True)) == 2


def test_windows_outside_of_the_mask_are_one_job_without_a_source():
    mask = torch.zeros(2, 8, dtype=torch.bool)
    mask[1, 5] = True
    jobs = window_jobs(torch.rand(2, 1, 8), LAYOUT, mask=mask, skip_constant=False)
    assert jobs == [Job(None, [(0, (0,)), (0, (4,)), (1, (0,))]), Job((1, (4,)), [(1, (4,))])]


@pytest.mark.parametrize(
    ("count", "most", "sizes"),
    [(8, 3, [3, 3, 2]), (9, 4, [3, 3, 3]), (5, 4, [3, 2]), (18, 4, [4, 4, 4, 3, 3]), (1, 4, [1]), (3, 8, [3])],
)
def test_groups_are_as_even_as_can_be(count, most, sizes):
    jobs = [Job((number, ()), []) for number in range(count)]
    groups = groups_of(jobs, most)
    assert [len(group) for group in groups] == sizes
    assert [job for group in groups for job in group] == jobs


def test_windows_are_copied_and_masked_ones_filled():
    images, into = torch.arange(16.0).view(2, 1, 8), torch.empty(3, 1, 4)
    found = gathered(images, LAYOUT, [Job((1, (4,)), []), Job(None, [])], into, -1)
    assert found.tolist() == [[[12, 13, 14, 15]], [[-1, -1, -1, -1]]]
    assert found.data_ptr() == into.data_ptr()


def test_one_mask_may_serve_all_images():
    mask = torch.tensor([0, 2, 0])[None, None]
    assert checked_mask(mask, torch.zeros(2, 4, 3)).tolist() == [[False, True, False]] * 2


@pytest.mark.parametrize("shape", [(1, 3), (3, 1, 3), (2, 4, 3), (1, 1, 4)])
def test_a_mask_of_another_shape_is_told(shape):
    with pytest.raises(ValueError, match=r"roi_mask must be \[2 or 1, 1, 3\], got \("):
        checked_mask(torch.zeros(shape), torch.zeros(2, 4, 3))
