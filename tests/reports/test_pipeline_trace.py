import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.images.writing import write_image
from bundlert.reports.pipeline_trace import Seen, trace
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.random_spatial import RandSpatialCropSamples
from bundlert.transforms.intensity.scale import ScaleIntensity
from bundlert.transforms.load import LoadImage
from bundlert.transforms.spatial.orientation import Orientation
from bundlert.transforms.spatial.spacing import Spacing


@pytest.fixture
def file(tmp_path):
    voxels = torch.arange(6 * 5 * 4, dtype=torch.int16).reshape(1, 6, 5, 4)
    write_image(Image(voxels, Grid((6, 5, 4), np.diag([-1, 1, 2, 1.0]))), tmp_path / "ct.nii.gz", "int16")
    return {"image": tmp_path / "ct.nii.gz"}


def test_each_step_tells_of_the_image_that_it_gives(file):
    steps = [LoadImage("image"), Orientation("image"), Spacing("image", 1.0), ScaleIntensity("image")]
    seen = trace(Compose(steps), file)
    loaded, turned, spaced, scaled = (one.images["image"] for one in seen.steps)
    assert loaded == Seen((6, 5, 4), 1, (1, 1, 2), "LAS", "int16", 240, pending=False, resampled=False)
    assert turned == loaded._replace(axcodes="RAS", pending=True)
    assert spaced == turned._replace(shape=(6, 5, 7), spacing=(1, 1, 1))
    assert scaled == Seen((6, 5, 7), 1, (1, 1, 1), "RAS", "float32", 840, pending=False, resampled=True)
    assert seen.end.images == {}
    assert seen.time_ms == sum(one.time_ms for one in (*seen.steps, seen.end))


def test_what_still_waits_is_done_at_the_end(file):
    seen = trace(Compose([LoadImage("image"), Spacing("image", 1.0)]), file)
    assert seen.steps[-1].images["image"].size_bytes == 240
    assert seen.end.images["image"] == Seen((6, 5, 7), 1, (1, 1, 1), "LAS", "float32", 840, False, True)


def test_several_samples_are_counted_and_the_first_is_told_of(file):
    seen = trace(Compose([LoadImage("image"), RandSpatialCropSamples("image", 2, 3)]), file)
    assert [one.samples for one in seen.steps] == [1, 3]
    assert seen.steps[-1].images["image"].shape == (2, 2, 2)


def test_what_is_missing_is_told(file):
    with pytest.raises(DataError, match="the sample has no 'label'"):
        trace(Compose([LoadImage(["image", "label"])]), file)
