import os
from pathlib import Path

import numpy as np
import pytest
import torch

from bundlert.errors import DataError
from bundlert.images.image import Image
from bundlert.reports.gallery_samples import LINE, NO_LINE, imaged, samples_of


@pytest.fixture(scope="module")
def samples():
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("BUNDLERT_TEST_DATA names no folder")
    return samples_of(Path(folder))


def test_images_lie_as_radiologists_look_at_them(samples):
    ct, spleen = samples["ct"]["image"], samples["ct"]["label"]
    assert ct.grid.axcodes == "LA"
    centre = spleen.data[0].nonzero().float().mean(dim=0)
    assert centre[0] > ct.shape[0] / 2  # the spleen is left in the patient, so at the right
    assert 50 < int(spleen.data.sum()) * 0.195**2 < 80  # square cm
    body = ct.data[0][spleen.data[0] > 0]
    assert 50 < float(body.mean()) < 150  # HU of a spleen with contrast


def test_each_sample_is_of_one_kind(samples):
    for name, sample in samples.items():
        assert all(isinstance(one, Image) and one.wanted is None for one in sample.values()), name
    lines = samples["ct_lines"]["image"].data[1]
    assert set(lines.unique().tolist()) == {NO_LINE, LINE}
    assert samples["organs"]["label"].data.unique().tolist() == [0, 1, 2, 3]
    assert not samples["back"]["image"].grid.same_as(samples["back"]["image_in_file"].grid)
    assert samples["back"]["image"].original.same_as(samples["back"]["image_in_file"].grid)


def test_an_array_becomes_an_image_with_square_pixels():
    image = imaged(np.arange(6).reshape(2, 3), 1.5)
    assert (image.shape, image.grid.spacing, image.grid.axcodes) == ((2, 3), (1.5, 1.5), "LA")
    assert torch.equal(image.data, torch.arange(6).reshape(1, 2, 3))
    assert imaged(np.zeros((2, 4, 5)), 1).data.shape == (2, 4, 5)


def test_data_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        samples_of(tmp_path)
